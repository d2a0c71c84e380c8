//! Claim 021 holds in every clause but one: the data folder's word vectors score 0.586, where below 0.5 was expected.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use vectory_core::Context;
use vectory_core::registry::{ClaimContext, ClaimError};

#[test]
fn iso_score_counts_the_dimensions_used() {
    let data = std::env::var_os("VECTORY_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let context = ClaimContext { context: Context::new(1, 2).unwrap(), data, encoder: None };
    let claim = vectory_inspect::METHODS.iter().find(|m| m.id == "021").unwrap().claim.unwrap();
    match (claim.run)(&context) {
        Ok(outcome) => {
            assert!(
                outcome.note.starts_with("not met: word vectors far below 1 ("),
                "{} ({})",
                outcome.measured,
                outcome.note
            );
            assert!(!outcome.holds, "a clause that is not met fails the claim");
        }
        Err(e @ ClaimError::NoData(_)) => eprintln!("skipped: {e}"),
        Err(e) => panic!("{e}"),
    }
}
