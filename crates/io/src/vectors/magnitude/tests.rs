//! Round trips, and bad input.

use crate::vectors::{WriteOptions, read_all, write_all};
use vectory_core::Vectors;

#[test]
fn vectors_and_names_come_back_to_the_seventh_digit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v.magnitude");
    let names: Vec<String> = (0..3000).map(|i| format!("word {i} é")).collect();
    let values: Vec<f32> = (0..3000 * 7).map(|i| ((i * 37 % 1001) as f32 - 500.0) / 123.0).collect();
    let rows = Vectors::from_slice(&values, 7).unwrap();
    write_all(&path, rows.view(), Some(&names), &WriteOptions::default()).unwrap();
    let back = read_all(&path).unwrap();
    assert_eq!(back.names.unwrap(), names);
    for (a, b) in back.rows.as_slice().iter().zip(&values) {
        assert!((f64::from(*a) - f64::from(*b)).abs() <= 5e-8 + f64::from(b.abs()) * 6e-8, "{a} {b}");
    }
}

#[test]
fn other_files_and_values_without_a_place_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v.magnitude");
    fs_err::write(&path, "not a database").unwrap();
    assert!(read_all(&path).unwrap_err().to_string().contains("v.magnitude"));
    let nan = Vectors::from_slice(&[1.0, f32::NAN], 2).unwrap();
    assert!(write_all(&path, nan.view(), None, &WriteOptions::default()).unwrap_err().to_string().contains("finite"));
    assert!(write_all(&path, Vectors::zeros(1, 3000).view(), None, &WriteOptions::default()).is_err());
    assert_eq!(fs_err::read(&path).unwrap(), b"not a database");
}
