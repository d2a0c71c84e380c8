//! Whatever bytes a file holds, opening it as an artifact and reading its tensors ends in a value or an error.

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use vectory_core::artifact::{Artifact, Card, TensorOut, save};

/// The bytes of a good artifact with two tensors.
static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("good.safetensors");
    let card = Card {
        kind: "test".into(),
        version: 2,
        params: serde_json::json!({"dims": 3, "name": "a \"quoted\" name"}),
        provenance: serde_json::Value::Null,
    };
    save(&path, &card, &[TensorOut::f32("x", vec![4, 3], &[0.5; 12]), TensorOut::u8("t", b"some text")])
        .expect("a saved file");
    fs_err::read(&path).expect("the file again")
});

/// Opens and reads everything that a caller would. An error must name the file.
fn read_all(path: &Path) -> Result<(), String> {
    let a = Artifact::open(path).map_err(|e| e.to_string())?;
    assert!(!a.card().kind.contains('\0'));
    for name in ["x", "t", "missing"] {
        if let Ok(rows) = a.rows(name) {
            assert_eq!(rows.as_slice().len(), rows.rows() * rows.dim());
        }
        if let Ok((shape, bytes)) = a.tensor(name, safetensors::Dtype::U8) {
            assert_eq!(shape.iter().product::<usize>(), bytes.len());
        }
    }
    Ok(())
}

#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    HeadLength(u64),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<usize>(), any::<u8>()).prop_map(|(at, b)| Change::Set(at, b)),
        2 => (any::<usize>(), prop::sample::select(b"0123456789{}[],:\"-eE.".to_vec())).prop_map(|(at, b)| Change::Set(at, b)),
        1 => any::<usize>().prop_map(Change::Cut),
        1 => (any::<usize>(), prop::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, b)| Change::Insert(at, b)),
        1 => prop_oneof![any::<u64>(), 0u64..600, Just(u64::MAX), Just(u64::MAX - 7)].prop_map(Change::HeadLength),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let n = bytes.len().max(1);
    match change {
        Change::Set(at, b) if !bytes.is_empty() => bytes[at % n] = *b,
        Change::Cut(at) => bytes.truncate(at % n),
        Change::Insert(at, more) => {
            let at = at % n.min(bytes.len() + 1);
            bytes.splice(at..at, more.iter().copied());
        }
        Change::HeadLength(len) if bytes.len() >= 8 => bytes[..8].copy_from_slice(&len.to_le_bytes()),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn changed_artifacts_never_panic(changes in prop::collection::vec(change(), 1..6)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        let mut bytes = GOOD.clone();
        changes.iter().for_each(|c| apply(&mut bytes, c));
        fs_err::write(&path, &bytes).unwrap();
        if let Err(e) = read_all(&path) {
            prop_assert!(e.contains("a.safetensors"), "{e}");
        }
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), head in 0u64..220) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        let mut all = head.to_le_bytes().to_vec();
        all.extend(bytes);
        fs_err::write(&path, &all).unwrap();
        if let Err(e) = read_all(&path) {
            prop_assert!(e.contains("a.safetensors"), "{e}");
        }
    }
}

#[test]
fn the_unchanged_file_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.safetensors");
    fs_err::write(&path, &*GOOD).unwrap();
    read_all(&path).unwrap();
    assert_eq!(Artifact::open(&path).unwrap().rows("x").unwrap().row(3), [0.5; 3]);
}

#[test]
fn shapes_that_lie_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.safetensors");
    let big = u64::MAX;
    for shape in [format!("[{big},{big}]"), "[0,18446744073709551615]".into(), "[5,3]".into(), "[-1,3]".into()] {
        let head = format!(
            "{{\"__metadata__\":{{\"vectory.kind\":\"t\"}},\"x\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[0,48]}}}}"
        );
        let mut bytes = (head.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&[0; 48]);
        fs_err::write(&path, &bytes).unwrap();
        let e = Artifact::open(&path).map(|_| ()).unwrap_err().to_string();
        assert!(e.contains("a.safetensors"), "{shape}: {e}");
    }
}
