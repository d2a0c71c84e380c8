//! Looking at a collection: the report on its vectors, its topics, why an item matches, how good the answers are (its map is a matter of its own).
//!
//! Each is what the command of the same name does. What takes long is a job ([`crate::jobs`]): `POST` begins it and gives its number
//! (with `"wait": true` its result, if that comes within the request's time), `GET` gives the newest result.

mod evaluate;
mod explain;
mod inspect;
mod rows;
mod topics;

use serde_json::Value;
use vectory_space::json::{At, JsonError};

use crate::app::App;
use crate::error::ApiError;
use crate::jobs::Task;
use crate::route::{Access, Call, Handler, Reply, Route};

pub(crate) fn routes() -> Vec<Route> {
    let route = |method, path, summary, example, handler: Handler| Route {
        method,
        path,
        access: Access::Read,
        tag: "look",
        summary,
        example,
        handler,
    };
    vec![
        route(
            "POST",
            "/collections/{collection}/inspect",
            "Are the vectors any good? A job",
            r#"{"wait": true}"#,
            inspect::begin,
        ),
        route("GET", "/collections/{collection}/inspect", "The newest report on the vectors", "", |a, c| {
            newest(a, c, "inspect")
        }),
        route(
            "POST",
            "/collections/{collection}/topics",
            "What is it about? A job",
            r#"{"wait": true}"#,
            topics::begin,
        ),
        route("GET", "/collections/{collection}/topics", "The newest topics", "", |a, c| newest(a, c, "topics")),
        route(
            "POST",
            "/collections/{collection}/explain",
            "Which words of an item, or of a text, make it match a question",
            r#"{"query": "a question", "text": "a text that may match"}"#,
            explain::explain,
        ),
        route(
            "POST",
            "/collections/{collection}/evaluate",
            "How good are the answers to questions whose right answers are known? A job",
            r#"{"queries": [{"text": "a question", "relevant": {"a": 1}}], "wait": true}"#,
            evaluate::begin,
        ),
    ]
}

/// The newest result of a kind of job.
fn newest(app: &App, call: &Call, kind: &'static str) -> Result<Reply, ApiError> {
    call.collection(app)?;
    let name = call.param("collection");
    let missing =
        || ApiError::missing(format!("Not found: there is no {kind} of {name} yet; POST to this address makes one"));
    let job = app.jobs.newest(kind, name).ok_or_else(missing)?;
    let mut out = job.describe();
    out["result"] = job.outcome().map_or(Value::Null, |o| o.value.clone());
    Ok(Reply::Result(out))
}

/// A job over one commit of a collection, told apart by what was asked.
fn task(kind: &'static str, call: &Call, generation: u64, asked: &str) -> Task {
    Task { kind, collection: call.param("collection").to_owned(), key: format!("{generation} {asked}") }
}

/// A body that may be left out.
fn optional_body(call: &Call) -> Result<Value, ApiError> {
    if call.body.is_empty() { Ok(Value::Object(serde_json::Map::new())) } else { call.json() }
}

/// `view`, or the first dense view.
fn dense_view(at: &At<'_>, space: &vectory_space::Space) -> Result<String, JsonError> {
    let known: Vec<String> = space.info().views.into_iter().filter(|v| v.kind == "dense").map(|v| v.name).collect();
    match at.opt("view", At::text)? {
        Some(name) if known.iter().any(|k| k == name) => Ok(name.to_owned()),
        Some(name) => Err(at.error(format!("there is no dense view `{name}`; there are {}", known.join(", ")))),
        None => known.into_iter().next().ok_or_else(|| at.error("this collection has no dense view")),
    }
}

fn wait(at: &At<'_>) -> Result<bool, JsonError> {
    Ok(at.opt("wait", At::flag)?.unwrap_or(false))
}

/// The start of a text, on one line.
fn cut(text: &str, most: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &flat[..at]),
        None => flat,
    }
}

/// What a library said when it refused or failed.
fn failed(e: impl std::fmt::Display) -> ApiError {
    ApiError::new(422, e.to_string())
}
