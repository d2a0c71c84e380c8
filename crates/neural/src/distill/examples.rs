//! What the student learns from: bags of its rows, each with the vector that the teacher gives the text.

use half::f16;

/// Bags of row numbers and a target a bag. Targets are kept in half precision: unit vectors lose nothing that matters.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    rows: Vec<u32>,
    ends: Vec<usize>,
    targets: Vec<f16>,
    dim: usize,
}

impl Examples {
    /// No example yet; targets will have `dim` values.
    #[must_use]
    pub fn new(dim: usize) -> Self {
        Self { dim, ..Self::default() }
    }

    /// Adds a text: the rows of its tokens and its target. A text without tokens is left out.
    pub fn push(&mut self, rows: &[u32], target: impl Iterator<Item = f32>) {
        if rows.is_empty() {
            return;
        }
        self.rows.extend_from_slice(rows);
        self.ends.push(self.rows.len());
        self.targets.extend(target.take(self.dim).map(f16::from_f32));
    }

    /// How many examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Values of a target.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The rows of example `i`.
    #[must_use]
    pub fn bag(&self, i: usize) -> &[u32] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.rows[start..self.ends[i]]
    }

    /// Writes the target of example `i`.
    pub fn target(&self, i: usize, out: &mut [f32]) {
        for (o, t) in out.iter_mut().zip(&self.targets[i * self.dim..(i + 1) * self.dim]) {
            *o = t.to_f32();
        }
    }

    /// How often each of `rows` rows occurs.
    #[must_use]
    pub fn counts(&self, rows: usize) -> Vec<u64> {
        let mut counts = vec![0; rows];
        self.rows.iter().for_each(|r| counts[*r as usize] += 1);
        counts
    }

    /// Splits off the last `share` of the examples.
    #[must_use]
    pub fn split_tail(&self, share: f64) -> (Self, Self) {
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
