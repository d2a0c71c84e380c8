//! Every form gives back what was written to it, whole and in streams.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use vectory_core::{Context, Vectors};
use vectory_io::vectors::{
    Batch, ConvertOptions, Element, Names, ReadOptions, RowReader, VectorSet, WriteOptions, convert, create, open,
    read_all, read_all_with, write_all,
};

/// Forms that hold any f32, and whether they hold names.
const EXACT: [(&str, bool); 17] = [
    ("v.npy", false),
    ("v.npy.gz", false),
    ("v.npy.zst", false),
    ("v.npz", false),
    ("v.fvecs", false),
    ("v.fvecs.gz", false),
    ("v.fbin", false),
    ("v.fbin.zst", false),
    ("v.safetensors", true),
    ("v.parquet", true),
    ("v.vec", true),
    ("v.vec.gz", true),
    ("v.txt", true),
    ("v.glove", true),
    ("v.glove.zst", true),
    ("v.tsv", true),
    ("v.bin", true),
];

fn same(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan()))
}

fn names(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("wört_{i}")).collect()
}

fn rows() -> impl Strategy<Value = Vectors> {
    (1usize..6, 0usize..40).prop_flat_map(|(dim, n)| {
        proptest::collection::vec(proptest::num::f32::ANY, dim * n).prop_map(move |v| {
            if v.is_empty() { Vectors::zeros(0, dim) } else { Vectors::from_slice(&v, dim).unwrap() }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn written_is_read(rows in rows()) {
        let dir = tempfile::tempdir().unwrap();
        let names = names(rows.rows());
        for (form, named) in EXACT {
            let path = dir.path().join(form);
            let written = write_all(&path, rows.view(), Some(&names), &WriteOptions::default()).unwrap();
            prop_assert_eq!(written.rows, rows.rows() as u64);
            let back = read_all(&path).unwrap();
            prop_assert!(same(back.rows.as_slice(), rows.as_slice()), "{}", form);
            if named && rows.rows() > 0 {
                prop_assert_eq!(back.names.as_ref(), Some(&names), "{}", form);
            }
            // Forms with a header keep the row length even without rows.
            if rows.rows() > 0 || ["npy", "npz", "fbin", "safetensors", "bin", "vec"].iter().any(|e| form.ends_with(e)) {
                prop_assert_eq!(back.rows.dim(), rows.dim(), "{}", form);
            }
        }
    }

    #[test]
    fn conversion_through_every_form_changes_nothing(values in proptest::collection::vec(-1e6f32..1e6, 12)) {
        let dir = tempfile::tempdir().unwrap();
        let ctx = Context::new(1, 1).unwrap();
        let mut last = dir.path().join("start.vec");
        let rows = Vectors::from_slice(&values, 3).unwrap();
        let words = names(4);
        write_all(&last, rows.view(), Some(&words), &WriteOptions::default()).unwrap();
        for (form, named) in EXACT {
            let next = dir.path().join(form);
            let written = convert(&last, &next, &ConvertOptions::default(), &ctx).unwrap();
            prop_assert_eq!(written.rows, 4);
            prop_assert_eq!(written.names, if named { Names::Kept } else { Names::Dropped }, "{}", form);
            let back = read_all(&next).unwrap();
            prop_assert!(same(back.rows.as_slice(), &values), "{}", form);
            // Only forms with names are gone on from, so that names are there to be lost.
            if named {
                last = next;
            }
        }
    }

    #[test]
    fn small_integers_fit_every_element(values in proptest::collection::vec(0u8..2, 10)) {
        let dir = tempfile::tempdir().unwrap();
        let values: Vec<f32> = values.into_iter().map(f32::from).collect();
        let rows = Vectors::from_slice(&values, 5).unwrap();
        for kind in ["f16", "bf16", "f64", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "bool"] {
            let element: Element = kind.parse().unwrap();
            let options = WriteOptions { element: Some(element), ..Default::default() };
            for form in ["v.npy", "v.safetensors"] {
                if (form, kind) == ("v.npy", "bf16") {
                    continue;
                }
                let path = dir.path().join(form);
                write_all(&path, rows.view(), None, &options).unwrap();
                let back = read_all(&path).unwrap().rows;
                prop_assert_eq!(back.as_slice(), &values[..], "{} {}", form, kind);
            }
        }
        for form in ["v.bvecs", "v.ivecs", "v.u8bin", "v.i8bin", "v.ibin"] {
            let path = dir.path().join(form);
            write_all(&path, rows.view(), None, &WriteOptions::default()).unwrap();
            let back = read_all(&path).unwrap().rows;
            prop_assert_eq!(back.as_slice(), &values[..], "{}", form);
        }
    }
}

fn stream(reader: &mut dyn RowReader, step: usize) -> (Vec<f32>, Vec<String>) {
    let (mut values, mut names, mut batch) = (Vec::new(), Vec::new(), Batch::default());
    loop {
        let n = reader.read(&mut batch, step).unwrap();
        assert!(n <= step && batch.values.len() == n * reader.dim());
        if n == 0 {
            return (values, names);
        }
        values.extend_from_slice(&batch.values);
        names.append(&mut batch.names);
    }
}

fn example(rows: usize, dim: usize) -> Vectors {
    let values: Vec<f32> = (0..rows * dim).map(|i| (i as f32 * 0.37).sin()).collect();
    Vectors::from_slice(&values, dim).unwrap()
}

#[test]
fn batches_of_any_size_make_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (rows, names) = (example(3000, 7), names(3000));
    for (form, named) in EXACT {
        let path = dir.path().join(form);
        write_all(&path, rows.view(), Some(&names), &WriteOptions::default()).unwrap();
        for step in [1, 13, 100_000] {
            let mut reader = open(&path, &ReadOptions::default()).unwrap();
            let (values, found) = stream(&mut *reader, step);
            assert!(same(&values, rows.as_slice()), "{form} by {step}");
            assert_eq!(found, if named { names.clone() } else { Vec::new() }, "{form} by {step}");
        }
    }
}

#[test]
fn writers_need_not_know_the_row_count() {
    let dir = tempfile::tempdir().unwrap();
    let rows = example(100, 3);
    for (form, _) in EXACT {
        let path = dir.path().join(form);
        let mut writer = create(&path, 3, &WriteOptions::default()).unwrap();
        for part in rows.as_slice().chunks(3 * 7) {
            writer.write(part, &[]).unwrap();
        }
        assert!(!path.exists(), "{form}: nothing at the target before the end");
        let written = writer.finish().unwrap();
        assert_eq!((written.rows, written.dim, written.names), (100, 3, Names::None));
        assert!(same(read_all(&path).unwrap().rows.as_slice(), rows.as_slice()), "{form}");
    }
    assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), EXACT.len(), "nothing is left behind");
}

#[test]
fn plain_arrays_are_mapped() {
    let dir = tempfile::tempdir().unwrap();
    let rows = example(50, 4);
    for (form, mapped) in [("v.npy", true), ("v.safetensors", true), ("v.npy.zst", false), ("v.fvecs", false)] {
        let path = dir.path().join(form);
        write_all(&path, rows.view(), None, &WriteOptions::default()).unwrap();
        let back = read_all(&path).unwrap();
        assert_eq!(back.rows.is_mapped(), mapped, "{form}");
        assert_eq!(back.rows.as_slice(), rows.as_slice());
    }
}

#[test]
fn names_with_blanks_and_in_files_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let rows = example(3, 2);
    let names: Vec<String> = ["new york", ". . .", "são  paulo"].map(str::to_owned).into();
    for form in ["v.vec", "v.glove", "v.tsv", "v.parquet", "v.safetensors"] {
        let path = dir.path().join(form);
        write_all(&path, rows.view(), Some(&names), &WriteOptions::default()).unwrap();
        if form != "v.glove" {
            assert_eq!(read_all(&path).unwrap().names.as_ref(), Some(&names), "{form}");
        }
    }
    let path = dir.path().join("v.bin");
    let e = write_all(&path, rows.view(), Some(&names), &WriteOptions::default()).unwrap_err().to_string();
    assert!(e.contains("`new york` holds a blank") && !path.exists(), "{e}");

    let beside = dir.path().join("names.txt");
    let path = dir.path().join("w.npy");
    let options = WriteOptions { names: Some(beside.clone()), ..Default::default() };
    let written = write_all(&path, rows.view(), Some(&names), &options).unwrap();
    assert_eq!(written.names, Names::Beside);
    let options = ReadOptions { names: Some(beside.clone()), ..Default::default() };
    assert_eq!(read_all_with(&path, &options).unwrap().names, Some(names.clone()));
    fs_err::write(&beside, "only one\n").unwrap();
    let e = read_all_with(&path, &options).unwrap_err().to_string();
    assert!(e.contains("names.txt") && e.contains("1 names"), "{e}");
    fs_err::write(&beside, "kind\tword\n1\tone\n2\ttwo\n3\tthree\n").unwrap();
    assert_eq!(read_all_with(&path, &options).unwrap().names.unwrap(), ["one", "two", "three"]);
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs_err::write(&path, bytes).unwrap();
    path
}

#[test]
fn foreign_layouts_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    let f32s = |v: &[f32]| v.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let read = |path: &Path| -> VectorSet { read_all(path).unwrap() };
    // word2vec binary without line ends behind rows, as gensim writes it.
    let bytes = [&b"2 2\nab "[..], &f32s(&[1.0, 2.0]), b"c ", &f32s(&[3.0, 4.0])].concat();
    let set = read(&put(d, "a.bin", &bytes));
    assert_eq!(
        (set.rows.as_slice(), set.names.unwrap()),
        (&[1.0, 2.0, 3.0, 4.0][..], vec!["ab".to_owned(), "c".into()])
    );
    // Fortran order and big-endian numbers.
    let head = |text: &str| {
        let mut h = text.to_owned();
        while !(10 + h.len() + 1).is_multiple_of(64) {
            h.push(' ');
        }
        h.push('\n');
        [&b"\x93NUMPY\x01\x00"[..], &(h.len() as u16).to_le_bytes(), h.as_bytes()].concat()
    };
    let fortran =
        [head("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }"), f32s(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0])]
            .concat();
    assert_eq!(read(&put(d, "f.npy", &fortran)).rows.as_slice(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let packed = zstd::encode_all(&fortran[..], 1).unwrap();
    assert_eq!(read(&put(d, "f.npy.zst", &packed)).rows.as_slice(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let big: Vec<u8> = [1.5f64, -2.5].iter().flat_map(|x| x.to_be_bytes()).collect();
    let big = [head("{'descr': '>f8', 'fortran_order': False, 'shape': (1, 2), }"), big].concat();
    assert_eq!(read(&put(d, "b.npy", &big)).rows.as_slice(), [1.5, -2.5]);
    // word2vec text with blanks at line ends; the projector's TSV with a tab at the end; a TSV with a header.
    assert_eq!(read(&put(d, "t.vec", b"2 2\na 1 2 \nb  3 4\n")).names.unwrap(), ["a", "b"]);
    assert_eq!(read(&put(d, "t.tsv", b"1\t2\t\n3\t4\t\n")).rows.as_slice(), [1.0, 2.0, 3.0, 4.0]);
    let set = read(&put(d, "h.tsv", b"word\tx\ty\na b\t1\t2\n"));
    assert_eq!((set.rows.as_slice(), set.names.unwrap()), (&[1.0, 2.0][..], vec!["a b".to_owned()]));
    // A deflated archive with two arrays.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let one = [head("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"), f32s(&[7.0, 8.0])].concat();
    for (name, bytes) in [("x.npy", &fortran), ("y.npy", &one)] {
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        zip.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut zip, bytes).unwrap();
    }
    let path = put(d, "z.npz", &zip.finish().unwrap().into_inner());
    assert!(read_all(&path).unwrap_err().to_string().contains("name one: `x`, `y`"));
    let pick = |array: &str| read_all_with(&path, &ReadOptions { array: Some(array.into()), ..Default::default() });
    assert_eq!(pick("y").unwrap().rows.as_slice(), [7.0, 8.0]);
    assert_eq!(pick("x").unwrap().rows.as_slice(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert!(pick("q").is_err());
}
