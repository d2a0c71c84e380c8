//! The strings by which FAISS users name an index.

use thiserror::Error;

use crate::graph::GraphParams;

/// An index, named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Factory {
    /// `Flat`: exact scan.
    Flat,
    /// `HNSW32`, `HNSW32,Flat`, `Graph32`: the graph over full vectors. The number is the links of a row on the upper
    /// layers in FAISS, and `m` here: a row has at most twice as many.
    Graph(GraphParams),
}

/// A string that names no index that we build.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("index factory `{text}`: {why}; supported now: `Flat`, `HNSW<m>`, `HNSW<m>,Flat`, `Graph<m>` (`HNSW` alone: m 16), each also behind `IDMap,` or `IDMap2,`, and behind `L2norm,` with the cosine metric")]
pub struct FactoryError {
    /// The string.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

/// Reads a factory string. Case does not matter, spaces neither.
///
/// # Errors
/// [`FactoryError`] names the part that is not supported, and what is.
pub fn parse(text: &str) -> Result<Factory, FactoryError> {
    let bad = |why: String| FactoryError { text: text.to_owned(), why };
    let parts: Vec<String> = text.split(',').map(|p| p.trim().to_ascii_lowercase()).collect();
    let mut rest = parts.as_slice();
    while let [first, after @ ..] = rest {
        if !matches!(first.as_str(), "idmap" | "idmap2" | "l2norm") || after.is_empty() {
            break;
        }
        rest = after;
    }
    match rest {
        [one] if one == "flat" => Ok(Factory::Flat),
        [one] => graph(one).ok_or_else(|| bad(format!("`{one}` is not an index")))?.map_err(bad),
        [one, codec] if codec == "flat" => graph(one).ok_or_else(|| bad(format!("`{one}` takes no vectors")))?.map_err(bad),
        [one, codec] if graph(one).is_some() => Err(bad(format!("the codec `{codec}` is not built yet"))),
        [first, ..] => Err(bad(format!("`{first}` is not an index"))),
        [] => Err(bad("it is empty".to_owned())),
    }
}

/// `hnsw…` or `graph…` with its number; `None` for another word.
fn graph(word: &str) -> Option<Result<Factory, String>> {
    let number = word.strip_prefix("hnsw").or_else(|| word.strip_prefix("graph"))?;
    let mut params = GraphParams::default();
    if !number.is_empty() {
        let Ok(m) = number.parse() else { return Some(Err(format!("`{number}` is not a number of links"))) };
        params.m = m;
    }
    Some(params.check().map(|()| Factory::Graph(params)).map_err(|e| e.to_string()))
}

impl std::str::FromStr for Factory {
    type Err = FactoryError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        parse(s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_graphs_and_scans() {
        let graph = |m| Factory::Graph(GraphParams { m, ..GraphParams::default() });
        for (text, expected) in [
            ("Flat", Factory::Flat),
            ("IDMap,Flat", Factory::Flat),
            ("HNSW32", graph(32)),
            ("HNSW32,Flat", graph(32)),
            ("IDMap2, hnsw8 ,flat", graph(8)),
            ("Graph24", graph(24)),
            ("HNSW", graph(16)),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn others_are_named_with_what_is_supported() {
        for (text, part) in [
            ("IVF100,PQ8", "`ivf100` is not an index"),
            ("HNSW32,PQ16", "the codec `pq16` is not built yet"),
            ("HNSWx", "`x` is not a number of links"),
            ("HNSW0", "`m` is 0"),
            ("", "`` is not an index"),
            ("IDMap", "`idmap` is not an index"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(part) && message.contains("supported now: `Flat`"), "{message}");
        }
    }
}
