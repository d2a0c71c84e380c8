//! Whether an uncertainty knows when the nearest neighbour is wrong.

use vectory_core::neighbors::exact_self;
use vectory_core::stats::{pearson, roc_auc, spearman};
use vectory_core::{Context, Metric};

use super::{Labelled, ProtocolError};

/// Nearest rows among which the first that is no copy is taken.
const DEEP: usize = 8;
/// Bins of equal numbers of rows.
const BINS: usize = 10;

/// What an uncertainty is worth (Kirchhof et al., URL, 2023).
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Uncertainty {
    /// Area under the ROC curve of the uncertainty as a detector of rows whose nearest neighbour has another class: 0.5 by
    /// chance, 1 ideal. Needs no classifier, so it works on classes that were never seen.
    pub r_auroc: f64,
    /// Share of rows whose nearest other row (no copy) has their class.
    pub recall_at_1: f64,
    /// Recall in ten bins by rising uncertainty; `None` with fewer than twenty rows.
    pub bins: Option<Binned>,
}

/// How often answers are right, by rising uncertainty (Upadhyay et al., ProbVLM, 2023).
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Binned {
    /// Bins of nearly equal numbers of answers.
    pub bins: Vec<Bin>,
    /// Spearman's correlation of bin and recall: -1 where recall falls from bin to bin.
    pub spearman: f64,
    /// Share of the recall's variance that a line through the bins explains.
    pub r2: f64,
    /// - `spearman` · `r2`: 1 ideal.
    pub score: f64,
}

/// One bin.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Bin {
    /// Mean uncertainty.
    pub uncertainty: f64,
    /// Share of right answers.
    pub recall: f64,
    /// Answers.
    pub rows: usize,
}

/// One uncertainty a row; larger is less certain.
///
/// # Errors
/// [`ProtocolError`]: not one a row, not finite, all neighbours right or all wrong, interrupted.
pub fn uncertainty(set: &Labelled, of_rows: &[f64], ctx: &Context) -> Result<Uncertainty, ProtocolError> {
    let right = nearest_is_right(set, ctx)?;
    of_answers(&right, of_rows)
}

/// Whether the nearest other row of each row by cosine, copies of the row left out, has its class.
///
/// # Errors
/// [`ProtocolError`]: values that are not finite, interrupted.
pub fn nearest_is_right(set: &Labelled, ctx: &Context) -> Result<Vec<bool>, ProtocolError> {
    let found = exact_self(set.view(), Metric::Cosine, DEEP, ctx)?;
    let one = |(i, hits): (usize, &Vec<vectory_core::Hit>)| {
        let other = hits.iter().find(|h| set.rows.row(h.id as usize) != set.rows.row(i)).or_else(|| hits.first());
        other.is_some_and(|h| set.labels[h.id as usize] == set.labels[i])
    };
    Ok(found.iter().enumerate().map(one).collect())
}

/// What an uncertainty is worth, given which answers are right.
pub(crate) fn of_answers(right: &[bool], of_rows: &[f64]) -> Result<Uncertainty, ProtocolError> {
    if of_rows.len() != right.len() {
        return Err(ProtocolError::Pairs { rows: of_rows.len(), labels: right.len() });
    }
    if of_rows.iter().any(|u| !u.is_finite()) {
        return Err(ProtocolError::Param { field: "every uncertainty", legal: "a finite number" });
    }
    let wrong: Vec<bool> = right.iter().map(|r| !r).collect();
    let share = right.iter().filter(|r| **r).count() as f64 / right.len().max(1) as f64;
    let r_auroc = roc_auc(&wrong, of_rows).ok_or_else(|| {
        ProtocolError::TooFew(format!(
            "the nearest neighbours are {} right: nothing to tell apart",
            if share > 0.5 { "all" } else { "never" }
        ))
    })?;
    Ok(Uncertainty { r_auroc, recall_at_1: share, bins: binned(right, of_rows, BINS) })
}

/// Answers in bins by rising uncertainty, equals in the order of the rows; `None` with fewer than two answers a bin or fewer than
/// two bins.
#[must_use]
pub fn binned(right: &[bool], of_rows: &[f64], bins: usize) -> Option<Binned> {
    let n = right.len().min(of_rows.len());
    if bins < 2 || n < 2 * bins {
        return None;
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| of_rows[*a].total_cmp(&of_rows[*b]).then(a.cmp(b)));
    let bin = |b: usize| {
        let rows = &order[b * n / bins..(b + 1) * n / bins];
        let size = rows.len() as f64;
        Bin {
            uncertainty: rows.iter().map(|i| of_rows[*i]).sum::<f64>() / size,
            recall: rows.iter().filter(|i| right[**i]).count() as f64 / size,
            rows: rows.len(),
        }
    };
    let found: Vec<Bin> = (0..bins).map(bin).collect();
    let places: Vec<f64> = (0..bins).map(|b| b as f64).collect();
    let recalls: Vec<f64> = found.iter().map(|b| b.recall).collect();
    // The same recall everywhere: the uncertainty says nothing.
    let s = spearman(&places, &recalls).unwrap_or(0.0);
    let r2 = pearson(&places, &recalls).map_or(0.0, |r| r * r);
    Some(Binned { bins: found, spearman: s, r2, score: -s * r2 })
}
