//! How much of each change is added where several were made from the same start.

use super::Local;

/// How strongly a single meeting of a row is taken to pull it to where it comes to rest, in learning rates.
const PULL: f32 = 2.0;

/// Rows that were changed apart, from the same values, by several pieces (or by several words that share an n-gram).
///
/// Adding all changes is right while they are small; where each has gone most of the way to where the row comes to rest, adding them
/// overshoots, and training runs away. A row met n times goes a share 1 − e^(−κn) of that way, so that the sum is scaled by
/// (1 − e^(−κ Σn)) / Σ (1 − e^(−κn)): 1 for rare rows, the mean of the changes for rows that every piece meets often.
#[derive(Default)]
pub struct Damping {
    /// Of each row: the round that met it last, how often it was met, the sum of shares.
    cells: Vec<(u32, f32, f32)>,
    round: u32,
    rate: f32,
    /// The way that 0, 1, 2, … meetings go: a row is met a few times, and an exponential function each would cost more than the step.
    ways: Vec<f32>,
}

/// Meetings whose way is looked up.
const KNOWN: usize = 256;

impl Damping {
    /// Forgets all rows; there are `rows` of them, and this is the learning rate.
    pub fn begin(&mut self, rows: usize, rate: f32) {
        if self.rate.to_bits() != rate.to_bits() || self.ways.is_empty() {
            self.rate = rate;
            self.ways.clear();
            self.ways.extend((0..KNOWN).map(|n| way(n as f32, rate)));
        }
        if self.cells.len() < rows || self.round == u32::MAX {
            self.cells.clear();
            self.cells.resize(rows, (0, 0.0, 0.0));
            self.round = 0;
        }
        self.round += 1;
    }

    /// A row was met `n` times in one of the changes.
    #[inline]
    pub fn add(&mut self, row: u32, n: u32) {
        let way = self.way(n as f32);
        let cell = &mut self.cells[row as usize];
        if cell.0 != self.round {
            *cell = (self.round, 0.0, 0.0);
        }
        cell.1 += n as f32;
        cell.2 += way;
    }

    /// What the changes of a row are to be multiplied by.
    #[inline]
    #[must_use]
    pub fn scale(&self, row: u32) -> f32 {
        let (round, n, sum) = self.cells[row as usize];
        if round == self.round && sum > 0.0 { (self.way(n) / sum).min(1.0) } else { 1.0 }
    }

    /// `n` is a whole number.
    #[inline]
    fn way(&self, n: f32) -> f32 {
        self.ways.get(n as usize).copied().unwrap_or_else(|| way(n, self.rate))
    }

    /// Sets the scales of rows that several pieces have changed.
    pub fn apply<W>(&mut self, workers: &mut [W], local: impl Fn(&mut W) -> &mut Local, rows: usize, rate: f32) {
        self.begin(rows, rate);
        for w in workers.iter_mut() {
            local(w).met().for_each(|(id, n)| self.add(id, n));
        }
        for w in workers.iter_mut() {
            local(w).set_scales(|id, scales| scales.push(self.scale(id)));
        }
    }
}

fn way(n: f32, rate: f32) -> f32 {
    1.0 - (-PULL * rate * n).exp()
}
