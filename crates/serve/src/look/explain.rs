//! Which words make a text match a question.

use serde_json::{Value, json};
use vectory_core::simd;
use vectory_inspect::explain::{ExplainParams, explain as measure};
use vectory_space::json::At;

use super::{dense_view, failed};
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

/// Words of a text that are looked at.
const WORDS: usize = 400;
/// Masks that are tried unless told otherwise, and at most.
const SAMPLES: usize = 500;
const MOST: usize = 10_000;

pub(super) fn explain(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| {
        at.only(&["query", "text", "id", "view", "samples"])?;
        let view = dense_view(at, live.space())?;
        let encoder =
            live.space().encoder(&view).ok_or_else(|| at.error("the view has no encoder: its vectors are given"))?;
        let query = at.need("query")?.text()?.to_owned();
        let samples = at.opt("samples", At::size)?.unwrap_or(SAMPLES);
        if !(2..=MOST).contains(&samples) {
            return Err(at.error(format!("samples is {samples}; 2 to {MOST} is expected")).into());
        }
        let text = match (at.get("text"), at.get("id")) {
            (Some(text), None) => text.text()?.to_owned(),
            (None, Some(id)) => {
                let id = id.value.as_str().map_or_else(|| id.value.to_string(), str::to_owned);
                let found = live.space().document(&id)?;
                found.ok_or_else(|| ApiError::missing(format!("Not found: there is no item {id}")))?.text
            }
            _ => return Err(at.error("expected `text` or `id`").into()),
        };
        let all: Vec<&str> = text.split_whitespace().collect();
        let words = &all[..all.len().min(WORDS)];
        if words.is_empty() {
            return Err(at.error("the text has no words").into());
        }
        let question = encoder.encode_queries(&[&query], &app.ctx).map_err(failed)?;
        // The scorer cannot fail inside the explanation: what is not finite fails it.
        let score = |masks: &[Vec<bool>]| -> Vec<f64> {
            let shown =
                |m: &Vec<bool>| words.iter().zip(m).filter(|p| *p.1).map(|p| *p.0).collect::<Vec<_>>().join(" ");
            let texts: Vec<String> = masks.iter().map(shown).collect();
            let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
            match encoder.encode(&borrowed, &app.ctx) {
                Ok(rows) => rows.iter().map(|r| f64::from(simd::cosine(question.row(0), r))).collect(),
                Err(_) => vec![f64::NAN; masks.len()],
            }
        };
        let params = ExplainParams { samples, ..ExplainParams::default() };
        let found = measure(words.len(), &params, &app.ctx, &score).map_err(failed)?;
        let parts: Vec<Value> = words.iter().zip(&found.parts).map(|(w, v)| json!({"word": w, "effect": v})).collect();
        Ok(Reply::Result(json!({
            "view": view, "score": found.whole, "base": found.base, "r2": found.r2, "words": parts, "cut": all.len() - words.len(),
        })))
    })
}
