//! Changing points.

use serde_json::{Value, json};
use vectory_space::json::{At, JsonError};
use vectory_space::{Live, Op, Receipt};

use super::parse::{self, payload_change, points, selection};
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

/// What was done, as clients expect it.
pub(super) fn receipt(done: &Receipt, waited: bool) -> Reply {
    Reply::Result(update(done, waited))
}

fn update(done: &Receipt, waited: bool) -> Value {
    json!({"operation_id": done.operation, "status": if waited { "completed" } else { "acknowledged" }})
}

/// Makes the change; without `wait=true` it is only handed in.
fn change(app: &App, call: &Call, read: impl FnOnce(&At<'_>) -> Result<Op, JsonError>) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let op = with_body(call, |at| Ok(read(at)?))?;
    apply(&live, call, op).map(|done| receipt(&done, call.flag("wait").unwrap_or(false)))
}

/// Waits for the commit in any case: an answer says that the change is durable. (Without `wait` clients are told that it is
/// acknowledged, as they expect.)
fn apply(live: &Live, call: &Call, op: Op) -> Result<Receipt, ApiError> {
    call.flag("wait")?;
    Ok(live.apply(op)?)
}

pub(super) fn upsert(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    change(app, call, |at| {
        let points = points(at)?;
        parse::check_sizes(at, live.space().recipe())?;
        Ok(Op::Upsert(points))
    })
}

pub(super) fn delete(app: &App, call: &Call) -> Result<Reply, ApiError> {
    change(app, call, |at| selection(at).map(Op::Delete))
}

fn payload(kind: &str, at: &At<'_>) -> Result<Op, JsonError> {
    payload_change(kind, at).map(|(selection, change)| Op::Payload(selection, change))
}

pub(super) fn set_payload(app: &App, call: &Call) -> Result<Reply, ApiError> {
    change(app, call, |at| payload("set", at))
}

pub(super) fn overwrite_payload(app: &App, call: &Call) -> Result<Reply, ApiError> {
    change(app, call, |at| payload("overwrite", at))
}

pub(super) fn delete_payload(app: &App, call: &Call) -> Result<Reply, ApiError> {
    change(app, call, |at| payload("delete", at))
}

pub(super) fn clear_payload(app: &App, call: &Call) -> Result<Reply, ApiError> {
    change(app, call, |at| selection(at).map(|s| Op::Payload(s, vectory_space::PayloadChange::Clear)))
}

pub(super) fn update_vectors(app: &App, call: &Call) -> Result<Reply, ApiError> {
    change(app, call, vectors)
}

fn vectors(at: &At<'_>) -> Result<Op, JsonError> {
    at.only(&["points", "shard_key", "update_filter"])?;
    for key in ["shard_key", "update_filter"] {
        if let Some(value) = at.get(key) {
            return Err(value.unsupported(key));
        }
    }
    let one = |at: &At<'_>| {
        at.only(&["id", "vector"])?;
        let vector = at.need("vector")?;
        match parse::vectors(&vector)? {
            (vectors, None) => Ok((parse::id(&at.need("id")?)?, vectors)),
            (_, Some(_)) => Err(vector.unsupported("replacing the text of a point; upsert the point")),
        }
    };
    Ok(Op::UpdateVectors(at.need("points")?.list()?.iter().map(one).collect::<Result<_, _>>()?))
}

pub(super) fn delete_vectors(app: &App, call: &Call) -> Result<Reply, ApiError> {
    change(app, call, without_vectors)
}

fn without_vectors(at: &At<'_>) -> Result<Op, JsonError> {
    let names = at.need("vector").or_else(|_| at.need("vectors"))?;
    Ok(Op::DeleteVectors(selection(at)?, parse::texts(&names)?))
}

pub(super) fn batch(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let ops = with_body(call, |at| {
        at.only(&["operations"])?;
        Ok(at.need("operations")?.list()?.iter().map(operation).collect::<Result<Vec<_>, _>>()?)
    })?;
    let waited = call.flag("wait")?;
    let count = ops.len();
    let done = apply(&live, call, Op::Batch(ops))?;
    Ok(Reply::Result(Value::Array((0..count).map(|_| update(&done, waited)).collect())))
}

fn operation(at: &At<'_>) -> Result<Op, JsonError> {
    let entries = at.entries()?;
    let [(name, body)] = entries.as_slice() else {
        return Err(at.error("expected one operation, as {\"upsert\": {…}}"));
    };
    match *name {
        "upsert" => points(body).map(Op::Upsert),
        "delete" => selection(body).map(Op::Delete),
        "set_payload" => payload("set", body),
        "overwrite_payload" => payload("overwrite", body),
        "delete_payload" => payload("delete", body),
        "clear_payload" => selection(body).map(|s| Op::Payload(s, vectory_space::PayloadChange::Clear)),
        "update_vectors" => vectors(body),
        "delete_vectors" => without_vectors(body),
        _ => Err(body.error("unknown operation; known: upsert, delete, set_payload, overwrite_payload, delete_payload, clear_payload, update_vectors, delete_vectors")),
    }
}
