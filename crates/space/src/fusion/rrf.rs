//! Reciprocal rank fusion (Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual
//! rank learning methods", SIGIR 2009).

/// `1 / (k + rank)` with ranks from 1; 0 for a candidate that the view did not find. The paper's `k` is 60.
#[must_use]
pub fn reciprocal_ranks(ranks: &[Option<u32>], k: f32) -> Vec<f32> {
    ranks.iter().map(|r| r.map_or(0.0, |r| 1.0 / (k + 1.0 + r as f32))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_count_from_one_and_a_missing_rank_counts_nothing() {
        let got = reciprocal_ranks(&[Some(0), None, Some(3)], 60.0);
        assert_eq!(got, [1.0 / 61.0, 0.0, 1.0 / 64.0]);
    }

    #[test]
    fn k_zero_is_plain_reciprocal_rank() {
        assert_eq!(reciprocal_ranks(&[Some(0), Some(1)], 0.0), [1.0, 0.5]);
    }
}
