//! Points in lists: by id, by the order of a field, counted by the values of a field, grouped by them.

use std::collections::HashMap;

use roaring::RoaringBitmap;
use serde_json::Value;
use vectory_core::Context;

use super::run::Run;
use super::{Ask, Found, PointQuery};
use crate::filter::{Cell, Fields, Filter, datetime_micros};
use crate::search::query::SearchError;
use crate::search::space::Space;
use crate::store::StoreError;

/// A value of a field, and how many points have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Facet {
    /// A text, a whole number, true or false.
    pub value: Value,
    /// How many.
    pub count: u64,
}

/// The best hits that share a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The value.
    pub value: Value,
    /// Best first.
    pub hits: Vec<Found>,
}

impl Run<'_> {
    /// Points by the value of a field: numbers, or points in time. Points without one are left out.
    pub(super) fn ordered(
        &self,
        field: &str,
        descending: bool,
        start_from: Option<f64>,
        documents: &RoaringBitmap,
    ) -> Result<Vec<Found>, SearchError> {
        let column = self.snapshot.column(field)?;
        let mut found = Vec::new();
        for (document, cell) in column.iter().filter(|(d, _)| documents.contains(*d)) {
            let mut best: Option<f64> = None;
            cell.each(&mut |c| {
                let value = match c {
                    Cell::Text(t) => datetime_micros(t).map(|m| m as f64),
                    other => other.number(),
                };
                let before = |v: &f64| start_from.is_some_and(|s| if descending { *v > s } else { *v < s });
                if let Some(v) = value.filter(|v| !before(v)) {
                    best = Some(best.map_or(v, |b| if descending { b.max(v) } else { b.min(v) }));
                }
            });
            found.extend(best.map(|v| Found { document, score: 0.0, order: Some(v) }));
        }
        let key = |f: &Found| f.order.unwrap_or_default();
        found.sort_by(|a, b| {
            let order = key(a).total_cmp(&key(b));
            (if descending { order.reverse() } else { order }).then(a.document.cmp(&b.document))
        });
        Ok(found)
    }
}

impl Space {
    /// Answers a question for points.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn query_points(&self, query: &PointQuery, ctx: &Context) -> Result<Vec<Found>, SearchError> {
        let snapshot = self.snapshot();
        Run { snapshot: &snapshot, engines: self.engines(), ctx }.answer(query)
    }

    /// The next points by ascending id, from `start` on, and the id after them.
    ///
    /// # Errors
    /// [`SearchError`] when the items cannot be read.
    pub fn scroll(
        &self,
        filter: Option<&Filter>,
        start: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<u32>, Option<String>), SearchError> {
        let snapshot = self.snapshot();
        let documents = filter.map(|f| snapshot.filtered(Some(f))).transpose()?;
        let (mut page, mut next) = (Vec::new(), None);
        snapshot.tables.each_id(start, |id, number| {
            if documents.as_ref().is_none_or(|d| d.contains(number)) {
                if page.len() == limit {
                    next = Some(id.to_owned());
                    return false;
                }
                page.push(number);
            }
            true
        })?;
        Ok((page, next))
    }

    /// How many points a filter lets through.
    ///
    /// # Errors
    /// [`SearchError`] when the items cannot be read.
    pub fn count(&self, filter: Option<&Filter>) -> Result<u64, SearchError> {
        let snapshot = self.snapshot();
        match filter {
            None => Ok(snapshot.manifest.documents),
            Some(_) => Ok(snapshot.filtered(filter)?.len()),
        }
    }

    /// The ids of the points that a filter lets through.
    ///
    /// # Errors
    /// [`SearchError`] when the items cannot be read.
    pub fn ids(&self, filter: Option<&Filter>) -> Result<Vec<String>, SearchError> {
        let snapshot = self.snapshot();
        let documents = snapshot.filtered(filter)?;
        let mut ids = Vec::new();
        snapshot.tables.each_id(None, |id, number| {
            if documents.contains(number) {
                ids.push(id.to_owned());
            }
            true
        })?;
        Ok(ids)
    }

    /// The most frequent values of a field among the points that a filter lets through.
    ///
    /// # Errors
    /// [`SearchError`] when the items cannot be read.
    pub fn facet(&self, field: &str, filter: Option<&Filter>, limit: usize) -> Result<Vec<Facet>, SearchError> {
        let snapshot = self.snapshot();
        let documents = snapshot.filtered(filter)?;
        let column = snapshot.column(field)?;
        let mut counts: HashMap<String, (Value, u64)> = HashMap::new();
        for (_, cell) in column.iter().filter(|(d, _)| documents.contains(*d)) {
            let mut seen: Vec<String> = Vec::new();
            cell.each(&mut |c| {
                if let Some(value) = value_of(c) {
                    let key = value.to_string();
                    if !seen.contains(&key) {
                        counts.entry(key.clone()).or_insert((value, 0)).1 += 1;
                        seen.push(key);
                    }
                }
            });
        }
        let mut list: Vec<(String, (Value, u64))> = counts.into_iter().collect();
        list.sort_by(|a, b| b.1.1.cmp(&a.1.1).then_with(|| a.0.cmp(&b.0)));
        Ok(list.into_iter().take(limit).map(|(_, (value, count))| Facet { value, count }).collect())
    }

    /// The best hits of each of the best values of a field.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn query_groups(
        &self,
        query: &PointQuery,
        field: &str,
        (groups, size): (usize, usize),
        ctx: &Context,
    ) -> Result<Vec<Group>, SearchError> {
        let snapshot = self.snapshot();
        let column = snapshot.column(field)?;
        let run = Run { snapshot: &snapshot, engines: self.engines(), ctx };
        let mut limit = groups.saturating_mul(size).saturating_mul(4).max(64);
        loop {
            let found = run.answer(&PointQuery { limit, offset: 0, ..query.clone() })?;
            let complete = found.len() < limit;
            let list = grouped(&found, |d| column.get(d), size);
            let full = list.iter().take(groups).all(|g| g.hits.len() == size) && list.len() >= groups;
            if full || complete {
                return Ok(list.into_iter().take(groups).collect());
            }
            limit = limit.saturating_mul(4);
        }
    }
}

fn grouped<'c>(found: &[Found], cell: impl Fn(u32) -> Option<&'c Cell>, size: usize) -> Vec<Group> {
    let mut list: Vec<Group> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for hit in found {
        let Some(cell) = cell(hit.document) else { continue };
        cell.each(&mut |c| {
            let Some(value) = value_of(c).filter(|v| !v.is_boolean()) else { return };
            let at = *places.entry(value.to_string()).or_insert_with(|| {
                list.push(Group { value, hits: Vec::new() });
                list.len() - 1
            });
            if list[at].hits.len() < size && list[at].hits.last().is_none_or(|h| h.document != hit.document) {
                list[at].hits.push(*hit);
            }
        });
    }
    list
}

fn value_of(cell: &Cell) -> Option<Value> {
    match cell {
        Cell::Text(t) => Some(Value::from(t.as_str())),
        Cell::Int(i) => Some(Value::from(*i)),
        Cell::Bool(b) => Some(Value::from(*b)),
        _ => None,
    }
}

impl PointQuery {
    /// Whether the answer has scores.
    #[must_use]
    pub fn is_scored(&self) -> bool {
        !matches!(self.ask, None | Some(Ask::OrderBy { .. } | Ask::Sample(_)))
    }
}

impl Space {
    /// How many points have a field; reads the field, so that later filters on it are quick.
    ///
    /// # Errors
    /// [`StoreError`] when the items cannot be read.
    pub fn facet_count(&self, field: &str) -> Result<usize, StoreError> {
        Ok(self.snapshot().column(field)?.iter().count())
    }
}
