//! A collection as a map: every row of a dense view has a place in the plane, regions have names, and what is found, filtered
//! or chosen is shown on it.
//!
//! ```text
//! rows ─▶ places (UMAP; above 200,000 rows of a sample, the others among their nearest) ─▶ groups (HDBSCAN) ─▶ names
//! ```
//!
//! A view of two values is a map already and is shown as it is. A map is made once, on a thread of its own, and kept beside
//! the space (`map.safetensors`); it says which commit it shows. Points travel as 14 bytes each: two f32, the passage's
//! number, the colour's.

mod groups;
mod items;
mod job;
mod places;
mod points;
mod similar;
mod state;

pub(crate) use state::Maps;

use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::route::{Access, Call, Handler, Reply, Route, with_body};

use Access::{Read, Write};

type Row = (&'static str, &'static str, Access, Handler, &'static str, &'static str);

const ROUTES: [Row; 7] = [
    (
        "GET",
        "/collections/{collection}/map",
        Read,
        status,
        "The map of a collection: how far it is, regions, fields",
        "",
    ),
    ("POST", "/collections/{collection}/map", Write, start, "Make the map, or make it anew", r#"{"view": "meaning"}"#),
    (
        "GET",
        "/collections/{collection}/map/points",
        Read,
        points::points,
        "Places, passages and colours (`?colour=FIELD`) in binary form",
        "",
    ),
    (
        "POST",
        "/collections/{collection}/map/items",
        Read,
        items::items,
        "What points of the map are",
        r#"{"passages": [0, 1]}"#,
    ),
    (
        "POST",
        "/collections/{collection}/map/scores",
        Read,
        items::scores,
        "The passages that answer a question best, with scores",
        r#"{"query": "a question", "k": 500}"#,
    ),
    (
        "POST",
        "/collections/{collection}/map/matching",
        Read,
        points::matching,
        "Which points a filter lets through, a bit each",
        r#"{"filter": "year >= 2020"}"#,
    ),
    (
        "POST",
        "/collections/{collection}/similar",
        Read,
        similar::similar,
        "More like these items, less like those",
        r#"{"positive": ["a"], "negative": [], "k": 10}"#,
    ),
];

pub(crate) fn routes() -> Vec<Route> {
    let route = |(method, path, access, handler, summary, example): Row| Route {
        method,
        path,
        access,
        tag: "vectory",
        summary,
        example,
        handler,
    };
    ROUTES.into_iter().map(route).collect()
}

fn status(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let views: Vec<String> = dense_views(&live).collect();
    let mut said = app.maps.status(call.param("collection"), &live);
    said["views"] = json!(views);
    said["fields"] = json!(items::fields(&live)?);
    Ok(Reply::Result(said))
}

fn start(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let view = with_body(call, |at| {
        at.only(&["view"])?;
        let first = || dense_views(&live).next();
        let named = at.opt("view", |v| Ok(v.text()?.to_owned()))?;
        if let Some(name) = named.as_ref().filter(|n| !dense_views(&live).any(|v| v == **n)) {
            let known = dense_views(&live).collect::<Vec<_>>().join(", ");
            return Err(at.error(format!("there is no dense view `{name}` (there are: {known})")).into());
        }
        named
            .or_else(first)
            .ok_or_else(|| ApiError::bad("Wrong input: this collection has no dense view to make a map of"))
    })?;
    let started = app.maps.start(call.param("collection"), &live, &view, &app.ctx)?;
    Ok(Reply::Result(Value::from(started)))
}

fn dense_views(live: &vectory_space::Live) -> impl Iterator<Item = String> {
    live.space().info().views.into_iter().filter(|v| v.kind == "dense").map(|v| v.name)
}
