//! The rows one by one: what is broken, empty or there twice, and how long the rows are. Exact, one pass.

use std::collections::HashMap;

use vectory_core::VectorsRef;

/// What a pass over the rows found.
#[derive(Clone, Debug, Default)]
pub struct RowScan {
    /// Rows with a value that is NaN or infinite.
    pub non_finite: Vec<usize>,
    /// Rows that are all zeros.
    pub zero: Vec<usize>,
    /// (row, earlier row with exactly the same values), finite rows that are not zero.
    pub duplicates: Vec<(usize, usize)>,
    /// Length of each finite row, in f64.
    pub norms: Vec<f64>,
}

/// Looks at every row once. O(n d) time, O(n) memory.
#[must_use]
pub fn scan(x: VectorsRef<'_>) -> RowScan {
    let mut out = RowScan::default();
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::with_capacity(x.rows());
    for (i, row) in x.iter().enumerate() {
        if row.iter().any(|v| !v.is_finite()) {
            out.non_finite.push(i);
            continue;
        }
        let norm = norm(row);
        out.norms.push(norm);
        if norm == 0.0 {
            out.zero.push(i);
            continue;
        }
        // A hash may be shared by different rows: equal means equal values.
        let same = seen.entry(hash_of(row)).or_default();
        match same.iter().find(|j| x.row(**j) == row) {
            Some(first) => out.duplicates.push((i, *first)),
            None => same.push(i),
        }
    }
    out
}

impl RowScan {
    /// Numbers of the rows that can be measured (finite; under cosine, not zero), or `None` when all can.
    #[must_use]
    pub fn usable(&self, rows: usize, without_zeros: bool) -> Option<Vec<usize>> {
        let mut out: Vec<usize> = self.non_finite.clone();
        if without_zeros {
            out.extend(&self.zero);
        }
        if out.is_empty() {
            return None;
        }
        out.sort_unstable();
        Some((0..rows).filter(|i| out.binary_search(i).is_err()).collect())
    }
}

/// Euclidean length, in f64.
pub(crate) fn norm(row: &[f32]) -> f64 {
    row.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt()
}

/// Hashes the values (-0 as 0, so that equal rows have equal hashes).
fn hash_of(row: &[f32]) -> u64 {
    row.iter().fold(0x9e37_79b9_7f4a_7c15, |h, v| {
        (h ^ u64::from((v + 0.0).to_bits())).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_row_is_found() {
        let x = [1.0, 2.0, 0.0, -0.0, f32::NAN, 1.0, 1.0, 2.0, f32::INFINITY, 0.0, 0.0, 0.0, 0.0, 3.0, -0.0, 3.0];
        let x = VectorsRef::new(&x, 2).unwrap();
        let s = scan(x);
        assert_eq!(s.non_finite, [2, 4]);
        assert_eq!(s.zero, [1, 5]);
        assert_eq!(s.duplicates, [(3, 0), (7, 6)]);
        assert_eq!(s.norms.len(), 6);
        assert_eq!(s.usable(8, true).unwrap(), [0, 3, 6, 7]);
        assert_eq!(s.usable(8, false).unwrap().len(), 6);
        assert_eq!(x.picked([6, 0].into_iter()).as_slice(), [0.0, 3.0, 1.0, 2.0]);
        assert_eq!(scan(x.slice(0, 1)).usable(1, true), None);
    }
}
