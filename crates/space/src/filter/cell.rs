//! One payload value, and how values compare.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::Compare;

/// A payload value as filters see it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// null.
    Null,
    /// A whole number.
    Int(i64),
    /// Any other JSON number.
    Number(f64),
    /// A text.
    Text(String),
    /// true or false.
    Bool(bool),
    /// A list; compares as any of its elements.
    List(Vec<Cell>),
    /// An object, for conditions on what is nested in it.
    Object(Map<String, Value>),
}

impl Cell {
    /// The cell of a JSON value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Object(o) => Self::Object(o.clone()),
            Value::Bool(b) => Self::Bool(*b),
            Value::Number(n) => n.as_i64().map_or_else(|| Self::Number(n.as_f64().unwrap_or(f64::NAN)), Self::Int),
            Value::String(s) => Self::Text(s.clone()),
            Value::Array(list) => Self::List(list.iter().map(Self::of).collect()),
        }
    }

    /// Whether there is something: null and objects are nothing by themselves.
    #[must_use]
    pub fn is_something(&self) -> bool {
        !matches!(self, Self::Null | Self::Object(_))
    }

    /// It, or its elements if it is a list (of lists, all the way down).
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        match self {
            Self::List(list) => list.iter().for_each(|c| c.each(visit)),
            other => visit(other),
        }
    }

    /// The number that it is.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(i) => Some(*i as f64),
            Self::Number(n) => Some(*n),
            _ => None,
        }
    }

    /// Whether this value, or any element of this list, compares so with `other`.
    #[must_use]
    pub fn compares(&self, op: Compare, other: &Self) -> bool {
        if op == Compare::NotEqual {
            return !self.compares(Compare::Equal, other);
        }
        if let Self::List(list) = self {
            return list.iter().any(|c| c.compares(op, other));
        }
        let Some(order) = self.order(other) else { return false };
        match op {
            Compare::Equal => order == Ordering::Equal,
            Compare::NotEqual => order != Ordering::Equal,
            Compare::Less => order == Ordering::Less,
            Compare::LessEqual => order != Ordering::Greater,
            Compare::Greater => order == Ordering::Greater,
            Compare::GreaterEqual => order != Ordering::Less,
        }
    }

    /// Whether the text, or any text of the list, has `needle` (in lower case) in it, whatever the case.
    #[must_use]
    pub fn contains(&self, needle: &str) -> bool {
        match self {
            Self::Text(t) => t.to_lowercase().contains(needle),
            Self::List(list) => list.iter().any(|c| c.contains(needle)),
            _ => false,
        }
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Bool(b)) => boolean(a).map(|a| a.cmp(b)),
            (Self::Bool(a), Self::Text(b)) => boolean(b).map(|b| a.cmp(&b)),
            (Self::Text(a), b) => number(a)?.partial_cmp(&b.number()?),
            (a, Self::Text(b)) => a.number()?.partial_cmp(&number(b)?),
            (a, b) => a.number()?.partial_cmp(&b.number()?),
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

fn boolean(text: &str) -> Option<bool> {
    text.trim().to_ascii_lowercase().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cell(v: Value) -> Cell {
        Cell::of(&v)
    }

    #[test]
    fn numbers_compare_with_texts_that_read_as_numbers() {
        assert!(cell(json!("2021")).compares(Compare::Greater, &Cell::Number(2020.0)));
        assert!(!cell(json!("20x")).compares(Compare::Greater, &Cell::Number(1.0)));
        assert!(cell(json!("9")).compares(Compare::Greater, &Cell::Text("10".into())), "texts compare as texts");
    }

    #[test]
    fn lists_compare_by_any_element() {
        let list = cell(json!(["a", "b", 3]));
        assert!(list.compares(Compare::Equal, &Cell::Text("b".into())));
        assert!(list.compares(Compare::GreaterEqual, &Cell::Number(3.0)));
        assert!(!list.compares(Compare::NotEqual, &Cell::Text("b".into())));
        assert!(list.contains("a"));
        assert!(!cell(json!([])).compares(Compare::Equal, &Cell::Bool(true)));
    }

    #[test]
    fn null_and_objects_compare_with_nothing() {
        for value in [json!(null), json!({"a": 1})] {
            assert!(!cell(value.clone()).is_something());
            assert!(!cell(value).compares(Compare::Equal, &Cell::Number(1.0)));
        }
        assert!(cell(json!(3)).compares(Compare::Equal, &Cell::Number(3.0)));
    }
}
