//! What points are coloured by.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// Most groups that a field names; the smaller ones are put together.
const MOST: usize = 60;
/// Distinct numbers from which a field is a scale, and the steps of one.
const SCALE: usize = 13;
const STEPS: usize = 10;

/// A group for every point.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What the groups are called.
    pub groups: Vec<String>,
    /// The group of each point; −1 for none.
    #[serde(skip)]
    pub of: Vec<i16>,
    /// Whether groups are steps of a scale rather than kinds.
    pub scale: bool,
}

impl Field {
    /// Groups by number, named by `groups`.
    #[must_use]
    pub fn of_groups(name: &str, of: &[Option<u32>], groups: Vec<String>) -> Self {
        let last = groups.len() as u32;
        let of = of.iter().map(|g| g.filter(|g| *g < last).map_or(-1, |g| g.min(i16::MAX as u32) as i16)).collect();
        Self { name: name.to_owned(), groups, of, scale: false }
    }

    /// Groups by value: kinds, the most frequent first, or steps of equally many points where there are many numbers.
    #[must_use]
    pub fn of_values(name: &str, values: &[Value]) -> Self {
        let numbers: Vec<Option<f64>> = values.iter().map(Value::as_f64).collect();
        let present = values.iter().filter(|v| !v.is_null()).count();
        if present > 0 && numbers.iter().flatten().count() == present {
            let mut sorted: Vec<f64> = numbers.iter().flatten().copied().collect();
            sorted.sort_by(f64::total_cmp);
            let mut distinct = sorted.clone();
            distinct.dedup();
            if distinct.len() >= SCALE {
                return Self::steps(name, &numbers, &sorted);
            }
        }
        let text = |v: &Value| match v {
            Value::Null => None,
            Value::String(s) => Some(s.clone()),
            other => Some(other.to_string()),
        };
        let texts: Vec<Option<String>> = values.iter().map(text).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        texts.iter().flatten().for_each(|t| *counts.entry(t).or_default() += 1);
        let mut order: Vec<(&str, usize)> = counts.into_iter().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let rest = order.len().saturating_sub(MOST);
        order.truncate(MOST);
        let place: BTreeMap<&str, i16> = (0i16..).zip(&order).map(|(i, o)| (o.0, i)).collect();
        let other = order.len() as i16;
        let of = texts.iter().map(|t| t.as_deref().map_or(-1, |t| place.get(t).copied().unwrap_or(other))).collect();
        let mut groups: Vec<String> = order.iter().map(|o| o.0.to_owned()).collect();
        groups.extend((rest > 0).then(|| format!("{rest} others")));
        Self { name: name.to_owned(), groups, of, scale: false }
    }

    fn steps(name: &str, numbers: &[Option<f64>], sorted: &[f64]) -> Self {
        let mut edges: Vec<f64> = (0..=STEPS).map(|i| sorted[(i * (sorted.len() - 1)) / STEPS]).collect();
        edges.dedup();
        let last = edges.len() - 2;
        let step = |v: f64| (edges.partition_point(|e| *e <= v).saturating_sub(1)).min(last) as i16;
        let groups = edges.windows(2).map(|w| format!("{} to {}", short(w[0]), short(w[1]))).collect();
        Self { name: name.to_owned(), groups, of: numbers.iter().map(|n| n.map_or(-1, step)).collect(), scale: true }
    }
}

fn short(v: f64) -> String {
    if v.fract() == 0.0 && v.abs() < 1e9 { format!("{v:.0}") } else { format!("{v:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_scales() {
        let kinds = Field::of_values("k", &["a", "b", "b"].map(Value::from));
        assert_eq!((kinds.groups, kinds.of, kinds.scale), (vec!["b".to_owned(), "a".into()], vec![1, 0, 0], false));
        let mut years: Vec<Value> = (1990..2020).map(Value::from).collect();
        years.push(Value::Null);
        let scale = Field::of_values("year", &years);
        assert!(scale.scale && scale.groups.len() == 10 && scale.groups[0].starts_with("1990 to"));
        assert_eq!((scale.of[0], scale.of[29], scale.of[30]), (0, 9, -1));
        let many: Vec<Value> = (0..100).map(|i| Value::from(format!("v{i}"))).collect();
        let field = Field::of_values("m", &many);
        assert_eq!(field.groups.last().unwrap(), "40 others");
        assert!(field.of.iter().all(|g| (*g as usize) < field.groups.len()));
        assert_eq!(Field::of_groups("c", &[Some(1), None], vec!["x".into(), "y".into()]).of, [1, -1]);
    }
}
