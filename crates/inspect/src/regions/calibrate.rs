//! Split conformal calibration of regions: any region method becomes one whose regions hold the answer with the asked probability.

/// The distance by which every region is grown (or shrunk, where below 0), from the signed distances of calibration responses to
/// their regions: the ⌈(n + 1)(1 − alpha)⌉-th smallest. For exchangeable rows a new response lies within it with probability 1 − alpha
/// or more. Infinite where there are too few rows for that.
#[must_use]
pub fn growth(distances: &[f32], alpha: f64) -> f32 {
    let n = distances.len();
    let rank = ((n + 1) as f64 * (1.0 - alpha)).ceil() as usize;
    let mut sorted = distances.to_vec();
    sorted.sort_by(f32::total_cmp);
    if rank == 0 { f32::NEG_INFINITY } else { sorted.get(rank - 1).copied().unwrap_or(f32::INFINITY) }
}

#[cfg(test)]
mod tests {
    use super::growth;

    #[test]
    fn the_rank_counts_the_new_row() {
        let scores: Vec<f32> = (1..=9).map(|i| i as f32).collect();
        assert_eq!(growth(&scores, 0.1), 9.0);
        assert_eq!(growth(&scores, 0.5), 5.0);
        assert_eq!(growth(&scores, 0.05), f32::INFINITY, "nine rows cannot promise 95 %");
        assert_eq!(growth(&[], 0.1), f32::INFINITY);
    }
}
