//! all-MiniLM-L6-v2 against vectors and token ids of the reference implementation.
//! `VECTORY_MINILM` names the model's folder; gold values lie beside the data folder.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use vectory_core::{Context, Encode};
use vectory_neural::bert::{Bert, Precision};

struct Gold {
    folder: PathBuf,
    texts: Vec<String>,
    vectors: Vec<f32>,
}

fn gold() -> Option<(PathBuf, Gold)> {
    let model = std::env::var_os("VECTORY_MINILM").map(PathBuf::from);
    let data = std::env::var_os("VECTORY_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = data.join("../gold/minilm");
    let Some(model) = model.filter(|m| m.join("model.safetensors").exists() && folder.exists()) else {
        println!("skipped: needs VECTORY_MINILM (folder of all-MiniLM-L6-v2) and gold values at {}", folder.display());
        return None;
    };
    let texts: Vec<String> = serde_json::from_slice(&fs_err::read(folder.join("texts.json")).unwrap()).unwrap();
    let bytes = fs_err::read(folder.join("vectors.npy")).unwrap();
    let values = &bytes[bytes.len() - texts.len() * 384 * 4..];
    let vectors = values.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    Some((model, Gold { folder, texts, vectors }))
}

fn cosines(precision: Precision) -> Option<Vec<f32>> {
    let (model, gold) = gold()?;
    let encoder = Bert::load(&model, precision).unwrap();
    assert_eq!((encoder.dim(), encoder.max_tokens()), (384, Some(256)));
    let texts: Vec<&str> = gold.texts.iter().map(String::as_str).collect();
    let rows = encoder.encode(&texts, &Context::new(1, 2).unwrap()).unwrap();
    Some(
        rows.iter()
            .zip(gold.vectors.chunks_exact(384))
            .map(|(a, b)| a.iter().zip(b).map(|(x, y)| x * y).sum())
            .collect(),
    )
}

#[test]
fn single_precision_equals_the_reference() {
    let Some(cosines) = cosines(Precision::Single) else { return };
    assert!(cosines.iter().all(|c| *c > 1.0 - 1e-5), "{cosines:?}");
}

#[test]
fn half_precision_is_close() {
    let Some(cosines) = cosines(Precision::Half) else { return };
    assert!(cosines.iter().all(|c| *c > 0.9999), "{cosines:?}");
}

#[test]
fn a_texts_vector_does_not_depend_on_its_batch() {
    let Some((model, gold)) = gold() else { return };
    let encoder = Bert::load(&model, Precision::Single).unwrap();
    let ctx = Context::new(1, 2).unwrap();
    let texts: Vec<&str> = gold.texts.iter().map(String::as_str).collect();
    let all = encoder.encode(&texts, &ctx).unwrap();
    for (i, text) in texts.iter().enumerate() {
        assert_eq!(encoder.encode(&[text], &ctx).unwrap().row(0), all.row(i), "{text}");
    }
}

#[test]
fn our_tokens_are_the_references() {
    let Some((model, gold)) = gold() else { return };
    let ids: Vec<Vec<u32>> = serde_json::from_slice(&fs_err::read(gold.folder.join("ids.json")).unwrap()).unwrap();
    let encoder = Bert::load(&model, Precision::Half).unwrap();
    for (text, want) in gold.texts.iter().zip(&ids) {
        assert_eq!(&encoder.token_ids(text).unwrap(), want, "{text}");
    }
}
