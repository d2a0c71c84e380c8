//! An item as a line of `items.jsonl`: what is empty is left out, dense vectors are in arrays beside.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::form;
use super::{Cell, Head, Item, ItemError, Shape};

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Line {
    id: String,
    #[serde(skip_serializing_if = "is_zero")]
    part: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    heading: String,
    start: u64,
    end: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    /// Source, stamp and hash.
    #[serde(skip_serializing_if = "are_empty")]
    origin: [String; 3],
    #[serde(skip_serializing_if = "Map::is_empty")]
    payload: Map<String, Value>,
    /// How many rows of a view's array are its own, where that is not one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    counts: BTreeMap<String, usize>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sparse: BTreeMap<String, Weights>,
}

#[derive(Serialize, Deserialize)]
struct Weights {
    indices: Vec<u32>,
    values: Vec<f32>,
}

// By reference, as serde asks.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

fn are_empty(texts: &[String; 3]) -> bool {
    texts.iter().all(String::is_empty)
}

impl Line {
    pub fn of(item: &Item, head: &Head) -> Self {
        let mut line = Self {
            id: item.id.clone(),
            part: item.part,
            title: item.title.clone(),
            path: item.path.clone(),
            heading: item.heading.clone(),
            start: item.range.start,
            end: item.range.end,
            text: item.text.clone(),
            origin: item.origin.clone(),
            payload: item.payload.clone(),
            ..Self::default()
        };
        for (view, cell) in head.views.iter().zip(&item.vectors) {
            match (view.shape, cell) {
                (Shape::Dense { dim } | Shape::Multi { dim }, cell) => {
                    let count = if let Cell::Rows(rows) = cell { rows.len() / dim.max(1) } else { 0 };
                    if count != 1 {
                        line.counts.insert(view.name.clone(), count);
                    }
                }
                (Shape::Sparse, Cell::Weights(indices, values)) => {
                    let weights = Weights { indices: indices.clone(), values: values.clone() };
                    line.sparse.insert(view.name.clone(), weights);
                }
                (Shape::Sparse, _) => {}
            }
        }
        line
    }

    /// The item, without its dense vectors: how many rows each dense view has of it stands in their places.
    pub fn item(mut self, head: &Head, path: &Path, number: u64) -> Result<(Item, Vec<usize>), ItemError> {
        let mut counts = Vec::with_capacity(head.views.len());
        let mut vectors = Vec::with_capacity(head.views.len());
        for view in &head.views {
            let weights = self.sparse.remove(&view.name);
            counts.push(if view.shape == Shape::Sparse {
                0
            } else {
                self.counts.get(&view.name).copied().unwrap_or(1)
            });
            vectors.push(weights.map_or(Cell::Nothing, |w| Cell::Weights(w.indices, w.values)));
        }
        if let Some(name) = self.sparse.keys().next() {
            return Err(form(path, format!("line {number}"), format!("has weights of `{name}`, which the head lacks")));
        }
        let Self { id, part, title, path, heading, start, end, text, origin, payload, .. } = self;
        Ok((Item { id, part, title, path, heading, range: start..end, text, origin, payload, vectors }, counts))
    }
}
