//! Bad files of vectors: one error that names file, place and what would be right; the target stays as it was.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use vectory_core::{Context, Vectors};
use vectory_io::vectors::{
    ConvertOptions, NonFinite, ReadOptions, WriteOptions, convert, create, read_all, read_all_with, write_all,
};

fn put(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    fs_err::write(&path, bytes).unwrap();
    path
}

fn error(path: &Path) -> String {
    read_all(path).map(|s| s.rows).expect_err("an error").to_string()
}

#[test]
fn text_errors_name_the_line() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text, want) in [
        ("a.vec", "2 3\na 1 2 3\nb 1 2\n", "line 3: "),
        ("b.vec", "2 2\na 1 2\n", "end: 1 rows, but the first line says 2"),
        ("c.vec", "1 2\na 1 2\nb 3 4\n", "line 3: a row behind the 1 rows"),
        ("d.vec", "a 1 2\n", "line 1: `a 1 2`, expected the number of rows"),
        ("e.glove", "a 1 2 3\nb 1 x 3\n", "line 2: value 1 is `x`, expected a number"),
        ("f.tsv", "1\t2\n3\n", "line 2: 1 values, expected 2"),
        ("g.tsv", "1\t2\n3\tfour\n", "line 2: value 1 is `four`"),
        ("h.vec", "", "expected the number of rows"),
        ("i.glove", "word\n", "expected a name and numbers"),
    ] {
        let e = error(&put(dir.path(), name, text));
        assert!(e.contains(name) && e.contains(want), "{e}");
    }
}

#[test]
fn binary_errors_name_the_row_or_header() {
    let dir = tempfile::tempdir().unwrap();
    let i32s = |v: &[i32]| v.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    for (name, bytes, want) in [
        ("a.fvecs", i32s(&[2, 0, 0, 3, 0, 0, 0]), "row 1: 3 values, expected 2 as in row 0"),
        ("b.fvecs", i32s(&[2, 0, 0, 2, 0]), "row 1: the file ends within the row"),
        ("c.fvecs", i32s(&[-5, 0]), "row 0: a length of -5"),
        ("d.fvecs", i32s(&[i32::MAX]), "row 0: a length of 2147483647"),
        ("e.ivecs", i32s(&[1, 16_777_217]), "row 0, column 0: the integer cannot be held exactly"),
        ("f.fbin", i32s(&[5, 2, 0, 0]), "5 rows of 2 f32 are 40 bytes, but 8 bytes follow"),
        ("g.fbin", i32s(&[1, 1, 0, 0]), "there is more in the file"),
        ("h.fbin", i32s(&[-1, -1]), "header: rows of 4294967295 values"),
        ("i.bin", b"9999999999 300\nx".to_vec(), "the file has 16: it is cut"),
        ("j.bin", i32s(&[1, 2, 3]), "expected a line with the number of rows"),
        ("k.npy", b"not numpy at all".to_vec(), "does not begin with"),
        ("l.npy", b"\x93NU".to_vec(), "ends within its header"),
        ("m.npz", b"PK nonsense".to_vec(), "not a readable .npz archive"),
        ("n.safetensors", vec![0xff; 100], "not a whole safetensors file"),
        ("o.parquet", vec![0; 100], "not a readable Parquet file"),
    ] {
        let e = error(&put(dir.path(), name, bytes));
        assert!(e.contains(name) && e.contains(want), "{e}");
    }
    let e = error(&put(dir.path(), "x.doc", "?"));
    assert!(e.contains("x.doc: the name does not tell the form; expected one of .npy"), "{e}");
    assert!(error(&dir.path().join("none.npy")).contains("none.npy"));
}

#[test]
fn cut_files_are_refused_in_every_form() {
    let dir = tempfile::tempdir().unwrap();
    let rows = Vectors::from_slice(&[0.5; 300], 3).unwrap();
    let names: Vec<String> = (0..100).map(|i| format!("w{i}")).collect();
    let forms = ["npy", "npy.zst", "npy.gz", "npz", "fvecs", "fbin", "safetensors", "parquet", "vec", "bin"];
    for form in forms {
        let path = dir.path().join(format!("v.{form}"));
        write_all(&path, rows.view(), Some(&names), &WriteOptions::default()).unwrap();
        let whole = fs_err::read(&path).unwrap();
        for cut in [whole.len() / 2 + 1, whole.len() - 5] {
            fs_err::write(&path, &whole[..cut]).unwrap();
            let e = error(&path);
            assert!(e.contains(&format!("v.{form}")), "{form} cut at {cut}: {e}");
        }
    }
}

#[test]
fn non_finite_values_are_kept_or_located() {
    let dir = tempfile::tempdir().unwrap();
    let rows = Vectors::from_slice(&[0.0, 1.0, 2.0, f32::NAN, 4.0, f32::INFINITY], 2).unwrap();
    let refuse = ReadOptions { non_finite: NonFinite::Refuse, ..Default::default() };
    for form in ["v.npy", "v.fvecs", "v.vec", "v.tsv", "v.safetensors", "v.parquet"] {
        let path = dir.path().join(form);
        write_all(&path, rows.view(), None, &WriteOptions::default()).unwrap();
        assert!(read_all(&path).unwrap().rows.row(1)[1].is_nan(), "{form}");
        let e = read_all_with(&path, &refuse).unwrap_err().to_string();
        assert!(e.contains("row 1, column 1: NaN"), "{form}: {e}");
    }
}

#[test]
fn failures_leave_the_old_target() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = Context::new(1, 1).unwrap();
    let from = put(dir.path(), "a.vec", "3 2\na 1 2\nb 300 4\nc 1\n");
    for form in
        ["o.npy", "o.npz", "o.bvecs", "o.fbin", "o.safetensors", "o.parquet", "o.txt", "o.tsv", "o.bin", "o.npy.zst"]
    {
        let to = put(dir.path(), form, "old");
        assert!(convert(&from, &to, &ConvertOptions::default(), &ctx).is_err(), "{form}");
        assert_eq!(fs_err::read(&to).unwrap(), b"old", "{form}");
    }
    assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 11, "nothing is left behind");
    ctx.cancel_flag().store(true, std::sync::atomic::Ordering::Relaxed);
    let good = put(dir.path(), "b.vec", "1 2\na 1 2\n");
    let e = convert(&good, &dir.path().join("o.npy"), &ConvertOptions::default(), &ctx).unwrap_err();
    assert_eq!(e.to_string(), "interrupted");
}

#[test]
fn values_that_do_not_fit_are_located() {
    let dir = tempfile::tempdir().unwrap();
    let rows = Vectors::from_slice(&[1.0, 2.0, 3.0, 4.5], 2).unwrap();
    let e =
        write_all(&dir.path().join("v.bvecs"), rows.view(), None, &WriteOptions::default()).unwrap_err().to_string();
    assert!(e.contains("v.bvecs: row 1, column 1: 4.5 is no u8"), "{e}");
    assert!(create(&dir.path().join("v.npy"), 0, &WriteOptions::default()).is_err());
    let announced = WriteOptions { rows: Some(5), ..Default::default() };
    let mut w = create(&dir.path().join("v.vec"), 2, &announced).unwrap();
    w.write(&[1.0, 2.0], &[]).unwrap();
    assert!(w.finish().unwrap_err().to_string().contains("1 rows were written, but 5 were announced"));
    let few = vec!["one".to_owned()];
    let e = write_all(&dir.path().join("v.vec"), rows.view(), Some(&few), &WriteOptions::default()).unwrap_err();
    assert!(e.to_string().contains("1 names for 2 rows"));
}
