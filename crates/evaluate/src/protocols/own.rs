//! Rows among themselves: each asks for the others of its class.

use vectory_core::neighbors::exact_self;
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
