//! Points by id, page by page, counted.

use serde_json::{Value, json};
use vectory_space::json::At;
use vectory_space::{PointQuery, canonical_id, id_value};

use super::parse::{self, filter, ids, select};
use super::query::order_by;
use super::render::record;
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

pub(super) fn retrieve(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let (ids, select) = with_body(call, |at| {
        at.only(&["ids", "with_payload", "with_vector", "with_vectors", "shard_key"])?;
        Ok((ids(&at.need("ids")?)?, select(at, true)?))
    })?;
    let mut list = Vec::new();
    for id in &ids {
        list.extend(live.space().read_point(id, &select)?.map(|p| Value::Object(record(&p))));
    }
    Ok(Reply::Result(Value::Array(list)))
}

pub(super) fn one(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let text = call.param("id");
    // Documents of built spaces have ids of any form.
    let value = text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from);
    let id = canonical_id(&value).unwrap_or_else(|_| text.to_owned());
    let all = select(&At::root(&json!({"with_payload": true, "with_vector": true})), true)?;
    match live.space().read_point(&id, &all)? {
        Some(point) => Ok(Reply::Result(Value::Object(record(&point)))),
        None => Err(ApiError::missing(format!("Not found: Point with id {text} does not exists!"))),
    }
}

pub(super) fn scroll(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let most = app.config.limits.answer;
    with_body(call, |at| {
        at.only(&[
            "offset",
            "limit",
            "filter",
            "with_payload",
            "with_vector",
            "with_vectors",
            "order_by",
            "shard_key",
        ])?;
        let limit = limit(at, most)?;
        let (filter, select) = (filter(at)?, select(at, true)?);
        if let Some(order) = at.get("order_by") {
            if at.get("offset").is_some() {
                return Err(at.error("`offset` cannot be used with `order_by`; use order_by.start_from").into());
            }
            let query = PointQuery { ask: Some(order_by(&order)?), filter, limit, ..PointQuery::default() };
            let found = live.space().query_points(&query, &app.ctx)?;
            let mut points = super::render::scored(&live, &found, &select)?;
            // These have an order, no score.
            for point in points.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                point.retain(|key, _| key != "score" && key != "version");
            }
            return Ok(Reply::Result(json!({"points": points, "next_page_offset": null})));
        }
        let start = at.opt("offset", parse::id)?;
        let (page, next) = live.space().scroll(filter.as_ref(), start.as_deref(), limit)?;
        let points: Vec<_> = live.space().read_points(&page, &select)?.iter().map(record).collect();
        Ok(Reply::Result(json!({"points": points, "next_page_offset": next.map(|id| id_value(&id))})))
    })
}

/// `limit`: from 1; what is more than the server gives is refused.
pub(super) fn limit(at: &At<'_>, most: usize) -> Result<usize, ApiError> {
    match at.get("limit").or_else(|| at.get("top")) {
        None => Ok(10),
        Some(l) => match l.size()? {
            0 => Err(l.error("is 0; at least 1 is expected").into()),
            n if n > most => Err(l.error(format!("is {n}; this server gives at most {most} points at once")).into()),
            n => Ok(n),
        },
    }
}

pub(super) fn count(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| {
        at.only(&["filter", "exact", "shard_key"])?;
        Ok(Reply::Result(json!({"count": live.space().count(filter(at)?.as_ref())?})))
    })
}

pub(super) fn facet(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let most = app.config.limits.answer;
    with_body(call, |at| {
        at.only(&["key", "filter", "limit", "exact", "shard_key"])?;
        let key = at.need("key")?.text()?;
        let hits: Vec<_> = live
            .space()
            .facet(key, filter(at)?.as_ref(), limit(at, most)?)?
            .into_iter()
            .map(|f| json!({"value": f.value, "count": f.count}))
            .collect();
        Ok(Reply::Result(json!({"hits": hits})))
    })
}
