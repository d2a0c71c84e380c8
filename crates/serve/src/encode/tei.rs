//! The routes of text-embeddings-inference.

use serde_json::{Value, json};
use vectory_space::json::At;
use vectory_text::{Analyzer, AnalyzerParams, Language};

use super::{dimensions, encode, encoder, texts};
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

/// How soon a repeated term stops counting in `/embed_sparse`.
const K1: f32 = 1.2;

pub(super) fn embed(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let encoder = encoder(app)?;
    with_body(call, |at| {
        at.only(&["inputs", "truncate", "truncation_direction", "normalize", "prompt_name", "dimensions"])?;
        if let Some(name) = at.get("prompt_name") {
            return Err(name.unsupported("prompt_name").into());
        }
        let normalize = at.opt("normalize", At::flag)?.unwrap_or(true);
        let rows =
            encode(app, encoder.as_ref(), &texts(&at.need("inputs")?)?, normalize, dimensions(at, encoder.dim())?)?;
        Ok(Reply::Json(Value::Array(rows.iter().map(|row| json!(row)).collect())))
    })
}

/// Terms of an analyzer, hashed to dimensions, with BM25's saturation (without lengths: each text stands alone). With a
/// sparse vector whose modifier is `idf` that makes BM25.
pub(super) fn embed_sparse(_: &App, call: &Call) -> Result<Reply, ApiError> {
    let analyzer = Analyzer::new(AnalyzerParams { language: Language::English, ..AnalyzerParams::default() });
    with_body(call, |at| {
        at.only(&["inputs", "truncate", "prompt_name"])?;
        let list = texts(&at.need("inputs")?)?;
        Ok(Reply::Json(Value::Array(list.iter().map(|text| weights(&analyzer, text)).collect())))
    })
}

fn weights(analyzer: &Analyzer, text: &str) -> Value {
    let mut counts: std::collections::BTreeMap<u32, f32> = std::collections::BTreeMap::new();
    analyzer.terms(text, &mut |term: &str| {
        let index = vectory_core::hash::fnv1a(term.as_bytes()) & 0x7fff_ffff;
        *counts.entry(index as u32).or_default() += 1.0;
    });
    let weight = |(index, n): (&u32, &f32)| json!({"index": index, "value": n * (K1 + 1.0) / (n + K1)});
    Value::Array(counts.iter().map(weight).collect())
}

pub(super) fn rerank(app: &App, call: &Call) -> Result<Reply, ApiError> {
    with_body(call, |at| {
        at.only(&["query", "texts", "raw_scores", "return_text", "truncate", "truncation_direction"])?;
        let list = texts(&at.need("texts")?)?;
        let with_text = at.opt("return_text", At::flag)?.unwrap_or(false);
        let scores = nearness(app, at.need("query")?.text()?, &list)?;
        let mut order: Vec<usize> = (0..list.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        let shown = |i: &usize| {
            let mut out = json!({"index": i, "score": scores[*i]});
            if let (true, Some(o)) = (with_text, out.as_object_mut()) {
                o.insert("text".into(), Value::from(list[*i].as_str()));
            }
            out
        };
        Ok(Reply::Json(Value::Array(order.iter().map(shown).collect())))
    })
}

pub(super) fn similarity(app: &App, call: &Call) -> Result<Reply, ApiError> {
    with_body(call, |at| {
        at.only(&["inputs", "parameters"])?;
        let inputs = at.need("inputs")?;
        let list = texts(&inputs.need("sentences")?)?;
        Ok(Reply::Json(json!(nearness(app, inputs.need("source_sentence")?.text()?, &list)?)))
    })
}

/// Cosines of a question with texts.
fn nearness(app: &App, question: &str, list: &[String]) -> Result<Vec<f32>, ApiError> {
    let encoder = encoder(app)?;
    let asked = encoder.encode_queries(&[question], &app.ctx);
    let mut asked = asked.map_err(|e| ApiError::new(500, format!("Service internal error: {e}")))?;
    asked.normalize();
    let rows = encode(app, encoder.as_ref(), list, true, None)?;
    Ok(rows.iter().map(|row| vectory_core::simd::dot(asked.row(0), row)).collect())
}

pub(super) fn info(app: &App, _: &Call) -> Result<Reply, ApiError> {
    let encoder = encoder(app)?;
    Ok(Reply::Json(json!({
        "model_id": encoder.name(),
        "model_sha": encoder.fingerprint(),
        "model_dtype": "float32",
        "model_type": {"embedding": {"pooling": "mean"}},
        "dimensions": encoder.dim(),
        "max_input_length": encoder.max_tokens(),
        "max_client_batch_size": super::MOST_TEXTS,
        "max_concurrent_requests": app.config.limits.workers,
        "version": env!("CARGO_PKG_VERSION"),
    })))
}
