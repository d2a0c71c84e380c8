//! What is written is read; damage is refused.

use super::record::{decode, encode, push_varint, varint};
use super::*;
use crate::stream::Output;
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

fn write(path: &Path, rows: &[Vec<Value>]) {
    let mut out = Output::create_patched(path).unwrap();
    out.write_all(&write::first_page()).unwrap();
    let mut t = TableWriter::new("t", "CREATE TABLE t(name TEXT, \"value\" INTEGER)", 2);
    rows.iter().for_each(|r| t.push(&mut out, r).unwrap());
    let (schema, next) = t.end(&mut out).unwrap();
    finish(out, &[schema], next - 1).unwrap();
}

fn read(path: &Path) -> Result<Vec<Vec<Value>>, SqliteError> {
    let mut db = Database::open(path)?;
    let table = db.tables()?.into_iter().find(|t| t.name == "t").unwrap();
    assert_eq!(table.columns(), ["name", "value"]);
    let (mut rows, mut out) = (Rows::new(&table), Vec::new());
    while let Some(row) = rows.next(&mut db)? {
        out.push(row);
    }
    Ok(out)
}

#[test]
fn tables_of_any_height_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    for n in [0usize, 1, 3, 5000] {
        let row = |i: usize| {
            vec![Value::Text(format!("row {i} {}", "x".repeat(i % 300))), Value::Int(i as i64 * 7_777_777 - 9)]
        };
        let rows: Vec<_> = (0..n).map(row).collect();
        write(&path, &rows);
        assert_eq!(read(&path).unwrap(), rows);
    }
    let bytes = fs_err::read(&path).unwrap();
    for cut in [0, 50, 100, 65536, bytes.len() / 2] {
        fs_err::write(&path, &bytes[..cut]).unwrap();
        assert!(read(&path).is_err(), "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn numbers_and_records_come_back(v in any::<u64>(), ints in proptest::collection::vec(any::<i64>(), 0..200), real in any::<f64>(), text in ".{0,300}") {
        let mut bytes = Vec::new();
        push_varint(&mut bytes, v);
        prop_assert_eq!(varint(&bytes, 0), Some((v, bytes.len())));
        let mut values: Vec<Value> = ints.into_iter().map(Value::Int).collect();
        values.extend([Value::Null, Value::Text(text), Value::Blob(vec![1, 2])]);
        if real.is_finite() {
            values.push(Value::Real(real));
        }
        prop_assert_eq!(decode(&encode(&values)), Some(values));
    }

    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
    }
}
