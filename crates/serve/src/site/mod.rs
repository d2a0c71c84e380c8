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

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::PAGE;

    fn files(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path, into) } else { into.push(path) }
        }
    }

    /// What `web/build/sources.mjs` computes.
    #[test]
    fn the_page_is_the_one_that_its_sources_give() {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
        if !web.exists() {
            println!("skipped: the page's sources are not here");
            return;
        }
        let mut all = ["index.html", "package-lock.json", "vite.config.ts"].map(|f| web.join(f)).to_vec();
        files(&web.join("src"), &mut all);
        let name = |p: &PathBuf| p.strip_prefix(&web).unwrap().to_string_lossy().replace('\\', "/");
        all.sort_by_key(name);
        let mut bytes = Vec::new();
        for path in &all {
            bytes.extend_from_slice(name(path).as_bytes());
            bytes.push(0);
            bytes.extend(fs_err::read(path).unwrap());
            bytes.push(0);
        }
        let want = format!("<meta name=\"sources\" content=\"{:016x}\">", vectory_core::hash::fnv1a(&bytes));
        assert!(PAGE.contains(&want), "the page is older than web/: run `make web`");
    }

    #[test]
    fn the_page_is_small_and_asks_nobody_else() {
        assert!(PAGE.len() < 1_500_000, "{} bytes", PAGE.len());
        for outside in ["src=\"http", "href=\"http", "url(http", "@import", "//cdn."] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
    }
}
