//! What the student learns from: bags of its rows, each with the vector that the teacher gives the text.

use half::f16;

/// Bags of row numbers and a target a bag. Targets are kept in half precision: unit vectors lose nothing that matters.
#[derive(Clone, Debug, Default)]
pub(super) struct Examples {
    rows: Vec<u32>,
    ends: Vec<usize>,
    targets: Vec<f16>,
    dim: usize,
}

impl Examples {
    /// No example yet; targets will have `dim` values.
    pub(super) fn new(dim: usize) -> Self {
        Self { dim, ..Self::default() }
    }

    /// Adds a text: the rows of its tokens and its target. A text without tokens is left out.
    pub(super) fn push(&mut self, rows: &[u32], target: impl Iterator<Item = f32>) {
        if rows.is_empty() {
            return;
        }
        self.rows.extend_from_slice(rows);
        self.ends.push(self.rows.len());
        self.targets.extend(target.take(self.dim).map(f16::from_f32));
    }

    /// How many examples.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The rows of example `i`.
    pub(super) fn bag(&self, i: usize) -> &[u32] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.rows[start..self.ends[i]]
    }

    /// Writes the target of example `i`.
    pub(super) fn target(&self, i: usize, out: &mut [f32]) {
        for (o, t) in out.iter_mut().zip(&self.targets[i * self.dim..(i + 1) * self.dim]) {
            *o = t.to_f32();
        }
    }

    /// How often each of `rows` rows occurs.
    pub(super) fn counts(&self, rows: usize) -> Vec<u64> {
        let mut counts = vec![0; rows];
        self.rows.iter().for_each(|r| counts[*r as usize] += 1);
        counts
    }

    /// Splits off the last `share` of the examples.
    pub(super) fn split_tail(&self, share: f64) -> (Self, Self) {
        let cut = ((self.len() as f64) * (1.0 - share)) as usize;
        let part = |range: std::ops::Range<usize>| {
            let mut out = Self::new(self.dim);
            for i in range {
                out.rows.extend_from_slice(self.bag(i));
                out.ends.push(out.rows.len());
                out.targets.extend_from_slice(&self.targets[i * self.dim..(i + 1) * self.dim]);
            }
            out
        };
        (part(0..cut), part(cut..self.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_keeps_bags_and_targets() {
        let mut all = Examples::new(1);
        for i in 0..10u32 {
            all.push(&vec![i; 1 + i as usize % 3], std::iter::once(i as f32));
        }
        all.push(&[], std::iter::once(99.0));
        let (head, tail) = all.split_tail(0.2);
        assert_eq!((head.len(), tail.len()), (8, 2));
        let mut target = [0.0];
        tail.target(1, &mut target);
        assert_eq!((tail.bag(1), target), (all.bag(9), [9.0]));
        assert_eq!(all.counts(10)[5], 3);
    }
}
