//! One window: its words against the one in the middle and random ones.

use vectory_core::simd::{self, Pairs};

use super::ContrastiveParams;

/// The rows of a piece.
pub(super) struct Rows<'a> {
    pub values: &'a mut [f32],
    /// One over the length of each.
    pub inverse: &'a mut [f32],
    pub dim: usize,
}

impl Rows<'_> {
    fn row(&mut self, place: u32) -> &mut [f32] {
        &mut self.values[place as usize * self.dim..(place as usize + 1) * self.dim]
    }
}

/// The scratch of windows, and what came of them.
#[derive(Default)]
pub(super) struct Window {
    e: Vec<f32>,
    /// Copies of the middle and the random words: kernels take two tables.
    others: Vec<f32>,
    others_ids: Vec<u32>,
    /// One over the lengths of the others.
    inverse: Vec<f32>,
    /// The words around that have a loss.
    moved: Vec<u32>,
    /// Of the others, then of those: how much of the change lies along the row, and does not turn it.
    along: Vec<f32>,
    /// The summed loss.
    pub loss: f64,
    /// How many comparisons were made, and how many of them had no loss.
    pub compared: u64,
    pub idle: u64,
}

impl Window {
    /// Before a piece.
    pub fn begin(&mut self) {
        (self.loss, self.compared, self.idle) = (0.0, 0, 0);
    }

    /// A step of the words at places `around` to the first of `others`, away from the rest, which is not among them.
    pub fn take(&mut self, p: &ContrastiveParams, rate: f32, rows: &mut Rows<'_>, around: &[u32], others: &[u32]) {
        let (n, m) = (others.len(), around.len());
        if n < 2 || m == 0 {
            return;
        }
        self.others.clear();
        others.iter().for_each(|place| self.others.extend_from_slice(rows.row(*place)));
        self.others_ids.clear();
        self.others_ids.extend(0..n as u32);
        self.e.resize(n * m, 0.0);
        simd::products(self.pairs(rows, around));
        self.inverse.clear();
        self.inverse.extend(others.iter().map(|place| rows.inverse[*place as usize]));
        self.along.clear();
        self.along.resize(n, 0.0);
        self.moved.clear();
        for (i, u) in around.iter().enumerate() {
            if self.compare(p, rate, i, rows.inverse[*u as usize]) {
                self.e.copy_within(i * n..(i + 1) * n, self.moved.len() * n);
                self.moved.push(*u);
            }
        }
        self.compared += (m * (n - 1)) as u64;
        if !self.moved.is_empty() {
            self.turn(rows, others);
        }
    }

    /// Rows exchange what they are to; what of it lies along them is taken back.
    fn turn(&mut self, rows: &mut Rows<'_>, others: &[u32]) {
        let moved = std::mem::take(&mut self.moved);
        self.e.truncate(moved.len() * others.len());
        simd::exchange(self.pairs(rows, &moved));
        for (place, row) in others.iter().zip(self.others.chunks_exact(rows.dim)) {
            rows.row(*place).copy_from_slice(row);
        }
        for (place, along) in others.iter().chain(&moved).zip(&self.along) {
            rows.inverse[*place as usize] = 1.0 / simd::stretch(1.0 + along, rows.row(*place)).sqrt().max(1e-6);
        }
        self.moved = moved;
    }

    fn pairs<'a>(&'a mut self, rows: &'a mut Rows<'_>, around: &'a [u32]) -> Pairs<'a> {
        let (b, b_ids) = (&mut self.others[..], &self.others_ids[..]);
        Pairs { a: rows.values, a_ids: around, b, b_ids, e: &mut self.e, dim: rows.dim }
    }

    /// Turns the products of the `i`-th word around, by one over its length, into what its row and the others' exchange; whether there is a
    /// loss. The slope of cos(u, v) in u is v / (|u| |v|) − cos · u / |u|².
    fn compare(&mut self, p: &ContrastiveParams, rate: f32, i: usize, inverse: f32) -> bool {
        let n = self.inverse.len();
        let (e, along, to) = (&mut self.e[i * n..(i + 1) * n], &mut self.along, self.inverse[0]);
        let near = e[0] * inverse * to;
        let (push, mut hits, mut turned) = (rate * p.repel, 0.0, 0.0);
        for ((e, other), along) in e.iter_mut().zip(&self.inverse).zip(&mut along[..n]).skip(1) {
            let far = *e * inverse * other;
            let loss = p.margin - p.attract * near + p.repel * far;
            // Without a branch: which way it goes cannot be guessed.
            let hit = f32::from(u8::from(loss > 0.0));
            *e = -push * hit * inverse * other;
            *along += push * hit * far * other * other;
            turned += push * hit * far;
            self.loss += f64::from(loss.max(0.0));
            self.idle += u64::from(loss <= 0.0);
            hits += hit;
        }
        if hits == 0.0 {
            return false;
        }
        let pull = rate * p.attract * hits;
        e[0] = pull * inverse * to;
        along[0] -= pull * near * to * to;
        along.push((turned - pull * near) * inverse * inverse);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use vectory_core::rng;

    /// The loss of all words around, in f64.
    fn loss(rows: &[f32], dim: usize, around: &[u32], others: &[u32]) -> f64 {
        let row = |i: u32| &rows[i as usize * dim..(i as usize + 1) * dim];
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
        let cos = |a: u32, b: u32| dot(row(a), row(b)) / (dot(row(a), row(a)) * dot(row(b), row(b))).sqrt();
        let one = |u: u32, n: u32| (0.3 - cos(u, others[0]) + 1.25 * cos(u, n)).max(0.0);
        around.iter().flat_map(|u| others[1..].iter().map(move |n| (*u, *n))).map(|(u, n)| one(u, n)).sum()
    }

    #[test]
    fn a_step_goes_along_the_slope_and_keeps_lengths() {
        let (dim, around, others) = (6, [0, 3, 4], [1, 2, 5]);
        let mut r = rng::stream(5, "hinge");
        let start: Vec<f32> = (0..6 * dim).map(|_| r.random_range(-1.0..1.0)).collect();
        let (mut values, rate) = (start.clone(), 1e-3);
        let norm = |rows: &[f32], i: usize| simd::norm(&rows[i * dim..(i + 1) * dim]);
        let mut inverse: Vec<f32> = (0..6).map(|i| 1.0 / norm(&start, i)).collect();
        let mut w = Window::default();
        let mut rows = Rows { values: &mut values, inverse: &mut inverse, dim };
        w.take(&ContrastiveParams::default(), rate, &mut rows, &around, &others);
        assert!((w.loss - loss(&start, dim, &around, &others)).abs() < 1e-5 && w.idle > 0 && w.idle < w.compared);
        for k in 0..start.len() {
            let moved = |by: f32| {
                let mut rows = start.clone();
                rows[k] += by;
                loss(&rows, dim, &around, &others)
            };
            let slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
            let change = f64::from(values[k] - start[k]) / f64::from(rate);
            assert!((change + slope).abs() < 0.02, "{k}: {change} {slope}");
        }
        for i in 0..6 {
            // A change across the row: its length grows by the square of the rate.
            assert!(
                (norm(&values, i) - norm(&start, i)).abs() < 1e-4 && (inverse[i] * norm(&values, i) - 1.0).abs() < 1e-5
            );
        }
    }
}
