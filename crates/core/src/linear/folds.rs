//! Folds for cross-validation.

use rand::seq::SliceRandom;

use crate::rng;

/// Rows to fit on and rows to judge by, both ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to judge by.
    pub test: Vec<usize>,
}

/// `k` folds of shuffled rows; every row is in one test part. Fewer rows than `k`: as many folds as rows; fewer than two: none.
#[must_use]
pub fn folds(rows: usize, k: usize, seed: u64) -> Vec<Fold> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut rng::stream(seed, "linear.folds"));
    let k = k.min(rows);
    let mut of = vec![0; rows];
    order.iter().enumerate().for_each(|(at, row)| of[*row] = at % k.max(1));
    split(&of, k)
}

/// `k` folds in which every class has its share, up to one row.
#[must_use]
pub fn stratified_folds(labels: &[u32], k: usize, seed: u64) -> Vec<Fold> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.shuffle(&mut rng::stream(seed, "linear.folds"));
    // Stable: within a class the shuffled order stays; dealing on over classes keeps the folds equally large.
    order.sort_by_key(|r| labels[*r]);
    let k = k.min(labels.len());
    let mut of = vec![0; labels.len()];
    order.iter().enumerate().for_each(|(at, row)| of[*row] = at % k.max(1));
    split(&of, k)
}

fn split(of: &[usize], k: usize) -> Vec<Fold> {
    if k < 2 {
        return Vec::new();
    }
    let part = |fold: usize| {
        let (test, train) = (0..of.len()).partition(|r| of[*r] == fold);
        Fold { train, test }
    };
    (0..k).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_judged_once_and_classes_have_their_share() {
        let labels: Vec<u32> = (0..103).map(|i| u32::from(i % 4 == 0)).collect();
        for all in [folds(103, 5, 1), stratified_folds(&labels, 5, 1)] {
            let mut seen: Vec<usize> = all.iter().flat_map(|f| f.test.clone()).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..103).collect::<Vec<_>>());
            assert!(all.iter().all(|f| f.train.len() + f.test.len() == 103 && f.test.len() >= 20));
        }
        let ones = |f: &Fold| f.test.iter().filter(|r| labels[**r] == 1).count();
        assert!(stratified_folds(&labels, 5, 1).iter().all(|f| (5..=6).contains(&ones(f))));
        assert_eq!(folds(3, 10, 0).len(), 3);
        assert!(folds(1, 5, 0).is_empty() && stratified_folds(&[], 5, 0).is_empty());
    }
}
