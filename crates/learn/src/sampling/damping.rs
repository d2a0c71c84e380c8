//! How much of each change is added where several were made from the same start.
//!
//! Adding all changes is right while they are small; where each has gone most of the way to where the row comes to rest, adding them
//! overshoots, and training runs away. A row met n times goes a share 1 − e^(−κn) of that way, so that the sum is scaled by
//! (1 − e^(−κ Σn)) / Σ (1 − e^(−κn)): 1 for rare rows, the mean of the changes for rows that every piece meets often.

/// How strongly a single meeting of a row is taken to pull it to where it comes to rest, in learning rates.
const PULL: f32 = 2.0;
/// Meetings whose way is looked up, and how many entries each of them has.
const KNOWN: usize = 256;
const STEPS: f32 = 4.0;

/// The shares of the way that meetings go.
#[derive(Default)]
pub struct Ways {
    rate: f32,
    /// Those of 0, ¼, ½, … meetings: a row is met a few times, and an exponential function each would cost more than the step.
    known: Vec<f32>,
}

impl Ways {
    /// Sets the learning rate.
    pub fn begin(&mut self, rate: f32) {
        if self.rate.to_bits() != rate.to_bits() || self.known.is_empty() {
            self.rate = rate;
            self.known.clear();
            self.known.extend((0..=KNOWN * STEPS as usize).map(|i| way(i as f32 / STEPS, rate)));
        }
    }

    /// The share of `n` meetings, on the line between two entries.
    #[inline]
    #[must_use]
    pub fn of(&self, n: f32) -> f32 {
        let i = (n * STEPS) as usize;
        match self.known.get(i..i.saturating_add(2)) {
            Some([low, high]) => low + (n * STEPS - i as f32) * (high - low),
            _ => way(n, self.rate),
        }
    }

    /// What changes are to be multiplied by that came of `n` meetings, whose own shares have this sum.
    #[inline]
    #[must_use]
    pub fn scale(&self, n: f32, sum: f32) -> f32 {
        if sum > 0.0 { (self.of(n) / sum).min(1.0) } else { 1.0 }
    }
}

/// Rows that several vectors are made of, each of which hands its change to all of its rows.
#[derive(Default)]
pub struct Damping {
    /// Of each row: the round that met it last, how often it was met, the sum of shares.
    cells: Vec<(u32, f32, f32)>,
    round: u32,
}

impl Damping {
    /// Forgets all rows; there are `rows` of them.
    pub fn begin(&mut self, rows: usize) {
        if self.cells.len() < rows || self.round == u32::MAX {
            self.cells.clear();
            self.cells.resize(rows, (0, 0.0, 0.0));
            self.round = 0;
        }
        self.round += 1;
    }

    /// A row was met `n` times by changes whose shares have the sum `ways`.
    #[inline]
    pub fn add(&mut self, row: u32, n: f32, ways: f32) {
        let cell = &mut self.cells[row as usize];
        if cell.0 != self.round {
            *cell = (self.round, 0.0, 0.0);
        }
        cell.1 += n;
        cell.2 += ways;
    }

    /// What the changes are to be multiplied by that a vector hands to the rows of which it is the mean. It feels each change of any of
    /// them by their share, so that it was met as often as they were on average.
    #[inline]
    #[must_use]
    pub fn scale_of(&self, rows: &[u32], ways: &Ways) -> f32 {
        let (mut n, mut sum) = (0.0, 0.0);
        for row in rows {
            let cell = self.cells[*row as usize];
            if cell.0 == self.round {
                (n, sum) = (n + cell.1, sum + cell.2);
            }
        }
        let share = 1.0 / rows.len() as f32;
        ways.scale(n * share, sum * share)
    }
}

fn way(n: f32, rate: f32) -> f32 {
    1.0 - (-PULL * rate * n).exp()
}

#[cfg(test)]
mod tests {
    use super::{Damping, Ways};

    /// Three words of four rows each; each shares `shared` of them with the others.
    fn scale(shared: u32, n: u32, rate: f32) -> f32 {
        let words: Vec<Vec<u32>> =
            (0..3).map(|w| (0..4).map(|i| if i < shared { i } else { 100 * w + i }).collect()).collect();
        let (mut d, mut ways) = (Damping::default(), Ways::default());
        ways.begin(rate);
        d.begin(400);
        words.iter().flatten().for_each(|row| d.add(*row, n as f32, ways.of(n as f32)));
        d.scale_of(&words[1], &ways)
    }

    #[test]
    fn a_vector_is_damped_by_what_it_shares() {
        assert!((scale(0, 7, 0.05) - 1.0).abs() < 1e-6, "alone, it takes its whole change");
        let each: Vec<f32> = (0..5).map(|shared| scale(shared, 7, 0.05)).collect();
        assert!(each.windows(2).all(|w| w[1] < w[0]), "the more is shared, the less: {each:?}");
        // All rows shared: as one row that three have changed.
        let way = |n: f32| 1.0 - (-2.0 * 0.05 * n).exp();
        assert!((each[4] - way(21.0) / (3.0 * way(7.0))).abs() < 1e-5);
        assert!(scale(4, 1, 1e-5) > 0.999, "small steps add up");
        assert!((scale(4, 1000, 0.05) - 1.0 / 3.0).abs() < 1e-5, "rows at rest: the mean of the changes");
    }
}
