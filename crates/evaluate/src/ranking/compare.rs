//! Whether one run is better than another, or only luckier.

use rand::RngExt;
use serde::Serialize;
use vectory_core::rng;

use super::{RankingError, Scores};

/// Two runs over the same queries, by one measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Mean of the first minus mean of the second.
    pub difference: f64,
    /// Two-sided p-value of the paired randomisation test: how often runs that differ by chance alone differ so much.
    pub p_value: f64,
    /// Queries on which the first is better.
    pub better: usize,
    /// Queries on which the second is better.
    pub worse: usize,
    /// Queries on which both are equal.
    pub equal: usize,
}

/// The paired randomisation test on measure `m`: each query's two values swap places by the toss of a coin, 10,000
/// times; the p-value is the share of tosses with at least the measured difference (counting the measured one).
///
/// # Errors
/// [`RankingError::Unpaired`] when the two were not scored over the same queries and measures.
pub fn compare(a: &Scores, b: &Scores, m: usize, seed: u64) -> Result<Comparison, RankingError> {
    const TOSSES: usize = 10_000;
    if a.queries != b.queries || a.measures != b.measures || m >= a.measures.len() {
        return Err(RankingError::Unpaired);
    }
    let differences: Vec<f64> = a.per_query(m).iter().zip(b.per_query(m)).map(|(x, y)| x - y).collect();
    let count = |sign: fn(f64) -> bool| differences.iter().filter(|d| sign(**d)).count();
    let measured: f64 = differences.iter().sum();
    let mut rng = rng::stream(seed, "ranking.randomisation");
    // Sums of the same numbers in another order of signs may differ in the last bits.
    let reached = measured.abs() - 1e-12 * differences.len() as f64;
    let extreme = (0..TOSSES).filter(|_| toss(&differences, &mut rng).abs() >= reached).count();
    Ok(Comparison {
        difference: measured / differences.len() as f64,
        p_value: (extreme + 1) as f64 / (TOSSES + 1) as f64,
        better: count(|d| d > 0.0),
        worse: count(|d| d < 0.0),
        equal: count(|d| d == 0.0),
    })
}

fn toss(differences: &[f64], rng: &mut rng::Rng) -> f64 {
    let mut sum = 0.0;
    for chunk in differences.chunks(64) {
        let mut coins: u64 = rng.random();
        for d in chunk {
            sum += if coins & 1 == 1 { *d } else { -d };
            coins >>= 1;
        }
    }
    sum
}
