//! What tests of several indexes share.

use rand::RngExt;
use vectory_core::{Hit, Vectors, rng};

/// Rows around twenty centres.
pub fn clusters(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut centres = rng::stream(1, "index test centres");
    let centres: Vec<f32> = (0..20 * dim).map(|_| centres.random_range(-1.0..1.0)).collect();
    let mut r = rng::stream(seed, "index test rows");
    let mut out = Vectors::zeros(rows, dim);
    for i in 0..rows {
        let c = r.random_range(0..20usize) * dim;
        out.row_mut(i).iter_mut().enumerate().for_each(|(j, v)| *v = centres[c + j] + r.random_range(-0.6..0.6));
    }
    out
}

/// The share of the true hits that were found.
pub fn recall(found: &[Vec<Hit>], truth: &[Vec<Hit>]) -> f64 {
    let same = |(f, t): (&Vec<Hit>, &Vec<Hit>)| f.iter().filter(|h| t.iter().any(|x| x.id == h.id)).count();
    found.iter().zip(truth).map(same).sum::<usize>() as f64 / truth.iter().map(Vec::len).sum::<usize>() as f64
}
