//! Semantic ids: a path of codes from coarse to fine, and one more number where two items share it.

use std::collections::HashMap;

use vectory_core::VectorsRef;

use crate::rq::Rq;

/// The ids of items.
#[derive(Clone, Debug, PartialEq)]
pub struct SemanticIds {
    /// The codes of each item, then its number among those of the same codes.
    pub ids: Vec<Vec<u32>>,
    /// Share of the items whose codes another item has, too.
    pub collisions: f64,
}

/// The ids of rows under residual codes (TIGER: 3 levels of 256 codes and one number that tells the rest apart). They are
/// all different.
#[must_use]
pub fn semantic_ids(codec: &Rq, rows: VectorsRef<'_>) -> SemanticIds {
    let codes: Vec<Vec<u8>> = rows.iter().map(|row| codec.codes_of(row)).collect();
    let mut seen: HashMap<&[u8], u32> = HashMap::new();
    let mut ids = Vec::with_capacity(codes.len());
    for c in &codes {
        let count = seen.entry(c).or_insert(0);
        ids.push(c.iter().map(|v| u32::from(*v)).chain([*count]).collect());
        *count += 1;
    }
    let shared = codes.iter().filter(|c| seen.get(c.as_slice()).is_some_and(|n| *n > 1)).count();
    SemanticIds { ids, collisions: shared as f64 / codes.len().max(1) as f64 }
}
