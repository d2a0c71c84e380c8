//! Codes that were near each other, and people as sums.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use vectory_core::sparse::Csr;
use vectory_core::{Vectors, simd};

use super::Event;
use crate::words::WordsError;

/// What counts as near.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VisitParams {
    /// Visits to each side that count, beside the visit itself (2).
    pub window: usize,
    /// Most days between them (none).
    pub days: Option<i64>,
    /// Codes of a visit that are taken; what is beyond, in the order of the vocabulary from its rare end, is left out (200).
    pub most: usize,
}

impl Default for VisitParams {
    fn default() -> Self {
        Self { window: 2, days: None, most: 200 }
    }
}

/// Counts sorted events of `codes` codes: two of one visit count 1, two of visits `k` apart 1 / (k + 1); both ways.
///
/// # Errors
/// [`WordsError::NoPairs`].
pub fn count_visits(events: &[Event], codes: usize, params: &VisitParams) -> Result<Csr, WordsError> {
    let mut pairs: HashMap<(u32, u32), f64> = HashMap::new();
    for person in events.chunk_by(|a, b| a.who == b.who) {
        let visits: Vec<(i64, Vec<u32>)> =
            person.chunk_by(|a, b| a.when == b.when).map(|v| visit(v, params.most)).collect();
        for (i, (day, codes)) in visits.iter().enumerate() {
            for (k, (other_day, others)) in visits[i..].iter().take(params.window + 1).enumerate() {
                if params.days.is_some_and(|most| other_day - day > most) {
                    break;
                }
                let weight = 1.0 / (k as f64 + 1.0);
                for a in codes {
                    for b in others.iter().filter(|b| *b != a) {
                        *pairs.entry((*a, *b)).or_default() += weight;
                        // Within one visit both orders are met anyway.
                        if k > 0 {
                            *pairs.entry((*b, *a)).or_default() += weight;
                        }
                    }
                }
            }
        }
    }
    let mut all: Vec<((u32, u32), f64)> = pairs.into_iter().collect();
    all.sort_unstable_by_key(|p| p.0);
    let (mut out, mut rest) = (Csr::new(codes), all.as_slice());
    for row in 0..codes as u32 {
        let n = rest.partition_point(|p| p.0.0 == row);
        out.push_row(rest[..n].iter().map(|(key, v)| (key.1, *v as f32)));
        rest = &rest[n..];
    }
    if out.columns.is_empty() { Err(WordsError::NoPairs) } else { Ok(out) }
}

/// The day and the distinct codes of a visit.
fn visit(events: &[Event], most: usize) -> (i64, Vec<u32>) {
    let mut codes: Vec<u32> = events.iter().map(|e| e.what).collect();
    codes.dedup();
    if codes.len() > most {
        codes.drain(..codes.len() - most);
    }
    (events[0].when, codes)
}

/// For each of `people` the sum of the vectors of what happened to them; how much happened stays visible in the length.
#[must_use]
pub fn sums(events: &[Event], people: usize, rows: &Vectors) -> Vectors {
    let mut out = Vectors::zeros(people, rows.dim());
    for e in events {
        simd::axpy(1.0, rows.row(e.what as usize), out.row_mut(e.who as usize));
    }
    out
}
