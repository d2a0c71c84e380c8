//! Points and hits as clients expect them.

use serde_json::{Map, Value, json};
use vectory_space::{Found, Given, Live, Select, StoredPoint, canonical_id, id_value};

use crate::error::ApiError;

/// A vector as JSON.
pub(crate) fn vector(given: &Given) -> Value {
    match given {
        Given::Dense(v) => json!(v),
        Given::Multi(v) => json!(v),
        Given::Sparse { indices, values } => json!({"indices": indices, "values": values}),
    }
}

/// One vector without a name as it is, others by name.
fn vectors(list: &[(String, Given)]) -> Value {
    match list {
        [(name, only)] if name.is_empty() => vector(only),
        several => Value::Object(several.iter().map(|(n, v)| (n.clone(), vector(v))).collect()),
    }
}

/// A stored point.
pub(super) fn record(point: &StoredPoint) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("id".into(), id_value(&point.id));
    if let Some(payload) = &point.payload {
        out.insert("payload".into(), Value::Object(payload.clone()));
    }
    if let Some(list) = &point.vectors {
        out.insert("vector".into(), vectors(list));
    }
    out
}

/// A hit.
pub(super) fn scored(live: &Live, found: &[Found], select: &Select) -> Result<Value, ApiError> {
    let mut list = Vec::with_capacity(found.len());
    for hit in found {
        // Gone since the search: another commit has come.
        let Some(point) = live.space().read_points(&[hit.document], select)?.pop() else { continue };
        let mut out = record(&point);
        out.insert("version".into(), json!(0));
        out.insert("score".into(), json!(hit.score));
        if let Some(order) = hit.order {
            out.insert(
                "order_value".into(),
                if order.fract() == 0.0 && order.abs() < 9e15 { json!(order as i64) } else { json!(order) },
            );
        }
        list.push(Value::Object(out));
    }
    Ok(Value::Array(list))
}

/// A point as it travels to another server.
pub(crate) fn travelling(point: &StoredPoint) -> Value {
    let mut payload = point.payload.clone().unwrap_or_default();
    let mut id = id_value(&point.id);
    if canonical_id(&id).is_err() {
        payload.entry("id").or_insert_with(|| Value::from(point.id.as_str()));
        id = Value::from(uuid_of(&point.id));
    }
    if let Some(text) = &point.text {
        payload.entry("text").or_insert_with(|| Value::from(text.as_str()));
    }
    let list = point.vectors.as_deref().unwrap_or_default();
    json!({"id": id, "payload": payload, "vector": vectors(list)})
}

/// A UUID (version 8: of our own making) out of the hashes of an id.
fn uuid_of(id: &str) -> String {
    let (a, b) = (vectory_core::hash::fnv1a(id.as_bytes()), vectory_core::hash::fnv1a(format!("{id}\u{0}").as_bytes()));
    let (a, b) = (vectory_core::rng::mix(a), vectory_core::rng::mix(b));
    let hex = format!("{:016x}{:016x}", a & !0xf000 | 0x8000, b & !(3 << 62) | 2 << 62);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_becomes_a_uuid() {
        let id = uuid_of("docs/a.md");
        assert_eq!(canonical_id(&Value::from(id.as_str())).unwrap(), id);
        assert_eq!(&id[14..15], "8");
        assert_ne!(id, uuid_of("docs/b.md"));
    }
}
