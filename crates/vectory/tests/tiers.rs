//! The tiers of ARCHITECTURE.md, checked against what cargo sees: an arrow may only point down.

use std::collections::BTreeMap;
use std::process::Command;

/// Tier of each of our crates. An arrow goes to a lower tier, or to an earlier line of the same tier.
const TIERS: &[(&str, u8)] = &[
    ("vectory-linalg", 0),
    ("vectory-core", 0),
    ("vectory-text", 0),
    ("vectory-io", 0),
    ("vectory-compress", 1),
    ("vectory-transform", 1),
    ("vectory-learn", 1),
    ("vectory-index", 2),
    ("vectory-neural", 2),
    ("vectory-evaluate", 2),
    ("vectory-inspect", 2),
    ("vectory-space", 3),
    ("vectory-serve", 3),
    ("vectory", 4),
];

/// Arrows inside tier 1: siblings there do not import each other but for these.
const BESIDE: &[(&str, &str)] = &[("vectory-learn", "vectory-transform")];

/// External crates that only the named crates of ours may depend on.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("clap", &["vectory"]),
    ("indicatif", &["vectory"]),
    ("anyhow", &["vectory"]),
    ("ctrlc", &["vectory"]),
    ("redb", &["vectory-space"]),
    ("parquet", &["vectory-io"]),
    ("faer", &["vectory-linalg"]),
    ("tokio", &["vectory-serve"]),
    ("axum", &["vectory-serve"]),
];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let meta: serde_json::Value = serde_json::from_slice(&out.stdout).expect("cargo prints JSON");
    let list = |v: &serde_json::Value| v.as_array().cloned().unwrap_or_default();
    list(&meta["packages"])
        .iter()
        .map(|p| {
            let normal = |d: &&serde_json::Value| d["kind"].is_null();
            let deps = list(&p["dependencies"]);
            let names = deps.iter().filter(normal).filter_map(|d| d["name"].as_str().map(str::to_owned)).collect();
            (p["name"].as_str().unwrap_or_default().to_owned(), names)
        })
        .collect()
}

/// Tier, and place in the table.
fn tier(name: &str) -> Option<(u8, usize)> {
    TIERS.iter().position(|(n, _)| *n == name).map(|at| (TIERS[at].1, at))
}

#[test]
fn arrows_point_down() {
    let all = dependencies();
    for (name, deps) in &all {
        let from =
            tier(name).unwrap_or_else(|| panic!("crate `{name}` has no tier: add it to this test and ARCHITECTURE.md"));
        for dep in deps {
            let Some(to) = tier(dep) else { continue };
            assert!(
                to < from,
                "{name} {from:?} must not depend on {dep} {to:?}: it stands later in the table of tiers"
            );
            let siblings = from.0 == 1 && to.0 == 1 && !BESIDE.contains(&(name.as_str(), dep.as_str()));
            assert!(!siblings, "{name} and {dep} are siblings of tier 1 and must not import each other");
        }
    }
    assert_eq!(all.len(), TIERS.len(), "a crate of the table is gone");
}

#[test]
fn kept_dependencies_stay_where_they_belong() {
    for (name, deps) in dependencies() {
        for (kept, homes) in KEPT_IN {
            assert!(
                !deps.iter().any(|d| d == kept) || homes.contains(&name.as_str()),
                "{name} must not depend on {kept}"
            );
        }
    }
}
