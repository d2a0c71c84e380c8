//! Vectors, points, selections and inputs out of JSON.

use serde_json::Value;
use vectory_space::filter::{Filter, from_json};
use vectory_space::json::{At, JsonError};
use vectory_space::{
    Given, Input, PayloadChange, Point, Recipe, Select, Selection, WithPayload, WithVectors, canonical_id,
};

/// A point id.
pub(super) fn id(at: &At<'_>) -> Result<String, JsonError> {
    canonical_id(at.value).map_err(|e| at.error(e))
}

pub(super) fn ids(at: &At<'_>) -> Result<Vec<String>, JsonError> {
    at.list()?.iter().map(id).collect()
}

pub(super) fn filter(at: &At<'_>) -> Result<Option<Filter>, JsonError> {
    at.opt("filter", from_json)
}

/// What is given for one view: a vector, several, a sparse one, or a text.
enum Part {
    Vector(Given),
    Text(String),
}

fn part(at: &At<'_>) -> Result<Part, JsonError> {
    match at.value {
        Value::Array(list) if list.first().is_some_and(Value::is_array) => {
            Ok(Part::Vector(Given::Multi(at.list()?.iter().map(At::floats).collect::<Result<_, _>>()?)))
        }
        Value::Array(_) => Ok(Part::Vector(Given::Dense(at.floats()?))),
        Value::String(text) => Ok(Part::Text(text.clone())),
        Value::Object(o) if o.contains_key("indices") => {
            let (indices, values) = sparse(at)?;
            Ok(Part::Vector(Given::Sparse { indices, values }))
        }
        Value::Object(o) if o.contains_key("text") => Ok(Part::Text(at.need("text")?.text()?.to_owned())),
        Value::Object(o) if o.contains_key("image") => Err(at.unsupported("encoding images")),
        _ => Err(at.expected("a vector: a list of numbers, a list of lists, {\"indices\", \"values\"} or {\"text\"}")),
    }
}

fn sparse(at: &At<'_>) -> Result<(Vec<u32>, Vec<f32>), JsonError> {
    at.only(&["indices", "values"])?;
    let index = |at: &At<'_>| u32::try_from(at.size()?).map_err(|_| at.expected("an index below 2^32"));
    let indices = at.need("indices")?.list()?.iter().map(index).collect::<Result<_, _>>()?;
    Ok((indices, at.need("values")?.floats()?))
}

/// The vectors of a point: one without a name, or some by name. Texts come apart.
pub(super) fn vectors(at: &At<'_>) -> Result<(Vec<(String, Given)>, Option<String>), JsonError> {
    let parts = match at.value {
        Value::Object(o) if !o.contains_key("indices") && !o.get("text").is_some_and(Value::is_string) => at
            .entries()?
            .into_iter()
            .map(|(name, at)| Ok((name.to_owned(), part(&at)?)))
            .collect::<Result<Vec<_>, JsonError>>()?,
        _ => vec![(String::new(), part(at)?)],
    };
    let (mut given, mut text) = (Vec::new(), None);
    for (name, part) in parts {
        match part {
            Part::Vector(vector) => given.push((name, vector)),
            Part::Text(t) => text = Some(t),
        }
    }
    Ok((given, text))
}

/// A list of points, or the same by columns.
pub(crate) fn points(at: &At<'_>) -> Result<Vec<Point>, JsonError> {
    at.only(&["points", "batch", "shard_key", "update_filter", "update_mode"])?;
    for key in ["shard_key", "update_filter", "update_mode"] {
        if let Some(value) = at.get(key).filter(|v| v.value != "upsert") {
            return Err(value.unsupported(key));
        }
    }
    if let Some(batch) = at.get("batch") {
        return columns(&batch);
    }
    at.need("points")?.list()?.iter().map(point).collect()
}

fn point(at: &At<'_>) -> Result<Point, JsonError> {
    at.only(&["id", "vector", "payload"])?;
    let (vectors, text) = at.opt("vector", vectors)?.unwrap_or_default();
    let payload = at.opt("payload", |p| p.object().cloned())?.unwrap_or_default();
    Ok(Point { id: id(&at.need("id")?)?, payload, vectors, text })
}

fn columns(at: &At<'_>) -> Result<Vec<Point>, JsonError> {
    at.only(&["ids", "vectors", "payloads"])?;
    let ids = ids(&at.need("ids")?)?;
    let all = at.need("vectors")?;
    let mut points: Vec<Point> = ids.into_iter().map(|id| Point { id, ..Point::default() }).collect();
    let n = points.len();
    if all.value.is_object() {
        for (name, column) in all.entries()? {
            for (point, vector) in points.iter_mut().zip(same(&column, n)?) {
                match part(&vector)? {
                    Part::Vector(v) => point.vectors.push((name.to_owned(), v)),
                    Part::Text(t) => point.text = Some(t),
                }
            }
        }
    } else {
        for (point, vector) in points.iter_mut().zip(same(&all, n)?) {
            (point.vectors, point.text) = vectors(&vector)?;
        }
    }
    if let Some(payloads) = at.get("payloads") {
        for (point, payload) in points.iter_mut().zip(same(&payloads, n)?) {
            if !payload.value.is_null() {
                point.payload = payload.object()?.clone();
            }
        }
    }
    Ok(points)
}

/// Whether dense vectors of a list of points have as many values as their views take; the writer sees to everything else.
pub(super) fn check_sizes(at: &At<'_>, recipe: &Recipe) -> Result<(), JsonError> {
    let Some(list) = at.get("points") else { return Ok(()) };
    let check = |at: &At<'_>, name: &str| {
        let size = recipe.view(name).and_then(|v| v.given).map_or(0, |g| g.size);
        let found = at.value.as_array().filter(|l| l.first().is_some_and(Value::is_number)).map_or(size, Vec::len);
        let fits = size == 0 || found == size;
        if fits { Ok(()) } else { Err(at.error(format!("has {found} values, expected {size}"))) }
    };
    for point in list.list()? {
        match point.get("vector") {
            Some(vector) if vector.value.is_array() => check(&vector, "")?,
            Some(named) if named.value.is_object() => {
                named.entries()?.iter().try_for_each(|(name, at)| check(at, name))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A column as long as the ids.
fn same<'a>(at: &At<'a>, n: usize) -> Result<Vec<At<'a>>, JsonError> {
    match at.list()? {
        list if list.len() == n => Ok(list),
        list => Err(at.error(format!("has {} entries, `ids` {n}", list.len()))),
    }
}

/// `points` or `filter`.
pub(super) fn selection(at: &At<'_>) -> Result<Selection, JsonError> {
    if let Some(key) = at.get("shard_key") {
        return Err(key.unsupported("shard_key"));
    }
    if at.value.is_array() {
        return Ok(Selection::Ids(ids(at)?));
    }
    if let Some(points) = at.get("points") {
        return Ok(Selection::Ids(ids(&points)?));
    }
    match filter(at)? {
        Some(filter) => Ok(Selection::Filter(filter)),
        None => Err(at.error("expected `points` (ids) or `filter`")),
    }
}

/// A change of payloads by the name of its operation.
pub(super) fn payload_change(kind: &str, at: &At<'_>) -> Result<(Selection, PayloadChange), JsonError> {
    at.only(&["payload", "keys", "points", "filter", "key", "shard_key"])?;
    let values = || at.need("payload")?.object().cloned();
    let change = match kind {
        "set" => PayloadChange::Set { values: values()?, at: at.opt("key", |k| Ok(k.text()?.to_owned()))? },
        "overwrite" => PayloadChange::Overwrite(values()?),
        "delete" => PayloadChange::Delete(texts(&at.need("keys")?)?),
        _ => PayloadChange::Clear,
    };
    Ok((selection(at)?, change))
}

pub(super) fn texts(at: &At<'_>) -> Result<Vec<String>, JsonError> {
    at.list()?.iter().map(|t| Ok(t.text()?.to_owned())).collect()
}

/// What a view is asked with: an id, a vector, or a text.
pub(super) fn input(at: &At<'_>) -> Result<Input, JsonError> {
    if at.value.is_number() {
        return id(at).map(Input::Id);
    }
    if let Value::String(text) = at.value {
        return Ok(canonical_id(at.value).map_or_else(|_| Input::Text(text.clone()), Input::Id));
    }
    Ok(match part(at)? {
        Part::Vector(Given::Dense(v)) => Input::Dense(v),
        Part::Vector(Given::Multi(v)) => Input::Multi(v),
        Part::Vector(Given::Sparse { indices, values }) => Input::Sparse { indices, values },
        Part::Text(text) => Input::Text(text),
    })
}

pub(super) fn inputs(at: &At<'_>) -> Result<Vec<Input>, JsonError> {
    // One dense vector is a list as well.
    if at.value.as_array().and_then(|l| l.first()).is_some_and(|f| f.is_f64()) {
        return Ok(vec![input(at)?]);
    }
    at.one_or_list()?.iter().map(input).collect()
}

/// `with_payload` and `with_vector`.
pub(super) fn select(at: &At<'_>, payload_by_default: bool) -> Result<Select, JsonError> {
    let payload = match at.get("with_payload") {
        None if payload_by_default => WithPayload::All,
        None => WithPayload::None,
        Some(p) if p.value.is_boolean() => {
            if p.flag()? {
                WithPayload::All
            } else {
                WithPayload::None
            }
        }
        Some(p) if p.value.is_array() => WithPayload::Only(texts(&p)?),
        Some(p) => {
            p.only(&["include", "exclude"])?;
            match (p.get("include"), p.get("exclude")) {
                (Some(keys), _) => WithPayload::Only(texts(&keys)?),
                (None, Some(keys)) => WithPayload::Without(texts(&keys)?),
                (None, None) => return Err(p.expected("true, false, a list of keys, {\"include\"} or {\"exclude\"}")),
            }
        }
    };
    let vectors = match at.get("with_vector").or_else(|| at.get("with_vectors")) {
        None => WithVectors::None,
        Some(v) if v.value.is_boolean() => {
            if v.flag()? {
                WithVectors::All
            } else {
                WithVectors::None
            }
        }
        Some(v) => WithVectors::Only(texts(&v)?),
    };
    Ok(Select { payload, vectors, text: false })
}
