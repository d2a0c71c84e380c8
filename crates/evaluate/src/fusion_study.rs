//! Choosing a method without looking at the set it is scored on: leave one set out.
//!
//! A default that was picked by the same sets that it is reported on looks better than it is. Here each set is scored by the
//! method that wins on all the other sets; the mean of these scores is what a user with a new set may expect.

use serde::Serialize;
use thiserror::Error;

/// Why no choice could be made.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum StudyError {
    /// Fewer than two sets, or no method.
    #[error("leave-one-set-out needs at least 2 sets and 1 method, got {sets} and {methods}")]
    TooFew {
        /// Sets.
        sets: usize,
        /// Methods of the first set.
        methods: usize,
    },
    /// A set has another number of scores.
    #[error("set {set} has {got} scores, the first has {expected}: every method must be scored on every set")]
    Ragged {
        /// Which set, from 0.
        set: usize,
        /// Its scores.
        got: usize,
        /// Scores of the first set.
        expected: usize,
    },
    /// A score is NaN or infinite.
    #[error("method {method} has no finite score on set {set}")]
    NonFinite {
        /// Which set, from 0.
        set: usize,
        /// Which method, from 0.
        method: usize,
    },
}

/// The outcome of leave-one-set-out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeaveOneOut {
    /// The method chosen for each set, by the other sets.
    pub chosen: Vec<usize>,
    /// Its score on the set that was left out.
    pub scores: Vec<f64>,
    /// Mean of these: what to expect on a new set.
    pub mean: f64,
    /// The method with the best mean over all sets: the default to ship.
    pub winner: usize,
    /// The winner's mean over all sets (chosen and scored on the same sets: an upper estimate).
    pub winner_mean: f64,
    /// Mean of each set's best score: what no choice can beat.
    pub oracle: f64,
}

/// Leaves each set out in turn. `scores[set][method]`, larger is better; the earlier method wins a tie.
///
/// # Errors
/// [`StudyError`] for too few, ragged or non-finite scores.
pub fn leave_one_out(scores: &[Vec<f64>]) -> Result<LeaveOneOut, StudyError> {
    check(scores)?;
    let sets = scores.len() as f64;
    let methods = scores[0].len();
    let totals: Vec<f64> = (0..methods).map(|m| scores.iter().map(|s| s[m]).sum()).collect();
    let best = |value: &dyn Fn(usize) -> f64| (1..methods).fold(0, |b, m| if value(m) > value(b) { m } else { b });
    let chosen: Vec<usize> = scores.iter().map(|set| best(&|m| totals[m] - set[m])).collect();
    let held: Vec<f64> = scores.iter().zip(&chosen).map(|(set, m)| set[*m]).collect();
    let winner = best(&|m| totals[m]);
    let oracle = scores.iter().map(|set| set.iter().copied().fold(f64::NEG_INFINITY, f64::max)).sum::<f64>() / sets;
    Ok(LeaveOneOut {
        mean: held.iter().sum::<f64>() / sets,
        winner_mean: totals[winner] / sets,
        chosen,
        scores: held,
        winner,
        oracle,
    })
}

fn check(scores: &[Vec<f64>]) -> Result<(), StudyError> {
    let methods = scores.first().map_or(0, Vec::len);
    if scores.len() < 2 || methods == 0 {
        return Err(StudyError::TooFew { sets: scores.len(), methods });
    }
    for (set, row) in scores.iter().enumerate() {
        if row.len() != methods {
            return Err(StudyError::Ragged { set, got: row.len(), expected: methods });
        }
        if let Some(method) = row.iter().position(|v| !v.is_finite()) {
            return Err(StudyError::NonFinite { set, method });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_left_out_set_has_no_say() {
        // Method 1 wins overall only by its luck on set 2; without set 2, method 0 wins.
        let got = leave_one_out(&[vec![0.5, 0.4], vec![0.5, 0.4], vec![0.5, 0.9]]).unwrap();
        assert_eq!(got.chosen, [1, 1, 0]);
        assert_eq!(got.scores, [0.4, 0.4, 0.5]);
        assert_eq!(got.winner, 1);
        assert!((got.mean - 1.3 / 3.0).abs() < 1e-12 && got.mean < got.winner_mean && got.winner_mean < got.oracle);
    }

    #[test]
    fn bad_tables_are_refused() {
        assert_eq!(leave_one_out(&[vec![1.0]]), Err(StudyError::TooFew { sets: 1, methods: 1 }));
        assert_eq!(leave_one_out(&[vec![1.0], vec![]]), Err(StudyError::Ragged { set: 1, got: 0, expected: 1 }));
        assert_eq!(leave_one_out(&[vec![1.0], vec![f64::NAN]]), Err(StudyError::NonFinite { set: 1, method: 0 }));
    }
}
