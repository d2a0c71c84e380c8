//! What lies at a path of a payload.

use serde_json::{Map, Value};

use super::Cell;

/// What lies at a path: by its whole name, or else step by step at the dots; `a[]` means the elements of the list `a`,
/// `a[2]` one of them. Several values are a list.
#[must_use]
pub(crate) fn cell_at(payload: &Map<String, Value>, path: &str) -> Option<Cell> {
    if let Some(value) = payload.get(path) {
        return Some(Cell::of(value));
    }
    let mut found = Vec::new();
    let several = walk(payload, path, &mut found);
    match (several, found.as_slice()) {
        (_, []) => None,
        (false, [one]) => Some(Cell::of(one)),
        _ => Some(Cell::List(found.into_iter().map(Cell::of).collect())),
    }
}

/// Collects what lies at the path; says whether it went into a list.
fn walk<'a>(object: &'a Map<String, Value>, path: &str, found: &mut Vec<&'a Value>) -> bool {
    if let Some(value) = object.get(path) {
        found.push(value);
        return false;
    }
    let (first, rest) = split(path);
    let (key, into) = match first.strip_suffix(']').and_then(|f| f.split_once('[')) {
        Some((key, inside)) => (key, Some(inside)),
        None => (first, None),
    };
    let Some(value) = object.get(key) else { return false };
    match (into, value) {
        (None, value) => below(value, rest, found),
        (Some(""), Value::Array(list)) => {
            list.iter().for_each(|v| _ = below(v, rest, found));
            true
        }
        (Some(at), Value::Array(list)) => {
            at.parse().ok().and_then(|i: usize| list.get(i)).is_some_and(|v| below(v, rest, found))
        }
        _ => false,
    }
}

fn below<'a>(value: &'a Value, rest: Option<&str>, found: &mut Vec<&'a Value>) -> bool {
    match (rest, value) {
        (None, value) => {
            found.push(value);
            false
        }
        (Some(rest), Value::Object(inner)) => walk(inner, rest, found),
        _ => false,
    }
}

/// The first step (which may stand in quotes) and the rest.
fn split(path: &str) -> (&str, Option<&str>) {
    if let Some((quoted, rest)) = path.strip_prefix('"').and_then(|p| p.split_once('"')) {
        return (quoted, rest.strip_prefix('.'));
    }
    path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_found_by_name_then_by_path() {
        let payload =
            json!({"a": {"b": {"c": 1}}, "a.b.d": 2, "l": [{"x": 1}, {"x": [2, 3]}, {"y": 4}], "q": {"r.s": 5}});
        let payload = payload.as_object().unwrap();
        let at = |path: &str| cell_at(payload, path);
        assert_eq!(at("a.b.c"), Some(Cell::Int(1)));
        assert_eq!(at("a.b.d"), Some(Cell::Int(2)));
        assert_eq!((at("a.x"), at("a.b.c.d"), at("l.x"), at("l[].z")), (None, None, None, None));
        let both = Cell::List(vec![Cell::Int(1), Cell::List(vec![Cell::Int(2), Cell::Int(3)])]);
        assert_eq!(at("l[].x"), Some(both));
        assert_eq!(at("l[0].x"), Some(Cell::Int(1)));
        assert_eq!(at("q.\"r.s\""), Some(Cell::Int(5)), "a step in quotes may have dots");
        assert_eq!(at("q.r.s"), Some(Cell::Int(5)));
    }
}
