//! Changing a payload.

use serde_json::{Map, Value};

/// A change of the payloads of some points.
#[derive(Clone, Debug, PartialEq)]
pub enum PayloadChange {
    /// Sets these keys, at the payload's root or inside the objects at a path; the others stay.
    Set {
        /// The keys and values.
        values: Map<String, Value>,
        /// Where; the root when absent.
        at: Option<String>,
    },
    /// Puts this in the payload's place.
    Overwrite(Map<String, Value>),
    /// Removes these keys; each may be a path.
    Delete(Vec<String>),
    /// Removes everything.
    Clear,
}

impl PayloadChange {
    pub(crate) fn apply(&self, payload: &mut Map<String, Value>) {
        match self {
            Self::Set { values, at: None } => payload.extend(values.clone()),
            Self::Set { values, at: Some(path) } => set_at(payload, &steps(path), values),
            Self::Overwrite(values) => *payload = values.clone(),
            Self::Delete(keys) => keys.iter().for_each(|key| delete(payload, key)),
            Self::Clear => payload.clear(),
        }
    }
}

/// A payload reduced to the keys that are asked for: paths; `exclude` turns it round.
pub(crate) fn pruned(payload: &Map<String, Value>, keys: &[String], exclude: bool) -> Map<String, Value> {
    if exclude {
        let mut left = payload.clone();
        keys.iter().for_each(|key| delete(&mut left, key));
        return left;
    }
    let mut out = Map::new();
    for key in keys {
        if let Some(value) = payload.get(key) {
            out.insert(key.clone(), value.clone());
            continue;
        }
        copy(payload, &steps(key), &mut out);
    }
    out
}

fn copy(from: &Map<String, Value>, steps: &[(&str, bool)], to: &mut Map<String, Value>) {
    let Some(((key, _), rest)) = steps.split_first() else { return };
    let Some(value) = from.get(*key) else { return };
    match value {
        _ if rest.is_empty() => _ = to.insert((*key).to_owned(), value.clone()),
        Value::Object(inner) => {
            let entry = to.entry(*key).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(out) = entry {
                copy(inner, rest, out);
            }
        }
        Value::Array(list) => {
            let part = |v: &Value| {
                let mut out = Map::new();
                if let Value::Object(inner) = v {
                    copy(inner, rest, &mut out);
                }
                Value::Object(out)
            };
            to.insert((*key).to_owned(), Value::Array(list.iter().map(part).collect()));
        }
        _ => {}
    }
}

/// The steps of a path, and whether each goes into the elements of a list (`a[].b`).
pub(crate) fn steps(path: &str) -> Vec<(&str, bool)> {
    path.split('.').map(|s| s.strip_suffix("[]").map_or((s, false), |s| (s, true))).collect()
}

fn set_at(object: &mut Map<String, Value>, steps: &[(&str, bool)], values: &Map<String, Value>) {
    let Some(((key, list), rest)) = steps.split_first() else {
        object.extend(values.clone());
        return;
    };
    let inner = object.entry(*key).or_insert(Value::Null);
    if *list {
        for element in inner.as_array_mut().into_iter().flatten() {
            if let Value::Object(o) = element {
                set_at(o, rest, values);
            }
        }
        return;
    }
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(o) = inner {
        set_at(o, rest, values);
    }
}

fn delete(object: &mut Map<String, Value>, path: &str) {
    if object.shift_remove(path).is_none() {
        delete_at(object, &steps(path));
    }
}

fn delete_at(object: &mut Map<String, Value>, steps: &[(&str, bool)]) {
    let Some(((key, list), rest)) = steps.split_first() else { return };
    if rest.is_empty() {
        object.shift_remove(*key);
        return;
    }
    match object.get_mut(*key) {
        Some(Value::Object(inner)) if !list => delete_at(inner, rest),
        Some(Value::Array(elements)) if *list => {
            elements.iter_mut().filter_map(Value::as_object_mut).for_each(|o| delete_at(o, rest));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn after(start: Value, change: &PayloadChange) -> Value {
        let mut payload = map(start);
        change.apply(&mut payload);
        Value::Object(payload)
    }

    #[test]
    fn each_change_does_what_it_says() {
        let start = || json!({"a": 1, "b": {"c": 2, "d": 3}, "l": [{"x": 1, "y": 2}, {"x": 3}]});
        let set = |values, at: Option<&str>| PayloadChange::Set { values: map(values), at: at.map(str::to_owned) };
        assert_eq!(after(json!({"a": 1}), &set(json!({"a": 2, "z": 3}), None)), json!({"a": 2, "z": 3}));
        assert_eq!(after(start(), &set(json!({"e": 9}), Some("b")))["b"], json!({"c": 2, "d": 3, "e": 9}));
        assert_eq!(after(start(), &set(json!({"e": 9}), Some("l[]")))["l"][1], json!({"x": 3, "e": 9}));
        assert_eq!(after(start(), &set(json!({"e": 9}), Some("n.m")))["n"], json!({"m": {"e": 9}}));
        let delete = PayloadChange::Delete(vec!["a".into(), "b.c".into(), "l[].x".into(), "nosuch.x".into()]);
        assert_eq!(after(start(), &delete), json!({"b": {"d": 3}, "l": [{"y": 2}, {}]}));
        assert_eq!(after(start(), &PayloadChange::Clear), json!({}));
        assert_eq!(after(start(), &PayloadChange::Overwrite(map(json!({"q": null})))), json!({"q": null}));
    }

    #[test]
    fn payloads_are_reduced_to_paths() {
        let payload = map(json!({"a": 1, "b": {"c": 2, "d": 3}, "l": [{"x": 1, "y": 2}]}));
        let keys = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let included = pruned(&payload, &keys(&["a", "b.c", "l[].x", "nosuch"]), false);
        assert_eq!(Value::Object(included), json!({"a": 1, "b": {"c": 2}, "l": [{"x": 1}]}));
        let excluded = pruned(&payload, &keys(&["a", "b.c"]), true);
        assert_eq!(Value::Object(excluded), json!({"b": {"d": 3}, "l": [{"x": 1, "y": 2}]}));
    }
}
