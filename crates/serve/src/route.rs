//! The table of everything that can be asked.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use vectory_space::Live;
use vectory_space::json::At;

use crate::app::App;
use crate::error::ApiError;

/// Which key a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nobody is asked: health.
    Open,
    /// Either key.
    Read,
    /// The full key.
    Write,
}

/// A row of the table.
pub(crate) struct Route {
    pub method: &'static str,
    /// With `{name}` for what varies.
    pub path: &'static str,
    pub access: Access,
    /// The heading in the documentation.
    pub tag: &'static str,
    pub summary: &'static str,
    /// An example body for the documentation, as JSON; empty when it takes none.
    pub example: &'static str,
    pub handler: Handler,
}

/// What answers a route.
pub(crate) type Handler = fn(&App, &Call) -> Result<Reply, ApiError>;

/// A request, read.
pub(crate) struct Call {
    pub params: HashMap<String, String>,
    pub query: HashMap<String, String>,
    /// The body, as it came.
    pub body: Vec<u8>,
    /// Whether a browser asks for a page.
    pub wants_html: bool,
}

/// An answer.
pub(crate) enum Reply {
    /// In the envelope `{result, status, time}`.
    Result(Value),
    /// As it is.
    Json(Value),
    /// A text of this type.
    Text(&'static str, String),
    /// Bytes of this type.
    Bytes(&'static str, Vec<u8>),
    /// A file to download.
    File(PathBuf),
}

impl Call {
    /// A part of the path.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value, ApiError> {
        if self.body.is_empty() {
            return Err(ApiError::bad("Format error in JSON body: it is empty; send a JSON object"));
        }
        serde_json::from_slice(&self.body).map_err(|e| {
            let remedy = if is_no_number(&self.body, &e) {
                ": JSON has no NaN and no Infinity; send finite numbers"
            } else {
                ""
            };
            ApiError::bad(format!("Format error in JSON body: {e}{remedy}"))
        })
    }

    /// A flag of the query string.
    pub fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.query.get(name).map(String::as_str) {
            None | Some("false") => Ok(false),
            Some("true" | "") => Ok(true),
            Some(other) => Err(ApiError::bad(format!(
                "Wrong input: query parameter `{name}` is `{other}`; true or false is expected"
            ))),
        }
    }

    /// The collection that the path names.
    pub fn collection(&self, app: &App) -> Result<Arc<Live>, ApiError> {
        Ok(app.registry.get(self.param("collection"))?)
    }
}

/// Whether the body stops being JSON where a program wrote what is no number.
fn is_no_number(body: &[u8], error: &serde_json::Error) -> bool {
    let line = body.split(|b| *b == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let at = error.column().saturating_sub(2);
    let words = line.get(at..).unwrap_or_default();
    [&b"NaN"[..], b"nan", b"Inf", b"inf"].iter().any(|w| words.windows(w.len()).take(3).any(|part| part == *w))
}

/// Reads a body and lets `read` look at it.
pub(crate) fn with_body<T>(call: &Call, read: impl FnOnce(&At<'_>) -> Result<T, ApiError>) -> Result<T, ApiError> {
    let body = call.json()?;
    read(&At::root(&body))
}

/// All rows.
pub(crate) fn routes() -> Vec<Route> {
    let all = [
        crate::qdrant::routes(),
        crate::encode::routes(),
        crate::native::routes(),
        crate::map::routes(),
        crate::look::routes(),
        crate::upload::routes(),
        crate::jobs::routes(),
        crate::site::routes(),
    ];
    all.into_iter().flatten().collect()
}
