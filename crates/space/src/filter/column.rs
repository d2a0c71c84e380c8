//! One payload field of all documents, in memory.

use serde_json::{Map, Value};

use super::Cell;

/// The documents that have a field, by ascending document number, each with its value.
#[derive(Clone, Debug, Default)]
pub struct Column {
    cells: Vec<(u32, Cell)>,
}

impl Column {
    /// A column from values by ascending document number.
    #[must_use]
    pub fn new(cells: Vec<(u32, Cell)>) -> Self {
        Self { cells }
    }

    /// Every document that has the field.
    pub fn iter(&self) -> impl Iterator<Item = &(u32, Cell)> {
        self.cells.iter()
    }
}

/// The value of a field in a payload: by its whole name, or else step by step at the dots.
#[must_use]
pub(crate) fn field_of<'a>(payload: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    if let Some(value) = payload.get(field) {
        return Some(value);
    }
    let (first, rest) = field.split_once('.')?;
    match payload.get(first)? {
        Value::Object(inner) => field_of(inner, rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_found_by_name_then_by_path() {
        let payload = json!({"a": {"b": {"c": 1}}, "a.b.d": 2});
        let payload = payload.as_object().unwrap();
        assert_eq!(field_of(payload, "a.b.c"), Some(&json!(1)));
        assert_eq!(field_of(payload, "a.b.d"), Some(&json!(2)));
        assert_eq!(field_of(payload, "a.x"), None);
        assert_eq!(field_of(payload, "a.b.c.d"), None);
    }
}
