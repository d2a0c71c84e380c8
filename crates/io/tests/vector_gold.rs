//! Files that other programs wrote: gensim's word vectors, and the sets of the data folder.
#![allow(clippy::unwrap_used)]

mod common;

use common::{data, gold};
use vectory_core::Context;
use vectory_io::vectors::{ConvertOptions, convert, read_all, read_ids};

#[test]
fn gensim_files_agree() {
    let Some(gold) = gold() else { return };
    let folder = gold.join("wordmodels");
    let matrix = read_all(&folder.join("w2v_matrix.npy")).unwrap().rows;
    let words: Vec<String> = serde_json::from_slice(&fs_err::read(folder.join("w2v_words.json")).unwrap()).unwrap();
    for (file, tolerance) in [("w2v.bin", 0.0), ("w2v.txt", 1e-6)] {
        let set = read_all(&folder.join(file)).unwrap();
        assert_eq!(set.names.as_ref(), Some(&words), "{file}");
        assert_eq!((set.rows.rows(), set.rows.dim()), (matrix.rows(), matrix.dim()));
        let far = set.rows.as_slice().iter().zip(matrix.as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(far <= tolerance, "{file}: {far}");
    }
}

#[test]
fn glove_text_is_read() {
    let Some(data) = data() else { return };
    let set = read_all(&data.join("words/vectors/glove-wink-100d-top10k.txt.zst")).unwrap();
    assert_eq!((set.rows.rows(), set.rows.dim()), (10_000, 100));
    assert!(set.names.unwrap().iter().any(|w| w == "king"));
    assert_eq!(set.rows.view().first_non_finite(), None);
}

/// Cosine of f64, for rows that are near each other.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(p, q)| f64::from(*p) * f64::from(*q)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn the_truth_file_is_the_truth_of_base_and_queries() {
    let Some(data) = data() else { return };
    let folder = data.join("ann/glove100-50k");
    let base = read_all(&folder.join("glove100_base.f16.npy.zst")).unwrap().rows;
    let queries = read_all(&folder.join("glove100_query.fvecs")).unwrap().rows;
    let truth = read_ids(&folder.join("glove100_groundtruth_cosine.ivecs")).unwrap();
    assert_eq!((base.rows(), base.dim(), queries.rows(), truth.rows(), truth.k), (50_000, 100, 1000, 1000, 100));
    for q in [0, 17, 999] {
        let best = (0..base.rows())
            .map(|i| (cosine(base.row(i), queries.row(q)), i))
            .fold((-2.0, 0), |a, b| if b.0 > a.0 { b } else { a });
        assert_eq!(truth.row(q)[0] as usize, best.1, "query {q}");
    }
}

#[test]
fn integers_between_tabs_stay_integers() {
    let Some(data) = data() else { return };
    let dir = tempfile::tempdir().unwrap();
    let ctx = Context::new(1, 1).unwrap();
    let from = data.join("ann/sift-dataset-5k.tsv.zst");
    let to = dir.path().join("sift.ivecs");
    let written = convert(&from, &to, &ConvertOptions::default(), &ctx).unwrap();
    // 128 values and the number of the object.
    assert_eq!((written.rows, written.dim), (5000, 129));
    let (a, b) = (read_all(&to).unwrap().rows, read_all(&from).unwrap().rows);
    assert_eq!(a.as_slice(), b.as_slice());
    assert_eq!(a.row(0)[128], 100_001.0);
    let e = convert(&from, &dir.path().join("sift.bvecs"), &ConvertOptions::default(), &ctx).unwrap_err().to_string();
    assert!(e.contains("row 0, column 128: 100001 is no u8"), "{e}");
}
