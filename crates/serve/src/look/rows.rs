//! One row an item: the mean of its passages' rows, for what looks at items rather than passages.

use std::collections::HashMap;

use vectory_core::Vectors;
use vectory_space::{SearchError, Space};

/// Rows and the document number of each, ascending.
pub(super) struct ItemRows {
    pub documents: Vec<u32>,
    pub rows: Vectors,
}

impl ItemRows {
    pub fn of(space: &Space, view: &str) -> Result<Self, SearchError> {
        let (passages, rows) = space.rows(view)?;
        let of: Vec<u32> = space.documents_of(&passages);
        if of.windows(2).all(|w| w[0] < w[1]) {
            return Ok(Self { documents: of, rows });
        }
        let mut documents = of.clone();
        documents.sort_unstable();
        documents.dedup();
        let place: HashMap<u32, usize> = documents.iter().enumerate().map(|(i, d)| (*d, i)).collect();
        let mut sums = Vectors::zeros(documents.len(), rows.dim());
        let mut counts = vec![0f32; documents.len()];
        for (row, document) in rows.iter().zip(&of) {
            let at = place[document];
            counts[at] += 1.0;
            vectory_core::simd::axpy(1.0, row, sums.row_mut(at));
        }
        for (i, n) in counts.into_iter().enumerate() {
            sums.row_mut(i).iter_mut().for_each(|x| *x /= n.max(1.0));
        }
        Ok(Self { documents, rows: sums })
    }
}
