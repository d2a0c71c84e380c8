//! The registry, joined: what each crate says that it builds, beside the list of everything that we set out to build.

use serde::Serialize;

use crate::core::registry::Method;

/// Every method that is built, in the order of its id.
#[must_use]
pub fn built() -> Vec<&'static Method> {
    let all: [&'static [Method]; 9] = [
        crate::compress::METHODS,
        crate::transform::METHODS,
        crate::learn::METHODS,
        crate::index::METHODS,
        crate::neural::METHODS,
        crate::evaluate::METHODS,
        crate::inspect::METHODS,
        crate::space::METHODS,
        crate::serve::METHODS,
    ];
    let mut methods: Vec<_> = all.into_iter().flatten().collect();
    methods.sort_by_key(|m| m.id);
    methods
}

/// One published method as the registry shows it.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// Three digits.
    pub id: &'static str,
    /// Its name in the field.
    pub name: &'static str,
    /// Its home in the house.
    pub home: &'static str,
    /// `method`, `system`, `benchmark`, `theory`, `dataset` or `survey`.
    pub kind: &'static str,
    /// The command that runs it; none while it is planned.
    pub command: Option<&'static str>,
    /// `built` (registered in the code) or `planned`.
    pub status: &'static str,
    /// Whether a claim is registered for it.
    pub claim: bool,
}

/// The 213 methods and systems that Vectory is built from: id, name, kind, home.
const PLANNED: &str = include_str!("../data/seeds.tsv");

/// Every method: the built ones as their code registers them, the others as planned.
#[must_use]
pub fn all() -> Vec<Entry> {
    let built = built();
    let planned = PLANNED.lines().skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        Some((cells.next()?, cells.next()?, cells.next()?, cells.next()?))
    });
    planned
        .map(|(id, name, kind, home)| match built.iter().find(|m| m.id == id) {
            Some(m) => Entry {
                id: m.id,
                name: m.name,
                home: m.home,
                kind: m.kind,
                command: Some(m.command),
                status: "built",
                claim: m.claim.is_some(),
            },
            None => Entry { id, name, home, kind, command: None, status: "planned", claim: false },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_method_is_listed_once_and_at_home() {
        let all = all();
        assert_eq!(all.len(), 213);
        for m in built() {
            let listed: Vec<_> = all.iter().filter(|e| e.id == m.id).collect();
            assert_eq!(listed.len(), 1, "{} is registered twice or unknown", m.id);
            assert_eq!(listed[0].status, "built");
        }
        let planned_home = |id: &str| {
            PLANNED.lines().find(|l| l.starts_with(id)).and_then(|l| l.split('\t').nth(3)).map(str::to_owned)
        };
        for m in built() {
            assert_eq!(planned_home(m.id).as_deref(), Some(m.home), "home of {}", m.id);
        }
    }
}
