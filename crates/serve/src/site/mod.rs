//! The page, and the document that describes the interfaces.
//!
//! The page is one file without any request beyond this server. It is kept as it is served, so that `cargo build` needs
//! nothing but cargo.

use serde_json::json;

use crate::app::App;
use crate::error::ApiError;
use crate::route::{Access, Call, Handler, Reply, Route};

/// The page.
const PAGE: &str = include_str!("page.html");

/// The version of Qdrant's REST API that clients may take this server for.
const API: &str = "1.19.0";

pub(crate) fn routes() -> Vec<Route> {
    let route = |path, summary, handler: Handler| Route {
        method: "GET",
        path,
        access: Access::Open,
        tag: "service",
        summary,
        example: "",
        handler,
    };
    vec![
        route("/", "The page for browsers; name and version for programs", root),
        route("/ui", "The page", |_, _| Ok(Reply::Text("text/html; charset=utf-8", PAGE.to_owned()))),
        route("/openapi.json", "This document", |_, _| Ok(Reply::Json(crate::openapi::document()))),
        route("/docs", "This document, to browse", |_, _| {
            Ok(Reply::Text("text/html; charset=utf-8", crate::openapi::page()))
        }),
    ]
}

fn root(_: &App, call: &Call) -> Result<Reply, ApiError> {
    if call.wants_html {
        return Ok(Reply::Text("text/html; charset=utf-8", PAGE.to_owned()));
    }
    Ok(Reply::Json(json!({
        "title": "vectory - Qdrant-compatible vector search",
        "version": API,
        "vectory": env!("CARGO_PKG_VERSION"),
    })))
}
