//! A collection as a map: every row of a dense view has a place in the plane, regions have names, and what is found, filtered
//! or chosen is shown on it.
//!
//! ```text
//! rows ─▶ places (UMAP; above 200,000 rows of a sample, the others among their nearest) ─▶ groups (HDBSCAN) ─▶ names
//! ```
//!
//! A view of two values is a map already and is shown as it is. A map is made once, as a job ([`crate::jobs`]), and kept beside
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

use std::sync::Arc;

use serde_json::json;
use vectory_space::json::At;

use crate::app::App;
use crate::error::ApiError;
use crate::jobs::{self, Outcome, Task};
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
    (
        "POST",
        "/collections/{collection}/map",
        Write,
        start,
        "Make the map, or make it anew. A job",
        r#"{"view": "meaning"}"#,
    ),
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

/// What the job that makes a map is called.
const KIND: &str = "map";

fn status(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let name = call.param("collection");
    let (map, job) = (app.maps.known(name, &live), app.jobs.last(KIND, name));
    let error = job.as_ref().and_then(|j| j.error()).map(|e| e.message);
    let running = job.filter(|j| !j.has_ended());
    let state = match (&running, &error, &map) {
        (Some(_), _, _) => "running",
        (None, Some(_), _) => "failed",
        (None, None, Some(_)) => "ready",
        (None, None, None) => "none",
    };
    let mut said = json!({"state": state, "error": error, "points": 0, "regions": []});
    if let Some(job) = running {
        said["job"] = job.describe();
    }
    if let Some(map) = map {
        said["points"] = json!(map.passages.len());
        said["regions"] = json!(map.regions);
        said["view"] = json!(map.view);
        said["seconds"] = json!(map.seconds);
        said["stale"] = json!(map.generation != live.space().manifest().generation);
    }
    said["views"] = json!(dense_views(&live).collect::<Vec<_>>());
    said["fields"] = json!(items::fields(&live)?);
    Ok(Reply::Result(said))
}

/// Begins to make a map, or gives the job that is at it.
fn start(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let name = call.param("collection").to_owned();
    let (view, wait) = with_body(call, |at| {
        at.only(&["view", "wait"])?;
        let first = || dense_views(&live).next();
        let named = at.opt("view", |v| Ok(v.text()?.to_owned()))?;
        if let Some(name) = named.as_ref().filter(|n| !dense_views(&live).any(|v| v == **n)) {
            let known = dense_views(&live).collect::<Vec<_>>().join(", ");
            return Err(at.error(format!("there is no dense view `{name}` (there are: {known})")).into());
        }
        let none = || ApiError::bad("Wrong input: this collection has no dense view to make a map of");
        Ok((named.or_else(first).ok_or_else(none)?, at.opt("wait", At::flag)?.unwrap_or(false)))
    })?;
    let last = app.jobs.last(KIND, &name);
    let job = match last {
        Some(job) if !job.has_ended() => job,
        // A map may be asked for anew; who asks at the same time gets the same job.
        last => {
            let key = format!("{view} after {}", last.map_or(0, |j| j.id));
            let (maps, collection) = (Arc::clone(&app.maps), name.clone());
            app.jobs.start(Task { kind: KIND, collection, key }, &app.ctx, move |ctx| {
                let map = job::make(&live, &view, ctx).map_err(|why| ApiError::new(422, why))?;
                let told = json!({"view": map.view, "points": map.passages.len(), "regions": map.regions});
                maps.keep(&name, &live, map);
                Ok(Outcome::of(told))
            })?
        }
    };
    jobs::reply(app, &job, wait)
}

fn dense_views(live: &vectory_space::Live) -> impl Iterator<Item = String> {
    live.space().info().views.into_iter().filter(|v| v.kind == "dense").map(|v| v.name)
}
