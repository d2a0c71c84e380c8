use std::path::{Path, PathBuf};

use vectory_core::{Context, Encode, Vectors};
use vectory_text::subwords::Subwords;

use super::*;
use crate::vocabulary::Vocabulary;

fn gold(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("gold/wordmodels").join(name)
}

fn json(name: &str) -> serde_json::Value {
    serde_json::from_str(&fs_err::read_to_string(gold(name)).unwrap()).unwrap()
}

fn numbers(v: &serde_json::Value) -> Vec<f32> {
    v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

fn small(subwords: Option<Subwords>) -> Embedding {
    let v = Vocabulary::new([("the", 90), ("cat", 9), ("dog", 1)]);
    let params = EmbeddingParams { subwords, ..EmbeddingParams::default() };
    let rows = (3 + params.buckets()) * 2;
    let values: Vec<f32> = (0..rows).map(|i| (i as f32 * 0.7).sin()).collect();
    Embedding::new(v, Vectors::from_slice(&values, 2).unwrap(), params, serde_json::Value::Null).unwrap()
}

#[test]
fn a_model_of_fasttext_gives_its_own_vectors() {
    let model = Embedding::open(&gold("sg.bin")).unwrap();
    let probe = json("sg_probe.json");
    for (word, want) in probe.as_object().unwrap() {
        let (got, want) = (model.vector(word).unwrap(), numbers(&want["vector"]));
        let worst = got.iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= 1e-6, "{word}: off by {worst}");
    }
    assert!(probe.as_object().unwrap().keys().any(|w| model.vocabulary().id(w).is_none()));
}

#[test]
fn saved_written_and_reloaded_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let model = small(Some(Subwords { min_n: 2, max_n: 4, buckets: 50 }));
    let (ours, theirs) = (dir.path().join("m.safetensors"), dir.path().join("m.bin"));
    model.save(&ours).unwrap();
    model.write_fasttext(&theirs).unwrap();
    let (a, b) = (Embedding::open(&ours).unwrap(), Embedding::open(&theirs).unwrap());
    assert_eq!(a.params(), model.params());
    for word in ["the", "cat", "cats", "naïve"] {
        let want = model.vector(word).unwrap();
        assert_eq!(a.vector(word).unwrap(), want);
        assert!(b.vector(word).unwrap().iter().zip(&want).all(|(x, y)| (x - y).abs() < 1e-6));
    }
    assert_eq!(a.vocabulary().counts(), model.vocabulary().counts());
    assert_eq!(a.fingerprint(), model.fingerprint());
    assert_eq!(a.word_vectors().row(1), &model.vector("cat").unwrap()[..]);
}

#[test]
fn texts_are_means_of_words() {
    let (model, ctx) = (small(None), Context::new(1, 2).unwrap());
    let rows = model.encode(&["The CAT?", "cat the", "zebra", ""], &ctx).unwrap();
    assert_eq!(rows.row(0), rows.row(1));
    assert!(rows.row(2).iter().chain(rows.row(3)).all(|v| *v == 0.0));
    let (the, cat) = (model.vector("the").unwrap(), model.vector("cat").unwrap());
    let mut mean = [0.0; 2];
    model.mean("the cat", &mut mean);
    assert!((mean[0] - (the[0] + cat[0]) / 2.0).abs() < 1e-6);
    assert_eq!(model.vector("Dog"), model.vector("dog"));
    assert_eq!(model.vector("zebra"), None);
}

#[test]
fn frequent_words_count_less_under_sif() {
    let mut model = small(None);
    model.params.pooling = Pooling::Sif { a: 0.1 };
    let (the, dog) = (model.vector("the").unwrap(), model.vector("dog").unwrap());
    let (wt, wd) = (0.1 / (0.1 + 0.9), 0.1 / (0.1 + 0.01));
    let mut mean = [0.0; 2];
    model.mean("the dog", &mut mean);
    assert!((mean[1] - (wt * the[1] + wd * dog[1]) / (wt + wd)).abs() < 1e-5);
}

#[test]
fn what_is_no_model_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = fs_err::read(gold("sg.bin")).unwrap();
    let path = dir.path().join("cut.bin");
    for cut in [5, 60, 400, bytes.len() / 2, bytes.len() - 1] {
        fs_err::write(&path, &bytes[..cut]).unwrap();
        let err = Embedding::open(&path).unwrap_err().to_string();
        assert!(err.contains("cut.bin"), "{err}");
    }
    let rows = Vectors::zeros(4, 2);
    let v = Vocabulary::new([("a", 1)]);
    assert!(Embedding::new(v, rows, EmbeddingParams::default(), serde_json::Value::Null).is_err());
}
