//! The claims that need no encoder hold on the data folder.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use vectory_core::Context;
use vectory_core::registry::{ClaimContext, ClaimError};
use vectory_evaluate::METHODS;

fn context(data: PathBuf) -> ClaimContext {
    ClaimContext { context: Context::new(1, 2).unwrap(), data, encoder: None }
}

fn claim(id: &str) -> vectory_core::registry::Claim {
    METHODS.iter().find(|m| m.id == id).unwrap().claim.unwrap()
}

#[test]
fn bm25_gives_the_known_figure() {
    let data = std::env::var_os("VECTORY_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    match (claim("210").run)(&context(data)) {
        Ok(outcome) => assert!(outcome.holds, "{}", outcome.measured),
        Err(e @ ClaimError::NoData(_)) => eprintln!("skipped: {e}"),
        Err(e) => panic!("{e}"),
    }
}

#[test]
fn claims_without_their_data_say_so() {
    for m in METHODS {
        let result = (claim(m.id).run)(&context(PathBuf::from("/nowhere")));
        assert!(matches!(result, Err(ClaimError::NoData(_))), "{}", m.id);
    }
}
