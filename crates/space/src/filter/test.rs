//! Conditions on what lies at a path, as the REST API has them. Strict: `"7"` is not `7`.

use super::geo::{Area, Place};
use super::{Cell, time};

/// A condition on what lies at a path of a payload. A list passes when any element does.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Equals one of these.
    Any(Vec<Cell>),
    /// Is something, and none of these.
    Except(Vec<Cell>),
    /// Has these words.
    Text(String, Words),
    /// A number within these bounds.
    Range(Bounds<f64>),
    /// A point in time within these bounds, in microseconds.
    Time(Bounds<i64>),
    /// A place in this area.
    In(Area),
    /// The number of its values is within these bounds.
    Count(Bounds<f64>),
    /// Absent, null or an empty list.
    Empty,
    /// There, and null.
    Null,
}

/// How words are to be found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// All of them; without a text index, the text as it is written.
    All,
    /// Any of them.
    Any,
    /// One after the other.
    Phrase,
}

/// Bounds of a range; an absent one does not bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds<T> {
    /// Larger than.
    pub gt: Option<T>,
    /// At least.
    pub gte: Option<T>,
    /// Smaller than.
    pub lt: Option<T>,
    /// At most.
    pub lte: Option<T>,
}

impl<T> Default for Bounds<T> {
    fn default() -> Self {
        Self { gt: None, gte: None, lt: None, lte: None }
    }
}

impl<T: PartialOrd + Copy> Bounds<T> {
    /// Whether a value is within them.
    pub fn hold(&self, x: T) -> bool {
        self.gt.is_none_or(|b| x > b)
            && self.gte.is_none_or(|b| x >= b)
            && self.lt.is_none_or(|b| x < b)
            && self.lte.is_none_or(|b| x <= b)
    }
}

impl Test {
    /// Whether it passes; `cell` is what lies at the path, if anything. `by_words`: the field has a text index.
    #[must_use]
    pub fn passes(&self, cell: Option<&Cell>, by_words: bool) -> bool {
        let Some(cell) = cell else {
            return match self {
                Self::Empty => true,
                Self::Count(bounds) => bounds.hold(0.0),
                _ => false,
            };
        };
        match self {
            Self::Empty => matches!(cell, Cell::Null) || matches!(cell, Cell::List(l) if l.is_empty()),
            Self::Null => matches!(cell, Cell::Null) || matches!(cell, Cell::List(l) if l.contains(&Cell::Null)),
            Self::Count(bounds) => bounds.hold(count(cell) as f64),
            _ => self.passes_any(cell, by_words),
        }
    }

    fn passes_any(&self, cell: &Cell, by_words: bool) -> bool {
        let mut found = false;
        cell.each(&mut |c| found = found || self.passes_one(c, by_words));
        found
    }

    fn passes_one(&self, cell: &Cell, by_words: bool) -> bool {
        match self {
            Self::Any(values) => values.iter().any(|v| same(cell, v)),
            Self::Except(values) => cell.is_something() && !values.iter().any(|v| same(cell, v)),
            Self::Text(words, how) => matches!(cell, Cell::Text(t) if has_words(t, words, *how, by_words)),
            Self::Range(bounds) => cell.number().is_some_and(|n| bounds.hold(n)),
            Self::Time(bounds) => matches!(cell, Cell::Text(t) if time::micros(t).is_some_and(|m| bounds.hold(m))),
            Self::In(area) => Place::of(cell).is_some_and(|p| area.holds(p)),
            Self::Count(_) | Self::Empty | Self::Null => false,
        }
    }
}

/// Equal and of one kind; `3` and `3.0` are one number.
fn same(a: &Cell, b: &Cell) -> bool {
    match (a.number(), b.number()) {
        (Some(x), Some(y)) => {
            matches!((a, b), (Cell::Int(i), Cell::Int(j)) if i == j)
                || (x == y && !matches!((a, b), (Cell::Int(_), Cell::Int(_))))
        }
        _ => a == b,
    }
}

fn count(cell: &Cell) -> usize {
    match cell {
        Cell::List(list) => list.len(),
        Cell::Null => 0,
        _ => 1,
    }
}

fn has_words(text: &str, wanted: &str, how: Words, by_words: bool) -> bool {
    if how == Words::All && !by_words {
        return text.contains(wanted);
    }
    let split = |t: &str| -> Vec<String> {
        t.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
    };
    let (there, wanted) = (split(text), split(wanted));
    match how {
        Words::All => wanted.iter().all(|w| there.contains(w)),
        Words::Any => wanted.iter().any(|w| there.contains(w)),
        Words::Phrase => wanted.is_empty() || there.windows(wanted.len()).any(|w| *w == wanted[..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn passes(test: &Test, value: Value) -> bool {
        test.passes(Some(&Cell::of(&value)), true)
    }

    #[test]
    fn equality_is_strict_and_lists_pass_by_any_element() {
        let any = Test::Any(vec![Cell::Int(7), Cell::Text("a".into())]);
        for (value, expected) in
            [(json!(7), true), (json!("7"), false), (json!(7.0), true), (json!(["b", "a"]), true), (json!(true), false)]
        {
            assert_eq!(passes(&any, value.clone()), expected, "{value}");
        }
        let big = Test::Any(vec![Cell::Int(i64::MAX)]);
        assert!(!passes(&big, json!(i64::MAX - 1)), "whole numbers are compared exactly");
        let except = Test::Except(vec![Cell::Text("a".into())]);
        assert!(passes(&except, json!(["a", "b"])) && !passes(&except, json!("a")) && !passes(&except, json!(null)));
        assert!(!except.passes(None, true));
    }

    #[test]
    fn empty_null_and_counts() {
        for (value, empty, null) in [
            (json!(null), true, true),
            (json!([]), true, false),
            (json!([null]), false, true),
            (json!(0), false, false),
        ] {
            assert_eq!(
                (passes(&Test::Empty, value.clone()), passes(&Test::Null, value.clone())),
                (empty, null),
                "{value}"
            );
        }
        assert!(Test::Empty.passes(None, false) && !Test::Null.passes(None, false));
        let two = Test::Count(Bounds { gte: Some(2.0), ..Bounds::default() });
        assert!(passes(&two, json!([1, 2])) && !passes(&two, json!([1])) && !two.passes(None, false));
        assert!(Test::Count(Bounds { lt: Some(1.0), ..Bounds::default() }).passes(None, false));
    }

    #[test]
    fn texts_numbers_and_times() {
        let text = |words: &str, how| Test::Text(words.into(), how);
        assert!(passes(&text("fox QUICK", Words::All), json!("The quick brown fox")));
        assert!(
            !text("fox quick", Words::All).passes(Some(&Cell::Text("The quick brown fox".into())), false),
            "as written"
        );
        assert!(
            passes(&text("cat fox", Words::Any), json!("brown fox"))
                && !passes(&text("fox brown", Words::Phrase), json!("brown fox"))
        );
        let range = Test::Range(Bounds { gt: Some(1.0), lte: Some(2.0), ..Bounds::default() });
        assert!(
            passes(&range, json!(2))
                && passes(&range, json!(1.5))
                && !passes(&range, json!(1))
                && !passes(&range, json!("2"))
        );
        let time = Test::Time(Bounds { gte: time::micros("2024-01-01"), ..Bounds::default() });
        assert!(
            passes(&time, json!("2024-05-01T00:00:00Z"))
                && !passes(&time, json!("2023-05-01"))
                && !passes(&time, json!("soon"))
        );
    }
}
