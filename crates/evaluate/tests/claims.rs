//! The claims hold on the data folder, with the shipped encoder.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vectory_core::registry::{ClaimContext, ClaimError, Outcome};
use vectory_core::{Context, Encode};
use vectory_evaluate::METHODS;
use vectory_learn::statics::StaticEncoder;

fn folder() -> PathBuf {
    std::env::var_os("VECTORY_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from)
}

fn run(id: &str, data: PathBuf, encoder: Option<Arc<dyn Encode>>) -> Result<Outcome, ClaimError> {
    let claim = METHODS.iter().find(|m| m.id == id).unwrap().claim.unwrap();
    (claim.run)(&ClaimContext { context: Context::new(1, 2).unwrap(), data, encoder })
}

fn holds(result: Result<Outcome, ClaimError>) {
    match result {
        Ok(outcome) => assert!(outcome.holds, "{} ({})", outcome.measured, outcome.note),
        Err(e @ ClaimError::NoData(_)) => eprintln!("skipped: {e}"),
        Err(e) => panic!("{e}"),
    }
}

#[test]
fn bm25_gives_the_known_figure() {
    holds(run("210", folder(), None));
}

#[test]
fn low_dimensions_lose_most_as_the_index_grows() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/static-en.safetensors");
    match StaticEncoder::load(Path::new(shipped)) {
        Ok(encoder) => holds(run("117", folder(), Some(Arc::new(encoder)))),
        Err(e) => eprintln!("skipped: {e}"),
    }
}

#[test]
fn claims_without_their_data_say_so() {
    for m in METHODS {
        let result = run(m.id, PathBuf::from("/nowhere"), None);
        assert!(matches!(result, Err(ClaimError::NoData(_))), "{}", m.id);
    }
}
