//! Files of every form, cut, overwritten and lengthened at random: readers say so or read something, and never panic or take
//! memory that the file cannot fill.
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use vectory_core::Vectors;
use vectory_io::documents::{SourceParams, open as open_documents};
use vectory_io::trec;
use vectory_io::vectors::{Batch, ReadOptions, WriteOptions, open, read_all, read_ids, write_all};

/// Counts what is allocated at once, so that a header's promise that is believed shows.
struct Counting;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came; the counter touches no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are handed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Far more than any reader needs for files of a few kilobytes: buffers, a batch, a row of the longest allowed length.
const ABSURD: usize = 80 << 20;

const VECTORS: [&str; 20] = [
    "v.npy",
    "v.npy.gz",
    "v.npy.zst",
    "v.npz",
    "v.fvecs",
    "v.ivecs",
    "v.bvecs",
    "v.fbin",
    "v.u8bin",
    "v.i8bin",
    "v.ibin",
    "v.safetensors",
    "v.parquet",
    "v.vec",
    "v.vec.gz",
    "v.txt",
    "v.glove",
    "v.tsv",
    "v.tsv.zst",
    "v.bin",
];

/// A sound file of each form.
static VALID: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let values: Vec<f32> = (0..60).map(|i| (i % 7) as f32).collect();
    let names: Vec<String> = (0..20).map(|i| format!("w{i}")).collect();
    let rows = Vectors::from_slice(&values, 3).unwrap();
    let write = |form: &&'static str| {
        let path = dir.path().join(form);
        write_all(&path, rows.view(), Some(&names), &WriteOptions::default()).unwrap();
        (*form, fs_err::read(&path).unwrap())
    };
    VECTORS.iter().map(write).collect()
});

/// Damage: where (as a share of the length), what is written there, and where it is cut.
#[derive(Clone, Debug)]
struct Damage {
    writes: Vec<(f64, Vec<u8>)>,
    cut: Option<f64>,
    tail: Vec<u8>,
}

fn damage() -> impl Strategy<Value = Damage> {
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..9),
        Just(vec![0xff; 8]),
        Just(vec![0; 8]),
        Just((1u64 << 40).to_le_bytes().to_vec()),
        Just(b"9999999999".to_vec()),
    ];
    // Headers decide more than bodies: half of the damage is done near the start.
    let place = prop_oneof![0.0..1.0, 0.0..0.1];
    let writes = proptest::collection::vec((place, bytes), 0..4);
    (writes, proptest::option::of(0.0..1.0), proptest::collection::vec(any::<u8>(), 0..5))
        .prop_map(|(writes, cut, tail)| Damage { writes, cut, tail })
}

fn apply(damage: &Damage, whole: &[u8]) -> Vec<u8> {
    let mut out = whole.to_vec();
    for (share, bytes) in &damage.writes {
        let at = (share * out.len() as f64) as usize;
        for (i, b) in bytes.iter().enumerate() {
            if let Some(place) = out.get_mut(at + i) {
                *place = *b;
            }
        }
    }
    if let Some(share) = damage.cut {
        out.truncate((share * out.len() as f64) as usize);
    }
    out.extend_from_slice(&damage.tail);
    out
}

fn drain(path: &Path) {
    let Ok(mut reader) = open(path, &ReadOptions::default()) else { return };
    let mut batch = Batch::default();
    while let Ok(n) = reader.read(&mut batch, 1 << 20) {
        assert_eq!(batch.values.len(), n * reader.dim());
        assert!(batch.names.is_empty() || batch.names.len() == n);
        if n == 0 {
            return;
        }
    }
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs_err::write(&path, bytes).unwrap();
    path
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn damaged_vectors_are_no_panic(damage in damage()) {
        let dir = tempfile::tempdir().unwrap();
        for (form, whole) in VALID.iter() {
            let path = put(dir.path(), form, &apply(&damage, whole));
            LARGEST.store(0, Ordering::Relaxed);
            drain(&path);
            let _ = read_all(&path);
            let _ = read_ids(&path);
            let largest = LARGEST.load(Ordering::Relaxed);
            prop_assert!(largest < ABSURD, "{form}: {largest} bytes at once");
        }
    }

    #[test]
    fn damaged_documents_are_no_panic(damage in damage()) {
        let dir = tempfile::tempdir().unwrap();
        let texts: [(&str, &[u8]); 9] = [
            ("a.jsonl", b"{\"id\": 1, \"text\": \"one\", \"n\": [1, {\"a\": null}]}\n{\"text\": \"two\"}\n"),
            ("a.csv", b"id,text,n\n1,\"a \"\"b\"\" c\",2.5\n2,x,\n"),
            ("a.tsv", b"id\ttext\n1\ta\n"),
            ("a.html", b"<html><head><title>T &amp; U</title></head><body><h1 id='x'>H</h1><p>&eacute;<!-- c --><script>x</script></body>"),
            ("a.md", b"---\ntitle: T\ntags: [a, b]\n---\n# H [x](y) `z`\n\ntext\n"),
            ("a.rst", b"T\n=\n\n.. note:: x\n\n:ref:`a <b>` text\n"),
            ("a.tex", b"\\title{A {b}}\n\\begin{document}\n\\section{x} % c\n\\end{document}\n"),
            ("a.txt", "Gr\u{fc}\u{df}e aus K\u{f6}ln\n".as_bytes()),
            ("a.parquet", b""),
        ];
        let (_, parquet) = VALID.iter().find(|(form, _)| *form == "v.parquet").unwrap();
        for (name, text) in texts {
            let whole = if name == "a.parquet" { parquet } else { text };
            let path = put(dir.path(), name, &apply(&damage, whole));
            LARGEST.store(0, Ordering::Relaxed);
            for skip_errors in [false, true] {
                let params = SourceParams { skip_errors, ..Default::default() };
                for _ in open_documents(&[path.clone().into()], &params).unwrap() {}
            }
            let largest = LARGEST.load(Ordering::Relaxed);
            prop_assert!(largest < ABSURD, "{name}: {largest} bytes at once");
        }
    }

    #[test]
    fn damaged_judgements_and_runs_are_no_panic(damage in damage()) {
        let dir = tempfile::tempdir().unwrap();
        let qrels = put(dir.path(), "q.tsv", &apply(&damage, b"query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t0\n"));
        let _ = trec::read_qrels(&qrels);
        let run = put(dir.path(), "r.trec", &apply(&damage, b"q1 Q0 d1 1 0.5 t\nq1 Q0 d2 2 0.25 t\n"));
        let _ = trec::read_run(&run);
    }
}

#[test]
fn promises_of_headers_are_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let npy = |shape: &str| {
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
        [&b"\x93NUMPY\x01\x00"[..], &(text.len() as u16).to_le_bytes(), text.as_bytes(), &[0; 64]].concat()
    };
    let mut parts = Vec::new();
    for shape in ["(1099511627776, 4)", "(4, 1099511627776)", "(18446744073709551615, 1048576)", "(1, 1048576)"] {
        let bytes = npy(shape);
        parts.push(("v.npy", bytes.clone()));
        parts.push(("v.npy.zst", zstd::encode_all(&bytes[..], 1).unwrap()));
    }
    parts.push(("v.bin", b"1099511627776 4\na xxxx".to_vec()));
    parts.push(("v.vec", b"1099511627776 4\na 1 2 3 4\n".to_vec()));
    parts.push(("v.fbin", [[0xff; 4], [4, 0, 0, 0]].concat()));
    parts.push(("v.fvecs", vec![0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]));
    for (name, bytes) in parts {
        let path = put(dir.path(), name, &bytes);
        LARGEST.store(0, Ordering::Relaxed);
        let e = read_all(&path).map(|s| s.rows).unwrap_err().to_string();
        assert!(e.contains(name), "{e}");
        assert!(LARGEST.load(Ordering::Relaxed) < ABSURD, "{name}");
    }
}
