//! Older forms of asking, put as the one form; and what is not supported, by name.

use serde_json::{Value, json};
use vectory_space::json::At;
use vectory_space::{Ask, Live};

use super::parse::{input, select};
use super::query::{Asked, grouped, look_up, pairs, plain, recommend as examples};
use super::render::scored;
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

const COMMON: [&str; 14] = [
    "filter",
    "params",
    "limit",
    "offset",
    "with_payload",
    "with_vector",
    "with_vectors",
    "score_threshold",
    "shard_key",
    "using",
    "lookup_from",
    "group_by",
    "group_size",
    "with_lookup",
];

/// How an older form says what is asked.
type Form = fn(&At<'_>) -> Result<(Ask, Option<String>), ApiError>;

fn by_vector(at: &At<'_>) -> Result<(Ask, Option<String>), ApiError> {
    at.only(&[&COMMON[..], &["vector"]].concat())?;
    let vector = at.need("vector")?;
    // Of a named vector the name stands beside it.
    match (vector.get("name"), vector.get("vector")) {
        (Some(name), Some(inner)) => Ok((Ask::Nearest(input(&inner)?), Some(name.text()?.to_owned()))),
        _ => Ok((Ask::Nearest(input(&vector)?), None)),
    }
}

fn by_examples(at: &At<'_>) -> Result<(Ask, Option<String>), ApiError> {
    at.only(&[&COMMON[..], &["positive", "negative", "strategy"]].concat())?;
    Ok((examples(at)?, None))
}

fn by_pairs(at: &At<'_>) -> Result<(Ask, Option<String>), ApiError> {
    at.only(&[&COMMON[..], &["target", "context"]].concat())?;
    Ok((Ask::Discover { target: at.opt("target", input)?, pairs: pairs(at)? }, None))
}

fn read(app: &App, at: &At<'_>, form: Form) -> Result<Asked, ApiError> {
    let (mut ask, name) = form(at)?;
    if let Some(key) = at.get("shard_key") {
        return Err(key.unsupported("shard_key").into());
    }
    let using = match name {
        Some(name) => name,
        None => at.opt("using", At::text)?.unwrap_or_default().to_owned(),
    };
    if let Some(from) = at.get("lookup_from") {
        look_up(app, &from, &using, &mut ask)?;
    }
    let query = plain(app, at, Some(ask), using)?;
    Ok(Asked { query, select: select(at, false)? })
}

fn answer(app: &App, live: &Live, at: &At<'_>, form: Form) -> Result<Value, ApiError> {
    let asked = read(app, at, form)?;
    scored(live, &live.space().query_points(&asked.query, &app.ctx)?, &asked.select)
}

fn one(app: &App, call: &Call, form: Form) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| Ok(Reply::Result(answer(app, &live, at, form)?)))
}

fn many(app: &App, call: &Call, form: Form) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| {
        let list = at.need("searches")?.list()?;
        let results = list.iter().map(|at| answer(app, &live, at, form)).collect::<Result<_, _>>()?;
        Ok(Reply::Result(Value::Array(results)))
    })
}

fn in_groups(app: &App, call: &Call, form: Form) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| grouped(app, &live, at, &read(app, at, form)?))
}

pub(super) fn search(app: &App, call: &Call) -> Result<Reply, ApiError> {
    one(app, call, by_vector)
}

pub(super) fn search_batch(app: &App, call: &Call) -> Result<Reply, ApiError> {
    many(app, call, by_vector)
}

pub(super) fn search_groups(app: &App, call: &Call) -> Result<Reply, ApiError> {
    in_groups(app, call, by_vector)
}

pub(super) fn recommend(app: &App, call: &Call) -> Result<Reply, ApiError> {
    one(app, call, by_examples)
}

pub(super) fn recommend_batch(app: &App, call: &Call) -> Result<Reply, ApiError> {
    many(app, call, by_examples)
}

pub(super) fn recommend_groups(app: &App, call: &Call) -> Result<Reply, ApiError> {
    in_groups(app, call, by_examples)
}

pub(super) fn discover(app: &App, call: &Call) -> Result<Reply, ApiError> {
    one(app, call, by_pairs)
}

pub(super) fn matrix(_: &App, _: &Call) -> Result<Reply, ApiError> {
    Err(ApiError::unsupported("the distance matrix"))
}

pub(super) fn cluster(_: &App, _: &Call) -> Result<Reply, ApiError> {
    Err(ApiError::unsupported("sharding and replication"))
}

pub(super) fn whole_snapshot(_: &App, _: &Call) -> Result<Reply, ApiError> {
    Err(ApiError::unsupported("a snapshot of all collections at once (make one of each collection)"))
}

pub(super) fn telemetry(_: &App, _: &Call) -> Result<Reply, ApiError> {
    Err(ApiError::unsupported("telemetry (there is none; see /metrics)"))
}

pub(super) fn locks(_: &App, _: &Call) -> Result<Reply, ApiError> {
    Err(ApiError::unsupported("locking the server (start it with a read-only key instead)"))
}

pub(super) fn cluster_status(_: &App, _: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Result(json!({"status": "disabled"})))
}

pub(super) fn issues(_: &App, _: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Result(json!({"issues": []})))
}
