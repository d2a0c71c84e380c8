//! Filters as the REST API has them: `must`, `should`, `must_not`, `min_should` over conditions on payload fields.

use super::geo::{Area, Place};
use super::{Bounds, Cell, Filter, Test, Words, time};
use crate::json::{At, JsonError};
use crate::point::canonical_id;

/// How deep filters may nest.
const MAX_DEPTH: usize = 64;

/// Compiles a filter; an empty one holds for everything.
///
/// # Errors
/// [`JsonError`] with the path, what is there and what would be right.
pub fn from_json(at: &At<'_>) -> Result<Filter, JsonError> {
    clauses(at, 0)
}

fn clauses(at: &At<'_>, depth: usize) -> Result<Filter, JsonError> {
    if depth > MAX_DEPTH {
        return Err(at.error(format!("filters may nest {MAX_DEPTH} deep")));
    }
    at.only(&["must", "should", "must_not", "min_should"])?;
    let list = |key: &str| -> Result<Option<Vec<Filter>>, JsonError> {
        at.opt(key, |at| at.one_or_list()?.iter().map(|c| condition(c, depth)).collect())
    };
    let mut all = list("must")?.unwrap_or_default();
    if let Some(any) = list("should")?.filter(|l| !l.is_empty()) {
        all.push(Filter::Or(any));
    }
    for not in list("must_not")?.unwrap_or_default() {
        all.push(Filter::Not(Box::new(not)));
    }
    if let Some(min) = at.get("min_should") {
        min.only(&["conditions", "min_count"])?;
        let conditions =
            min.need("conditions")?.list()?.iter().map(|c| condition(c, depth)).collect::<Result<_, _>>()?;
        all.push(Filter::AtLeast(min.need("min_count")?.size()?.min(1000), conditions));
    }
    Ok(Filter::And(all))
}

fn condition(at: &At<'_>, depth: usize) -> Result<Filter, JsonError> {
    let has = |key: &str| at.get(key).is_some();
    if has("key") {
        return field(at);
    }
    if let Some(empty) = at.get("is_empty") {
        return Ok(Filter::At { path: empty.need("key")?.text()?.to_owned(), test: Test::Empty });
    }
    if let Some(null) = at.get("is_null") {
        return Ok(Filter::At { path: null.need("key")?.text()?.to_owned(), test: Test::Null });
    }
    if let Some(ids) = at.get("has_id") {
        let id = |id: &At<'_>| canonical_id(id.value).map_err(|e| id.error(e));
        return Ok(Filter::Ids(ids.list()?.iter().map(id).collect::<Result<_, _>>()?));
    }
    if let Some(name) = at.get("has_vector") {
        return Ok(Filter::HasVector(name.text()?.to_owned()));
    }
    if let Some(nested) = at.get("nested") {
        nested.only(&["key", "filter"])?;
        let filter = Box::new(clauses(&nested.need("filter")?, depth + 1)?);
        return Ok(Filter::Nested { path: nested.need("key")?.text()?.to_owned(), filter });
    }
    let nests = ["must", "should", "must_not", "min_should"].into_iter().any(has);
    if nests || at.object()?.is_empty() {
        return clauses(at, depth + 1);
    }
    Err(at
        .error("is no condition: expected `key`, `is_empty`, `is_null`, `has_id`, `has_vector`, `nested` or a filter"))
}

const KINDS: [&str; 8] =
    ["match", "range", "geo_bounding_box", "geo_radius", "geo_polygon", "values_count", "is_empty", "is_null"];

fn field(at: &At<'_>) -> Result<Filter, JsonError> {
    at.only(&[&["key"], &KINDS[..]].concat())?;
    let path = at.need("key")?.text()?.to_owned();
    let mut tests = Vec::new();
    for kind in KINDS {
        let Some(value) = at.get(kind) else { continue };
        let test = match kind {
            "match" => matching(&value)?,
            "range" => range(&value)?,
            "values_count" => Test::Count(bounds(&value, |at| at.number())?),
            "is_empty" | "is_null" => {
                let test = if kind == "is_empty" { Test::Empty } else { Test::Null };
                let condition = Filter::At { path: path.clone(), test };
                tests.push(if value.flag()? { condition } else { Filter::Not(Box::new(condition)) });
                continue;
            }
            _ => Test::In(area(kind, &value)?),
        };
        tests.push(Filter::At { path: path.clone(), test });
    }
    match tests.len() {
        0 => Err(at.error(format!("has a key and no condition; expected one of: {}", KINDS.join(", ")))),
        1 => Ok(tests.remove(0)),
        _ => Ok(Filter::And(tests)),
    }
}

fn matching(at: &At<'_>) -> Result<Test, JsonError> {
    at.only(&["value", "text", "text_any", "phrase", "any", "except"])?;
    let values = |at: &At<'_>| at.list()?.iter().map(scalar).collect::<Result<Vec<_>, _>>();
    for (key, words) in [("text", Words::All), ("text_any", Words::Any), ("phrase", Words::Phrase)] {
        if let Some(text) = at.get(key) {
            return Ok(Test::Text(text.text()?.to_owned(), words));
        }
    }
    if let Some(any) = at.get("any") {
        return Ok(Test::Any(values(&any)?));
    }
    if let Some(except) = at.get("except") {
        return Ok(Test::Except(values(&except)?));
    }
    match at.get("value") {
        Some(value) => Ok(Test::Any(vec![scalar(&value)?])),
        None => Err(at.error("expected `value`, `any`, `except`, `text`, `text_any` or `phrase`")),
    }
}

fn scalar(at: &At<'_>) -> Result<Cell, JsonError> {
    match Cell::of(at.value) {
        cell @ (Cell::Text(_) | Cell::Int(_) | Cell::Bool(_) | Cell::Number(_)) => Ok(cell),
        _ => Err(at.expected("a text, a number, true or false")),
    }
}

fn bounds<T>(at: &At<'_>, read: impl Fn(&At<'_>) -> Result<T, JsonError>) -> Result<Bounds<T>, JsonError> {
    at.only(&["gt", "gte", "lt", "lte"])?;
    let read = |key: &str| at.opt(key, &read);
    Ok(Bounds { gt: read("gt")?, gte: read("gte")?, lt: read("lt")?, lte: read("lte")? })
}

/// Of numbers, or of points in time where its bounds are texts.
fn range(at: &At<'_>) -> Result<Test, JsonError> {
    if !at.object()?.values().any(serde_json::Value::is_string) {
        return bounds(at, |at| at.number()).map(Test::Range);
    }
    let micros = |at: &At<'_>| time::micros(at.text()?).ok_or_else(|| at.expected("a time as 2024-05-01T12:00:00Z"));
    bounds(at, micros).map(Test::Time)
}

fn place(at: &At<'_>) -> Result<Place, JsonError> {
    at.only(&["lon", "lat"])?;
    at.need("lon")?.number()?;
    at.need("lat")?.number()?;
    Place::of(&Cell::of(at.value)).ok_or_else(|| at.error("lon goes from -180 to 180, lat from -90 to 90"))
}

fn area(kind: &str, at: &At<'_>) -> Result<Area, JsonError> {
    match kind {
        "geo_bounding_box" => {
            at.only(&["top_left", "bottom_right"])?;
            Ok(Area::Box { top_left: place(&at.need("top_left")?)?, bottom_right: place(&at.need("bottom_right")?)? })
        }
        "geo_radius" => {
            at.only(&["center", "radius"])?;
            Ok(Area::Circle { center: place(&at.need("center")?)?, radius: at.need("radius")?.number()? })
        }
        _ => {
            at.only(&["exterior", "interiors"])?;
            let interiors = at.opt("interiors", |at| at.list()?.iter().map(ring).collect())?.unwrap_or_default();
            Ok(Area::Polygon { exterior: ring(&at.need("exterior")?)?, interiors })
        }
    }
}

fn ring(at: &At<'_>) -> Result<Vec<Place>, JsonError> {
    at.only(&["points"])?;
    let points: Vec<Place> = at.need("points")?.list()?.iter().map(place).collect::<Result<_, _>>()?;
    if points.len() < 4 || points.first() != points.last() {
        return Err(at.error("a ring has at least four points, and its last is its first"));
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn refused(filter: Value) -> String {
        from_json(&At::under(&filter, "filter")).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_the_path_and_the_remedy() {
        let cases = [
            (json!({"must": [{"key": "a"}]}), "filter.must[0]", "expected one of: match"),
            (json!({"must": [{"key": "a", "match": {"val": 1}}]}), "filter.must[0].match.val", "known here: value"),
            (json!({"must": [{"key": "a", "range": {"gt": true}}]}), "filter.must[0].range.gt", "a number"),
            (json!({"must": [{"key": "a", "range": {"gt": "soon"}}]}), "filter.must[0].range.gt", "2024-05-01T"),
            (json!({"musst": []}), "filter.musst", "known here: must"),
            (json!({"must": [{"has_id": ["x"]}]}), "filter.must[0].has_id[0]", "UUID"),
            (
                json!({"must": [{"key": "a", "geo_radius": {"center": {"lon": 1, "lat": 91}, "radius": 1}}]}),
                "filter.must[0].geo_radius.center",
                "-90 to 90",
            ),
            (
                json!({"must": [{"key": "a", "geo_polygon": {"exterior": {"points": []}}}]}),
                "geo_polygon.exterior",
                "four points",
            ),
            (json!({"must": 5}), "filter.must", "an object"),
            (json!({"must": [{"x": 1}]}), "filter.must[0]", "is no condition"),
            (json!([]), "filter", "an object"),
        ];
        for (filter, path, remedy) in cases {
            let err = refused(filter.clone());
            assert!(err.contains(path) && err.contains(remedy), "{filter}: {err}");
        }
        let mut deep = json!({});
        for _ in 0..100 {
            deep = json!({"must": [deep]});
        }
        assert!(refused(deep).contains("nest 64 deep"));
    }
}
