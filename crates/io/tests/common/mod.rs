//! What the tests of this crate share.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

/// A folder beside the repository, or the one in the environment; nothing, and a word about it, when it is not there.
fn folder(variable: &str, name: &str) -> Option<PathBuf> {
    let given = std::env::var_os(variable).map(PathBuf::from);
    let folder = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no {name} at {}", folder.display());
    None
}

/// The data folder.
pub fn data() -> Option<PathBuf> {
    folder("VECTORY_DATA", "data")
}

/// The folder of values computed by reference implementations.
pub fn gold() -> Option<PathBuf> {
    folder("VECTORY_GOLD", "gold")
}
