//! Files that h5py wrote, whole and damaged.

use std::io::Read;
use std::path::PathBuf;

use proptest::prelude::*;

use super::Hdf5;
use crate::vectors::{Batch, ReadOptions, open, read_all_with};

/// A fixture, unpacked.
fn bytes(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/hdf5/{name}.h5.gz"));
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(fs_err::File::open(path).unwrap()).read_to_end(&mut out).unwrap();
    out
}

/// All rows of a dataset in a file of these bytes, or the error.
fn rows(bytes: &[u8], array: Option<&str>) -> Result<Vec<Vec<f32>>, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v.h5");
    fs_err::write(&path, bytes).unwrap();
    let options = ReadOptions { array: array.map(str::to_owned), ..ReadOptions::default() };
    let all = read_all_with(&path, &options).map_err(|e| e.to_string())?;
    Ok(all.rows.iter().map(<[f32]>::to_vec).collect())
}

fn train() -> Vec<Vec<f32>> {
    (0..4).map(|i| (0..3).map(|j| (3 * i + j) as f32 / 2.0).collect()).collect()
}

#[test]
fn what_h5py_writes_is_read() {
    for name in ["plain", "gzip", "latest", "latest_gzip", "single", "userblock"] {
        assert_eq!(rows(&bytes(name), None).unwrap(), train(), "{name}");
        assert_eq!(rows(&bytes(name), Some("/train")).unwrap(), train(), "{name}");
    }
    assert_eq!(rows(&bytes("plain"), Some("test")).unwrap(), train()[..2]);
    assert_eq!(rows(&bytes("plain"), Some("neighbors")).unwrap(), [[0.0, 1.0], [1.0, 0.0]]);
    for name in ["f2", "f8", "g/inner"] {
        assert_eq!(rows(&bytes("types"), Some(name)).unwrap(), train(), "{name}");
    }
    let doubled: Vec<Vec<f32>> = train().iter().map(|row| row.iter().map(|v| v * 2.0).collect()).collect();
    assert_eq!(rows(&bytes("types"), Some("i8")).unwrap(), doubled);
    assert_eq!(rows(&bytes("types"), Some("u1")).unwrap(), doubled);
    assert_eq!(rows(&bytes("types"), Some("bool")).unwrap(), [[1.0, 0.0, 1.0]]);
}

#[test]
fn batches_are_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v.hdf5");
    fs_err::write(&path, bytes("gzip")).unwrap();
    let (mut reader, mut batch, mut all) =
        (open(&path, &ReadOptions::default()).unwrap(), Batch::default(), Vec::new());
    assert_eq!((reader.dim(), reader.rows()), (3, Some(4)));
    while reader.read(&mut batch, 1).unwrap() > 0 {
        assert_eq!(batch.values.len(), 3);
        all.push(batch.values.clone());
    }
    assert_eq!(all, train());
    let file = Hdf5::open(&path).unwrap();
    assert_eq!(file.names().unwrap(), ["distances", "neighbors", "test", "train"]);
    assert_eq!(file.attribute("distance").unwrap().as_deref(), Some("angular"));
    assert_eq!(file.attribute("nothing").unwrap(), None);
}

#[test]
fn what_is_not_read_is_named() {
    for (name, array, part) in [
        ("lzf", None, "filter 32000 (lzf), expected gzip"),
        ("ext", None, "an extensible array"),
        ("types", None, "name a dataset, there are: `bool`, `f2`"),
        ("types", Some("one"), "shape [3], expected two dimensions"),
        ("types", Some("g"), "is a group"),
        ("types", Some("g/x"), "there is no `x`; there are `inner`"),
        ("plain", Some("rows"), "there is no `rows`; there are `distances`"),
    ] {
        let message = rows(&bytes(name), array).unwrap_err();
        assert!(message.contains(part) && message.contains("v.h5"), "{name}: {message}");
    }
    for (bytes, part) in [
        (&b""[..], "not an HDF5 file"),
        (b"\x89HDF\r\n\x1a\n\x09", "version 9"),
        (&bytes("plain")[..700], "outside of the file"),
    ] {
        let message = rows(bytes, None).unwrap_err();
        assert!(message.contains(part), "{message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damage_never_panics(which in 0usize..9, changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8), cut: Option<usize>) {
        let mut bytes = bytes(["plain", "gzip", "latest", "latest_gzip", "single", "ext", "lzf", "types", "userblock"][which]);
        let n = bytes.len();
        // Most of a file is empty space: the changes go to bytes that say something.
        let telling: Vec<usize> = (0..n).filter(|i| bytes[*i] != 0).collect();
        changes.iter().for_each(|(at, value)| bytes[telling[at % telling.len()]] = *value);
        bytes.truncate(cut.map_or(n, |at| at % n));
        for array in [None, Some("train"), Some("f8"), Some("g/inner")] {
            if let Ok(rows) = rows(&bytes, array) {
                prop_assert!(rows.len() < 1 << 20);
            }
        }
    }
}
