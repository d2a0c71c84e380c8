//! Hubness: whether a few rows are neighbours of very many, and others of none.
//!
//! The k-occurrence of a row is the number of rows that count it among their k nearest. In high intrinsic dimension its
//! distribution grows a long tail (Radovanović, Nanopoulos and Ivanović, *Hubs in Space*, 2010): hubs turn up in answers
//! to unrelated queries, antihubs are never found.

use vectory_core::rng;
use vectory_core::stats::bootstrap;

use crate::neighborhood::Neighborhood;

/// The distribution of k-occurrences.
#[derive(Clone, Debug, PartialEq)]
pub struct Hubness {
    /// Neighbours a row has.
    pub k: usize,
    /// How often each row is a neighbour.
    pub occurrences: Vec<u32>,
    /// Third standardised moment of the occurrences (population form): 0 is even-handed, above 1 hubs are clear.
    pub skewness: f64,
    /// 95 % bootstrap interval of the skewness, over rows.
    pub interval: (f64, f64),
    /// Share of neighbour slots that would have to move for all rows to occur equally often (Robin Hood index).
    pub robin_hood: f64,
    /// Share of rows that are nobody's neighbour.
    pub antihubs: f64,
    /// Share of rows that occur at least 2k times.
    pub hubs: f64,
}

/// Counts the first `k` neighbours of every list; the lists must be over their own rows (as many lists as base rows).
#[must_use]
pub fn hubness(n: &Neighborhood, k: usize, seed: u64) -> Hubness {
    let k = k.min(n.base.saturating_sub(1));
    let mut occurrences = vec![0u32; n.base];
    for list in &n.lists {
        list.iter().take(k).for_each(|(id, _)| occurrences[*id as usize] += 1);
    }
    let values: Vec<f64> = occurrences.iter().map(|o| f64::from(*o)).collect();
    let rows = values.len() as f64;
    let total: f64 = values.iter().sum();
    let expected = total / rows;
    let share = |f: &dyn Fn(f64) -> bool| values.iter().filter(|v| f(**v)).count() as f64 / rows;
    Hubness {
        k,
        skewness: skewness(values.iter().copied()),
        interval: bootstrap(&values, 200, &mut rng::stream(seed, "inspect.hubness"), |v| skewness(v.iter().copied())),
        robin_hood: 0.5 * values.iter().map(|v| (v - expected).abs()).sum::<f64>() / total,
        antihubs: share(&|v| v == 0.0),
        hubs: share(&|v| v >= 2.0 * k as f64),
        occurrences,
    }
}

impl Hubness {
    /// The `n` rows that occur most often, with their occurrences.
    #[must_use]
    pub fn top(&self, n: usize) -> Vec<(usize, u32)> {
        let mut order: Vec<(usize, u32)> = self.occurrences.iter().copied().enumerate().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        order.truncate(n);
        order
    }
}

/// Third standardised moment, dividing by n; 0 for values that do not vary.
#[must_use]
pub fn skewness(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let (m2, m3) = values.fold((0.0, 0.0), |(a, b), v| (a + (v - mean).powi(2), b + (v - mean).powi(3)));
    if m2 <= 0.0 { 0.0 } else { (m3 / n) / (m2 / n).powf(1.5) }
}
