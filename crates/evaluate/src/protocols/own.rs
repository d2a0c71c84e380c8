//! Rows among themselves: each asks for the others of its class.

use vectory_core::neighbors::exact_self;
use vectory_core::stats::roc_auc;
use vectory_core::{Context, Metric};

use super::{Labelled, ProtocolError};

/// How well rows find rows of their class.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Retrieval {
    /// Share of rows whose nearest other row has their class.
    pub recall_at_1: f64,
    /// Mean over rows of the share of their class among the R nearest, R the others of the class.
    pub r_precision: f64,
    /// Mean average precision at R (Musgrave, Belongie and Lim 2020).
    pub map_at_r: f64,
}

/// Each row asks, all others answer. Rows that are alone in their class are left out. O(n² d).
///
/// # Errors
/// [`ProtocolError`]: no class of two rows, interrupted.
pub fn retrieval(set: &Labelled, metric: Metric, ctx: &Context) -> Result<Retrieval, ProtocolError> {
    let members = set.members();
    let deepest = members.iter().map(Vec::len).max().unwrap_or(0).saturating_sub(1);
    if deepest == 0 {
        return Err(ProtocolError::TooFew("no class has two rows".into()));
    }
    let found = exact_self(set.view(), metric, deepest, ctx)?;
    let (mut first, mut precision, mut average, mut asked) = (0.0, 0.0, 0.0, 0.0);
    for (hits, label) in found.iter().zip(&set.labels) {
        let others = members[*label as usize].len() - 1;
        if others == 0 {
            continue;
        }
        let (mut right, mut sum) = (0.0, 0.0);
        for (rank, hit) in hits.iter().take(others).enumerate() {
            if set.labels[hit.id as usize] == *label {
                right += 1.0;
                sum += right / (rank + 1) as f64;
                first += f64::from(u8::from(rank == 0));
            }
        }
        precision += right / others as f64;
        average += sum / others as f64;
        asked += 1.0;
    }
    Ok(Retrieval { recall_at_1: first / asked, r_precision: precision / asked, map_at_r: average / asked })
}

/// What an uncertainty is worth (Kirchhof et al., URL, 2023).
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Uncertainty {
    /// Area under the ROC curve of the uncertainty as a detector of rows whose nearest neighbour has another class: 0.5 by
    /// chance, 1 ideal. Needs no classifier, so it works on classes that were never seen.
    pub r_auroc: f64,
    /// Share of rows whose nearest other row has their class.
    pub recall_at_1: f64,
}

/// One uncertainty a row; larger is less certain.
///
/// # Errors
/// [`ProtocolError`]: not one a row, not finite, all neighbours right or all wrong, interrupted.
pub fn uncertainty(set: &Labelled, of_rows: &[f64], ctx: &Context) -> Result<Uncertainty, ProtocolError> {
    if of_rows.len() != set.labels.len() {
        return Err(ProtocolError::Pairs { rows: of_rows.len(), labels: set.labels.len() });
    }
    if of_rows.iter().any(|u| !u.is_finite()) {
        return Err(ProtocolError::Param { field: "every uncertainty", legal: "a finite number" });
    }
    let found = exact_self(set.view(), Metric::Cosine, 1, ctx)?;
    let wrong: Vec<bool> =
        found.iter().zip(&set.labels).map(|(h, l)| h.first().is_none_or(|h| set.labels[h.id as usize] != *l)).collect();
    let right = wrong.iter().filter(|w| !**w).count() as f64 / wrong.len().max(1) as f64;
    let r_auroc = roc_auc(&wrong, of_rows).ok_or_else(|| {
        ProtocolError::TooFew(format!(
            "the nearest neighbours are {} right: nothing to tell apart",
            if right > 0.5 { "all" } else { "never" }
        ))
    })?;
    Ok(Uncertainty { r_auroc, recall_at_1: right })
}
