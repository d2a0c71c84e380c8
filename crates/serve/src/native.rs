//! Our own routes: hybrid search with explanations, items with their neighbours, looking after collections.

use std::sync::Arc;

use serde_json::{Value, json};
use vectory_space::filter::{Filter, from_json};
use vectory_space::json::{At, JsonError};
use vectory_space::{Ask, Input, Op, PointQuery, Query, Select, WithPayload, id_value};

use crate::app::App;
use crate::error::ApiError;
use crate::jobs::{self, Outcome, Task};
use crate::route::{Access, Call, Handler, Reply, Route, with_body};

pub(crate) fn routes() -> Vec<Route> {
    let route = |method, path, access, summary, example, handler: Handler| Route {
        method,
        path,
        access,
        tag: "vectory",
        summary,
        example,
        handler,
    };
    vec![
        route(
            "POST",
            "/collections/{collection}/search",
            Access::Read,
            "Hybrid search in words, explained",
            r#"{"query": "a question", "k": 10, "explain": true}"#,
            search,
        ),
        route(
            "GET",
            "/collections/{collection}/items/{id}",
            Access::Read,
            "An item with its text and its neighbours",
            "",
            item,
        ),
        route(
            "GET",
            "/collections/{collection}/views",
            Access::Read,
            "The views of a collection and what they hold",
            "",
            views,
        ),
        route(
            "POST",
            "/collections/{collection}/optimize",
            Access::Write,
            "Merge all segments; what is deleted leaves the disk",
            "",
            optimize,
        ),
        route(
            "POST",
            "/collections/{collection}/reembed",
            Access::Write,
            "Give a view another encoder, in place: `default`, or one of the server's `models` folder. A job",
            r#"{"view": "meaning", "model": "default"}"#,
            reembed,
        ),
    ]
}

/// A filter as JSON, or as an expression: `year >= 2020 and lang = "en"`.
pub(crate) fn filter(at: &At<'_>) -> Result<Option<Filter>, JsonError> {
    at.opt("filter", |at| match at.value.as_str() {
        Some(text) => text.parse().map_err(|e: vectory_space::filter::FilterError| at.error(e.to_string())),
        None => from_json(at),
    })
}

fn search(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let most = app.config.limits.answer;
    with_body(call, |at| {
        at.only(&["query", "k", "limit", "offset", "filter", "explain", "views"])?;
        let k = at.opt("k", At::size)?.or(at.opt("limit", At::size)?).unwrap_or(10);
        if k == 0 || k > most {
            return Err(at.error(format!("k is {k}; 1 to {most} is expected")).into());
        }
        let views =
            at.opt("views", |v| v.list()?.iter().map(|t| Ok(t.text()?.to_owned())).collect())?.unwrap_or_default();
        let query = Query {
            k,
            offset: at.opt("offset", At::size)?.unwrap_or(0),
            filter: filter(at)?,
            explain: at.opt("explain", At::flag)?.unwrap_or(false),
            views,
            ..Query::new(at.need("query")?.text()?)
        };
        let answers = live.space().search(&query, &app.ctx)?;
        Ok(Reply::Result(serde_json::to_value(answers).map_err(|e| ApiError::new(500, e.to_string()))?))
    })
}

/// Neighbours that are shown of an item.
const NEIGHBOURS: usize = 8;

fn item(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let space = live.space();
    let id = call.param("id");
    let document = space.document(id)?.ok_or_else(|| ApiError::missing(format!("Not found: there is no item {id}")))?;
    let mut neighbours = Vec::new();
    let dense = space.info().views.into_iter().find(|v| v.kind == "dense");
    if let Some(view) = dense {
        let ask = Some(Ask::Nearest(Input::Id(id.to_owned())));
        let query = PointQuery { ask, using: view.name, limit: NEIGHBOURS, ..PointQuery::default() };
        // An item without a vector has no neighbours.
        for hit in space.query_points(&query, &app.ctx).unwrap_or_default() {
            let select = Select { payload: WithPayload::All, text: true, ..Select::default() };
            if let Some(point) = space.read_points(&[hit.document], &select)?.pop() {
                let text: String = point.text.unwrap_or_default().chars().take(240).collect();
                let title = space.document(&point.id)?.map(|d| d.title).unwrap_or_default();
                neighbours.push(json!({"id": id_value(&point.id), "score": hit.score, "title": title, "text": text, "payload": point.payload}));
            }
        }
    }
    Ok(Reply::Result(json!({"item": document, "neighbours": neighbours})))
}

fn views(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let (info, status) = (live.space().info(), live.status());
    Ok(Reply::Result(json!({"info": info, "status": status, "recipe": live.space().recipe()})))
}

fn optimize(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let done = call.collection(app)?.apply(Op::Optimize)?;
    Ok(Reply::Result(Value::from(done.generation)))
}

fn reembed(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let name = call.param("collection").to_owned();
    call.collection(app)?;
    let (view, model, wait) = with_body(call, |at| {
        at.only(&["view", "model", "wait"])?;
        let view = at.opt("view", At::text)?.unwrap_or("meaning").to_owned();
        Ok((view, model(app, &at.need("model")?)?, at.opt("wait", At::flag)?.unwrap_or(false)))
    })?;
    let task = Task { kind: "reembed", collection: name.clone(), key: String::new() };
    let registry = Arc::clone(&app.registry);
    let job = app.jobs.start(task, &app.ctx, move |ctx| {
        let done = registry.reembed(&name, &view, model, ctx)?;
        Ok(Outcome::of(serde_json::to_value(done).map_err(|e| ApiError::new(500, e.to_string()))?))
    })?;
    jobs::reply(app, &job, wait)
}

/// `default`, or the path of a model in the server's own folder: a client must not make the server read other files.
fn model(app: &App, at: &At<'_>) -> Result<String, ApiError> {
    let name = at.text()?;
    if name == "default" {
        return Ok(name.to_owned());
    }
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    let path = app.registry.folder().map(|f| f.join("models").join(name)).filter(|p| plain && p.exists());
    let path = path.ok_or_else(|| at.error(format!("there is no model `{name}` in the server's models folder")))?;
    Ok(std::path::absolute(path)?.display().to_string())
}
