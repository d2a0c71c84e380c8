//! Texts to vectors over HTTP: OpenAI's `/v1/embeddings`, and the routes that text-embeddings-inference has.

mod batch;
mod openai;
mod tei;

use std::path::Path;
use std::sync::Arc;

use vectory_core::{Encode, Vectors};
use vectory_space::json::{At, JsonError};

use crate::app::App;
use crate::error::ApiError;
use crate::route::{Access, Handler, Route};
pub(crate) use batch::Batcher;

/// Texts of one request.
const MOST_TEXTS: usize = 4096;

/// The server's encoder.
fn encoder(app: &App) -> Result<Arc<dyn Encode>, ApiError> {
    app.encoders.open("default", Path::new(".")).map_err(|e| ApiError::new(500, format!("Service internal error: {e}")))
}

/// One text, or several.
fn texts(at: &At<'_>) -> Result<Vec<String>, JsonError> {
    let list = at.one_or_list()?;
    if list.is_empty() {
        return Err(at.error("is empty; at least one text is expected"));
    }
    if list.len() > MOST_TEXTS {
        return Err(at.error(format!("has {} texts; at most {MOST_TEXTS} are taken at once", list.len())));
    }
    list.iter().map(|t| Ok(t.text()?.to_owned())).collect()
}

/// Unit rows of the first `dimensions` values.
fn encode(
    app: &App,
    encoder: &dyn Encode,
    texts: &[String],
    normalize: bool,
    dimensions: Option<usize>,
) -> Result<Vectors, ApiError> {
    let mut rows = app.batcher.encode(encoder, texts.to_vec(), &app.ctx)?;
    if let Some(d) = dimensions.filter(|d| *d < rows.dim()) {
        let cut: Vec<&[f32]> = rows.iter().map(|r| &r[..d]).collect();
        rows = Vectors::from_rows(cut).map_err(|e| ApiError::new(500, e.to_string()))?;
    }
    if normalize {
        rows.normalize();
    }
    Ok(rows)
}

/// `dimensions`: from 1 to those of the encoder.
fn dimensions(at: &At<'_>, most: usize) -> Result<Option<usize>, JsonError> {
    let wanted = at.opt("dimensions", At::size)?;
    match wanted {
        Some(d) if d == 0 || d > most => Err(at.error(format!("dimensions is {d}; this model has {most}"))),
        other => Ok(other),
    }
}

pub(crate) fn routes() -> Vec<Route> {
    let route = |method, path, summary, example, handler: Handler| Route {
        method,
        path,
        access: Access::Read,
        tag: "encode",
        summary,
        example,
        handler,
    };
    vec![
        route(
            "POST",
            "/v1/embeddings",
            "Vectors of texts, as OpenAI has it",
            r#"{"model": "default", "input": ["a text"]}"#,
            openai::embeddings,
        ),
        route("GET", "/v1/models", "The models of /v1/embeddings", "", openai::models),
        route("POST", "/embed", "Vectors of texts", r#"{"inputs": ["a text"]}"#, tei::embed),
        route("POST", "/embed_sparse", "Weighted terms of texts", r#"{"inputs": ["a text"]}"#, tei::embed_sparse),
        route(
            "POST",
            "/rerank",
            "Texts by their nearness to a question",
            r#"{"query": "a question", "texts": ["a text", "another"]}"#,
            tei::rerank,
        ),
        route(
            "POST",
            "/similarity",
            "Nearness of texts to a text",
            r#"{"inputs": {"source_sentence": "a text", "sentences": ["another"]}}"#,
            tei::similarity,
        ),
        route("GET", "/info", "The encoder", "", tei::info),
    ]
}
