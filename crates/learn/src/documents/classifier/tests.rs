use std::path::{Path, PathBuf};

use vectory_core::{Context, Encode};

use super::*;
use crate::checkpoint::Checkpoint;
use crate::vocabulary::{TokenKind, Tokenizer};

fn gold(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("gold/wordmodels").join(name)
}

fn ctx(threads: usize) -> Context {
    Context::new(1, threads).unwrap()
}

const SPACE: Tokenizer = Tokenizer { tokens: TokenKind::Space, lower: false };

/// The probabilities that the program printed, to its five digits.
fn agrees(file: &str, key: &str) {
    let model = Classifier::open(&gold(file)).unwrap();
    let probe: serde_json::Value =
        serde_json::from_str(&fs_err::read_to_string(gold("cls_probe.json")).unwrap()).unwrap();
    for (text, want) in probe["texts"].as_array().unwrap().iter().zip(probe[key].as_array().unwrap()) {
        let text = Labelled::parse(text.as_str().unwrap(), &SPACE);
        let got = model.predict(std::slice::from_ref(&text), 3, &ctx(1)).unwrap().remove(0);
        for pair in want.as_array().unwrap() {
            let (label, p) = (pair[0].as_str().unwrap(), pair[1].as_f64().unwrap());
            let ours = got.iter().find(|g| format!("{LABEL}{}", g.label) == label).unwrap();
            // The program adds 1e-5 inside its logarithm.
            assert!((f64::from(ours.probability) - p).abs() < 3e-5, "{file} {text:?}: {ours:?} {p}");
        }
    }
}

#[test]
fn models_of_fasttext_predict_what_it_predicts() {
    agrees("cls.bin", "bin");
    agrees("cls.ftz", "ftz");
    let words = Classifier::open(&gold("sg.bin")).unwrap_err().to_string();
    assert!(words.contains("sg.bin") && words.contains("not a classifier"), "{words}");
}

fn data(from: u64, to: u64) -> Vec<Labelled> {
    let line = |i: u64| {
        let label = ["animal", "metal", "river"][(i % 3) as usize];
        let words: String = (0..8).map(|j| format!("{label}{} ", vectory_core::rng::mix(i * 64 + j) % 40)).collect();
        Labelled::parse(&format!("__label__{label} {words} and so on"), &SPACE)
    };
    (from..to).map(line).collect()
}

#[test]
fn labels_are_learned_kept_and_exchanged() {
    let small =
        ClassifierParams { dim: 10, rate: 0.5, buckets: 3000, deterministic: true, ..ClassifierParams::default() };
    let grams = ClassifierParams { word_ngrams: 2, subwords: Some((2, 3)), ..small.clone() };
    let bytes = ClassifierParams { bytes: vec![1, 2, 4, 8], ..small.clone() };
    let coded = ClassifierParams { huffman: true, ..bytes.clone() };
    for p in [small.clone(), grams.clone(), ClassifierParams { hashes: 4, buckets: 300, ..grams }, bytes, coded] {
        let model = train(&data(0, 900), SPACE, &p, &Checkpoint::none(), &ctx(1)).unwrap();
        let test = data(900, 1200);
        let e = model.test(&test, 1, &ctx(2)).unwrap();
        assert!(e.precision > 0.97 && e.texts == 300 && e.labels.len() == 3, "{p:?} {e:?}");
        let want = model.predict(&test, 3, &ctx(1)).unwrap();
        let two = train(&data(0, 900), SPACE, &p, &Checkpoint::none(), &ctx(2)).unwrap();
        assert_eq!(two.predict(&test, 3, &ctx(1)).unwrap(), want);
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (dir.path().join("m.safetensors"), dir.path().join("m.bin"));
        model.save(&ours).unwrap();
        let again = Classifier::open(&ours).unwrap();
        assert_eq!(again.predict(&test, 3, &ctx(1)).unwrap(), want);
        assert_eq!(again.fingerprint(), model.fingerprint());
        if p.hashes == 1 && p.bytes.is_empty() {
            model.write_fasttext(&theirs).unwrap();
            let theirs = Classifier::open(&theirs).unwrap().predict(&test, 3, &ctx(1)).unwrap();
            for (a, b) in theirs.iter().flatten().zip(want.iter().flatten()) {
                assert!(a.label == b.label && (a.probability - b.probability).abs() < 1e-5, "{a:?} {b:?}");
            }
        } else {
            assert!(model.write_fasttext(&theirs).is_err());
        }
    }
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let one: Vec<Labelled> = data(0, 9).into_iter().map(|d| Labelled { labels: vec!["x".into()], ..d }).collect();
    let p = ClassifierParams::default();
    let err = train(&one, SPACE, &p, &Checkpoint::none(), &ctx(1)).unwrap_err().to_string();
    assert!(err.contains("distinct labels is 1"), "{err}");
    assert!(train(&[], SPACE, &p, &Checkpoint::none(), &ctx(1)).is_err());
    assert!(train(&data(0, 9), SPACE, &ClassifierParams { rate: 0.0, ..p }, &Checkpoint::none(), &ctx(1)).is_err());
    let empty = Labelled::parse("__label__a", &SPACE);
    assert_eq!((empty.labels.len(), empty.text.as_str()), (1, ""));
}
