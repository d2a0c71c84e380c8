use std::path::Path;

use proptest::prelude::*;
use vectory_core::{Context, Encode, Metric, Vectors};
use vectory_text::WordPieceParams;

use super::*;

const TOKENS: [&str; 7] = ["[UNK]", "dog", "cat", "##s", "the", "barks", "."];

fn tokens() -> Vec<String> {
    TOKENS.map(String::from).to_vec()
}

fn rows(dim: usize) -> Vectors {
    let values: Vec<f32> =
        (0..TOKENS.len() * dim).map(|i| ((i * 31 % 17) as f32 - 8.0) * (1.0 + (i / dim) as f32)).collect();
    Vectors::from_slice(&values, dim).unwrap()
}

fn params() -> StaticParams {
    StaticParams { name: "test".into(), tokenizer: WordPieceParams::default() }
}

fn encoder(dim: usize) -> StaticEncoder {
    StaticEncoder::from_rows(tokens(), &rows(dim), params()).unwrap()
}

fn ctx(threads: usize) -> Context {
    Context::new(1, threads).unwrap()
}

#[test]
fn a_text_is_the_scaled_sum_of_its_rows() {
    let e = encoder(40);
    let got = e.encode(&["The dogs, barks zzz"], &ctx(1)).unwrap();
    let mut want = vec![0.0f32; 40];
    let mut row = vec![0.0; 40];
    for token in [4, 1, 3, 5] {
        e.row(token, &mut row);
        want.iter_mut().zip(&row).for_each(|(w, r)| *w += r);
    }
    let norm = want.iter().map(|v| v * v).sum::<f32>().sqrt();
    for (g, w) in got.row(0).iter().zip(&want) {
        assert!((g - w / norm).abs() < 1e-6);
    }
}

#[test]
fn nothing_known_gives_zeros() {
    let got = encoder(40).encode(&["", "zzz qqq", "dog"], &ctx(1)).unwrap();
    assert!(got.row(0).iter().chain(got.row(1)).all(|v| *v == 0.0));
    assert!(got.row(2).iter().any(|v| *v != 0.0));
}

#[test]
fn rows_are_rounded_to_half_a_step() {
    let original = rows(64);
    let e = encoder(64);
    let mut row = vec![0.0; 64];
    for i in 1..TOKENS.len() {
        e.row(i, &mut row);
        let step = original.row(i).iter().fold(0.0f32, |m, v| m.max(v.abs())) / 127.0;
        assert!(original.row(i).iter().zip(&row).all(|(a, b)| (a - b).abs() <= 0.501 * step));
    }
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let texts: Vec<String> =
        (0..500).map(|i| format!("the {} dog {}", "cats ".repeat(i % 7), "barks.".repeat(i % 3))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let e = encoder(48);
    assert_eq!(e.encode(&texts, &ctx(1)).unwrap().as_slice(), e.encode(&texts, &ctx(3)).unwrap().as_slice());
}

#[test]
fn a_cancelled_call_stops() {
    let context = ctx(1);
    context.cancel_flag().store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(encoder(8).encode(&["dog"], &context), Err(vectory_core::EncodeError::Cancelled(_))));
}

#[test]
fn saved_is_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.safetensors");
    let e = encoder(40);
    e.save(&path, serde_json::json!({"seed": 1})).unwrap();
    let bytes: &'static [u8] = Vec::leak(fs_err::read(&path).unwrap());
    let texts = ["the dogs", "cat barks."];
    let want = e.encode(&texts, &ctx(1)).unwrap();
    for other in [StaticEncoder::load(&path).unwrap(), StaticEncoder::from_bytes(bytes).unwrap()] {
        assert_eq!(other.encode(&texts, &ctx(1)).unwrap().as_slice(), want.as_slice());
        assert_eq!(other.fingerprint(), e.fingerprint());
        assert_eq!((other.name(), other.dim(), other.metric()), ("test", 40, Metric::Cosine));
        assert_eq!(other.params(), e.params());
    }
}

#[test]
fn fingerprints_tell_models_apart() {
    let mut changed = rows(40);
    changed.row_mut(3)[5] = 99.0;
    let other = StaticEncoder::from_rows(tokens(), &changed, params()).unwrap();
    assert_ne!(other.fingerprint(), encoder(40).fingerprint());
    let mut cased = params();
    cased.tokenizer.lowercase = false;
    let other = StaticEncoder::from_rows(tokens(), &rows(40), cased).unwrap();
    assert_ne!(other.fingerprint(), encoder(40).fingerprint());
}

#[test]
fn bad_parts_are_refused() {
    let short = Vectors::zeros(3, 8);
    assert!(matches!(
        StaticEncoder::from_rows(tokens(), &short, params()),
        Err(StaticError::Rows { rows: 3, tokens: 7 })
    ));
    let mut nan = rows(8);
    nan.row_mut(2)[1] = f32::NAN;
    let err = StaticEncoder::from_rows(tokens(), &nan, params()).unwrap_err().to_string();
    assert!(err.contains("row 2") && err.contains("cat"), "{err}");
    assert!(matches!(
        StaticEncoder::from_rows(tokens(), &Vectors::zeros(7, 0), params()),
        Err(StaticError::NoDimension)
    ));
    let no_unknown = vec!["dog".to_owned()];
    assert!(StaticEncoder::from_rows(no_unknown, &Vectors::zeros(1, 4), params()).is_err());
}

#[test]
fn damaged_and_foreign_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.safetensors");
    encoder(8).save(&path, serde_json::Value::Null).unwrap();
    let bytes = fs_err::read(&path).unwrap();
    for cut in [0, 7, 40, bytes.len() - 1] {
        fs_err::write(&path, &bytes[..cut]).unwrap();
        let err = StaticEncoder::load(&path).unwrap_err().to_string();
        assert!(err.contains("m.safetensors"), "{err}");
    }
    let card = vectory_core::artifact::Card {
        kind: "pca".into(),
        version: 1,
        params: serde_json::json!({}),
        provenance: serde_json::json!({}),
    };
    vectory_core::artifact::save(&path, &card, &[]).unwrap();
    let err = StaticEncoder::load(&path).unwrap_err().to_string();
    assert!(err.contains("pca") && err.contains("static-encoder"), "{err}");
    assert!(StaticEncoder::load(Path::new("no/such.safetensors")).unwrap_err().to_string().contains("no/such"));
}

#[test]
fn a_model2vec_folder_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let vocab: serde_json::Map<String, serde_json::Value> =
        TOKENS.iter().enumerate().map(|(i, t)| ((*t).into(), i.into())).collect();
    let json = serde_json::json!({
        "added_tokens": [], "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab},
    });
    fs_err::write(dir.path().join("tokenizer.json"), json.to_string()).unwrap();
    let table = rows(40);
    let bytes: &[u8] = bytemuck::cast_slice(table.as_slice());
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![7, 40], bytes).unwrap();
    let file = safetensors::serialize([("embeddings", view)], None).unwrap();
    fs_err::write(dir.path().join("model.safetensors"), file).unwrap();
    let got = StaticEncoder::load(dir.path()).unwrap().encode(&["the dogs"], &ctx(1)).unwrap();
    assert_eq!(got.as_slice(), encoder(40).encode(&["the dogs"], &ctx(1)).unwrap().as_slice());
}

#[test]
fn tokens_of_a_text_sum_to_its_vector() {
    let e = encoder(40);
    let texts = ["the dogs", "", "barks the dogs"];
    let (plain, weighed) = (e.encode_tokens(&texts, &ctx(1)).unwrap(), e.encode_query_tokens(&texts, &ctx(1)).unwrap());
    let sums = e.encode(&texts, &ctx(1)).unwrap();
    assert_eq!(plain.lengths(), weighed.lengths());
    assert_eq!(plain.lengths()[1], 0);
    for i in [0, 2] {
        let mut sum = vec![0.0; e.dim()];
        for (unit, row) in plain.view().item(i).iter().zip(weighed.view().item(i).iter()) {
            let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt();
            assert!(unit.iter().zip(row).all(|(u, r)| (u * norm - r).abs() < 1e-5));
            sum.iter_mut().zip(row).for_each(|(s, r)| *s += r);
        }
        vectory_core::vectors::normalize(&mut sum);
        assert!(sum.iter().zip(sums.row(i)).all(|(a, b)| (a - b).abs() < 1e-5));
    }
}

proptest! {
    #[test]
    fn every_text_has_unit_length_or_zeros(texts in prop::collection::vec("(\\PC|the |dogs? |barks)*", 0..20)) {
        let e = encoder(33);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let got = e.encode(&texts, &ctx(1)).unwrap();
        for row in got.iter() {
            let norm: f32 = row.iter().map(|v| v * v).sum();
            prop_assert!(norm == 0.0 || (norm - 1.0).abs() < 1e-5);
        }
    }
}
