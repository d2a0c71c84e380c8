//! The one form of asking: `query` with prefetches, fusion, examples, order.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use vectory_space::filter::datetime_micros;
use vectory_space::json::{At, JsonError};
use vectory_space::{Ask, Fuse, Given, Input, Live, PointQuery, Query, Select, Strategy, WithVectors, id_value};

use super::parse::{filter, input, inputs, select};
use super::read::limit;
use super::render::scored;
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

/// A question and what is to be read of its hits.
pub(super) struct Asked {
    pub query: PointQuery,
    pub select: Select,
}

pub(super) fn one(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| Ok(Reply::Result(json!({"points": answer(app, &live, at)?}))))
}

pub(super) fn batch(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| {
        at.only(&["searches"])?;
        let list = at.need("searches")?.list()?;
        let results = list.iter().map(|at| Ok(json!({"points": answer(app, &live, at)?})));
        Ok(Reply::Result(Value::Array(results.collect::<Result<_, ApiError>>()?)))
    })
}

fn answer(app: &App, live: &Live, at: &At<'_>) -> Result<Value, ApiError> {
    let asked = read(app, live, at)?;
    if let Some(answer) = hybrid(app, live, &asked)? {
        return Ok(answer);
    }
    scored(live, &live.space().query_points(&asked.query, &app.ctx)?, &asked.select)
}

/// A text for a built space without `using`: all its views are asked, and fused as its recipe says.
fn hybrid(app: &App, live: &Live, asked: &Asked) -> Result<Option<Value>, ApiError> {
    let PointQuery { ask: Some(Ask::Nearest(Input::Text(text))), using, .. } = &asked.query else { return Ok(None) };
    if !using.is_empty() || live.space().recipe().view("").is_some() {
        return Ok(None);
    }
    let q = &asked.query;
    let query = Query { k: q.limit, offset: q.offset, filter: q.filter.clone(), ..Query::new(text.as_str()) };
    let hits = live.space().search(&query, &app.ctx)?.hits;
    let point = |hit: &vectory_space::Answer| {
        let mut payload = hit.payload.clone();
        for (key, value) in [("title", &hit.title), ("text", &hit.text)] {
            if !payload.contains_key(key) && !value.is_empty() {
                payload.insert(key.into(), Value::from(value.as_str()));
            }
        }
        json!({"id": id_value(&hit.id), "version": 0, "score": hit.score, "payload": payload})
    };
    Ok(Some(Value::Array(hits.iter().map(point).collect())))
}

pub(super) fn groups(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| {
        let asked = read_known(app, &live, at, &["group_by", "group_size", "with_lookup"])?;
        grouped(app, &live, at, &asked)
    })
}

/// Groups of the best hits.
pub(super) fn grouped(app: &App, live: &Live, at: &At<'_>, asked: &Asked) -> Result<Reply, ApiError> {
    if let Some(lookup) = at.get("with_lookup") {
        return Err(lookup.unsupported("with_lookup").into());
    }
    let field = at.need("group_by")?.text()?;
    let size = at.opt("group_size", At::size)?.unwrap_or(3).clamp(1, app.config.limits.answer);
    let groups = live.space().query_groups(&asked.query, field, (asked.query.limit, size), &app.ctx)?;
    let shown = groups.iter().map(|g| Ok(json!({"id": g.value, "hits": scored(live, &g.hits, &asked.select)?})));
    Ok(Reply::Result(json!({"groups": shown.collect::<Result<Vec<_>, ApiError>>()?})))
}

const KEYS: [&str; 14] = [
    "query",
    "prefetch",
    "using",
    "filter",
    "params",
    "score_threshold",
    "limit",
    "offset",
    "with_payload",
    "with_vector",
    "with_vectors",
    "lookup_from",
    "shard_key",
    "top",
];

fn read(app: &App, live: &Live, at: &At<'_>) -> Result<Asked, ApiError> {
    read_known(app, live, at, &[])
}

fn read_known(app: &App, live: &Live, at: &At<'_>, more: &[&str]) -> Result<Asked, ApiError> {
    at.only(&[&KEYS[..], more].concat())?;
    Ok(Asked { query: tree(app, live, at, 0)?, select: select(at, false)? })
}

/// How deep prefetches may nest.
const MAX_DEPTH: usize = 8;

fn tree(app: &App, live: &Live, at: &At<'_>, depth: usize) -> Result<PointQuery, ApiError> {
    if depth > MAX_DEPTH {
        return Err(at.error(format!("prefetches may nest {MAX_DEPTH} deep")).into());
    }
    at.only(&[&KEYS[..], &["group_by", "group_size", "with_lookup"]].concat())?;
    if let Some(key) = at.get("shard_key") {
        return Err(key.unsupported("shard_key").into());
    }
    let prefetch = match at.get("prefetch") {
        None => Vec::new(),
        Some(list) => list.one_or_list()?.iter().map(|p| tree(app, live, p, depth + 1)).collect::<Result<_, _>>()?,
    };
    let mut ask = at.opt("query", |q| ask(app, q))?;
    if matches!(ask, Some(Ask::Fuse(_))) && prefetch.is_empty() {
        return Err(at.error("fusion needs `prefetch`: the queries whose answers are fused").into());
    }
    let using = match at.opt("using", At::text)? {
        Some(name) => name.to_owned(),
        None => default_view(live),
    };
    if let (Some(from), Some(ask)) = (at.get("lookup_from"), ask.as_mut()) {
        look_up(app, &from, &using, ask)?;
    }
    Ok(PointQuery { prefetch, ..plain(app, at, ask, using)? })
}

/// A question without prefetches: what every form of asking says in the same words.
pub(super) fn plain(app: &App, at: &At<'_>, ask: Option<Ask>, using: String) -> Result<PointQuery, ApiError> {
    let params = at.get("params");
    if let Some(p) = &params {
        p.only(&["hnsw_ef", "exact", "quantization", "indexed_only", "acorn"])?;
    }
    let param = |key: &str| params.as_ref().and_then(|p| p.get(key));
    Ok(PointQuery {
        prefetch: Vec::new(),
        ask,
        using,
        filter: filter(at)?,
        threshold: at.opt("score_threshold", At::number)?.map(|t| t as f32),
        limit: limit(at, app.config.limits.answer)?,
        offset: at.opt("offset", At::size)?.unwrap_or(0),
        ef: param("hnsw_ef").map(|p| p.size()).transpose()?,
        exact: param("exact").map(|p| p.flag()).transpose()?.unwrap_or(false),
    })
}

/// The view without a name; else the only one there is.
fn default_view(live: &Live) -> String {
    match live.space().recipe().views.as_slice() {
        [only] => only.name.clone(),
        _ => String::new(),
    }
}

fn ask(app: &App, at: &At<'_>) -> Result<Ask, JsonError> {
    let Some(object) = at.value.as_object() else { return input(at).map(Ask::Nearest) };
    if object.contains_key("indices") || object.contains_key("text") || object.contains_key("image") {
        return input(at).map(Ask::Nearest);
    }
    if let Some(nearest) = at.get("nearest") {
        at.only(&["nearest", "mmr"])?;
        let input = input(&nearest)?;
        let Some(mmr) = at.get("mmr") else { return Ok(Ask::Nearest(input)) };
        mmr.only(&["diversity", "candidates_limit"])?;
        let diversity = mmr.opt("diversity", At::number)?.unwrap_or(0.5);
        if !(0.0..=1.0).contains(&diversity) {
            return Err(mmr.error("diversity goes from 0 to 1"));
        }
        let candidates = mmr.opt("candidates_limit", At::size)?.unwrap_or(100).min(16_384);
        return Ok(Ask::Diverse { input, diversity: diversity as f32, candidates });
    }
    if let Some(r) = at.get("recommend") {
        return recommend(&r);
    }
    if let Some(d) = at.get("discover") {
        d.only(&["target", "context"])?;
        return Ok(Ask::Discover { target: Some(input(&d.need("target")?)?), pairs: pairs(&d)? });
    }
    if at.get("context").is_some() {
        return Ok(Ask::Discover { target: None, pairs: pairs(at)? });
    }
    if let Some(order) = at.get("order_by") {
        return order_by(&order);
    }
    if let Some(fusion) = at.get("fusion") {
        return match fusion.text()? {
            "rrf" => Ok(Ask::Fuse(Fuse::Rrf { k: 2.0, weights: Vec::new() })),
            "dbsf" => Ok(Ask::Fuse(Fuse::Dbsf)),
            _ => Err(fusion.expected("rrf or dbsf")),
        };
    }
    if let Some(rrf) = at.get("rrf") {
        rrf.only(&["k", "weights"])?;
        let k = rrf.opt("k", At::number)?.unwrap_or(2.0);
        if k < 1.0 {
            return Err(rrf.error("k is at least 1"));
        }
        return Ok(Ask::Fuse(Fuse::Rrf { k: k as f32, weights: rrf.opt("weights", At::floats)?.unwrap_or_default() }));
    }
    if let Some(sample) = at.get("sample") {
        return match sample.text()? {
            "random" => Ok(Ask::Sample(app.ctx.seed ^ app.counter.fetch_add(1, Ordering::Relaxed))),
            _ => Err(sample.expected("random")),
        };
    }
    for key in ["formula", "relevance_feedback"] {
        if let Some(value) = at.get(key) {
            return Err(value.unsupported(&format!("query {key}")));
        }
    }
    Err(at.error("is no query; expected a vector, an id, {\"text\"}, nearest, recommend, discover, context, order_by, fusion, rrf or sample"))
}

pub(super) fn recommend(at: &At<'_>) -> Result<Ask, JsonError> {
    let list = |key: &str| at.opt(key, inputs).map(Option::unwrap_or_default);
    let (positive, negative) = (list("positive")?, list("negative")?);
    let strategy = match at.opt("strategy", At::text)? {
        None | Some("average_vector") => Strategy::Average,
        Some("best_score") => Strategy::BestScore,
        Some("sum_scores") => Strategy::SumScores,
        Some(_) => return Err(at.error("strategy is average_vector, best_score or sum_scores")),
    };
    if positive.is_empty() && (strategy == Strategy::Average || negative.is_empty()) {
        return Err(at.error("needs at least one positive example"));
    }
    Ok(Ask::Recommend { positive, negative, strategy })
}

pub(super) fn pairs(at: &At<'_>) -> Result<Vec<(Input, Input)>, JsonError> {
    let Some(context) = at.get("context") else { return Ok(Vec::new()) };
    let pair = |at: &At<'_>| Ok((input(&at.need("positive")?)?, input(&at.need("negative")?)?));
    context.one_or_list()?.iter().map(pair).collect()
}

pub(super) fn order_by(at: &At<'_>) -> Result<Ask, JsonError> {
    if at.value.is_string() {
        return Ok(Ask::OrderBy { field: at.text()?.to_owned(), descending: false, start_from: None });
    }
    at.only(&["key", "direction", "start_from"])?;
    let descending = match at.opt("direction", At::text)? {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(at.error("direction is asc or desc")),
    };
    let start = |at: &At<'_>| match at.value.as_str() {
        Some(text) => datetime_micros(text)
            .map(|m| m as f64)
            .ok_or_else(|| at.expected("a number, or a time as 2024-05-01T12:00:00Z")),
        None => at.number(),
    };
    Ok(Ask::OrderBy { field: at.need("key")?.text()?.to_owned(), descending, start_from: at.opt("start_from", start)? })
}

/// Ids of examples that are in another collection, or another vector, become vectors.
pub(super) fn look_up(app: &App, from: &At<'_>, using: &str, ask: &mut Ask) -> Result<(), ApiError> {
    from.only(&["collection", "vector", "shard_key"])?;
    let live = app.registry.get(from.need("collection")?.text()?)?;
    let name = from.opt("vector", At::text)?.unwrap_or(using).to_owned();
    let find = |input: &mut Input| -> Result<(), ApiError> {
        let Input::Id(id) = input else { return Ok(()) };
        let select = Select { vectors: WithVectors::Only(vec![name.clone()]), ..Select::default() };
        let point = live
            .space()
            .read_point(id, &select)?
            .ok_or_else(|| ApiError::missing(format!("Not found: there is no point {id}")))?;
        let given = point.vectors.unwrap_or_default().into_iter().next().map(|v| v.1);
        *input = match given {
            Some(Given::Dense(v)) => Input::Dense(v),
            Some(Given::Multi(v)) => Input::Multi(v),
            Some(Given::Sparse { indices, values }) => Input::Sparse { indices, values },
            None => return Err(ApiError::missing(format!("Not found: point {id} has no vector `{name}`"))),
        };
        Ok(())
    };
    match ask {
        Ask::Nearest(input) | Ask::Diverse { input, .. } => find(input),
        Ask::Recommend { positive, negative, .. } => positive.iter_mut().chain(negative).try_for_each(find),
        Ask::Discover { target, pairs } => {
            target.iter_mut().chain(pairs.iter_mut().flat_map(|(p, n)| [p, n])).try_for_each(find)
        }
        Ask::Fuse(_) | Ask::OrderBy { .. } | Ask::Sample(_) => Ok(()),
    }
}
