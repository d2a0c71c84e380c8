//! The strings by which FAISS users name an index of bits.

use thiserror::Error;

use crate::graph::GraphParams;

/// An index of bits, named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BinaryFactory {
    /// `BFlat`: exact scan.
    Flat,
    /// `BHNSW32`, `BGraph32`: the graph.
    Graph(GraphParams),
}

/// A string that names no index of bits.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "index factory `{text}`: {why}; for rows of bits: `BFlat`, `BHNSW<m>`, `BGraph<m>` (`BHNSW` alone: m 16), each also behind `BIDMap,`"
)]
pub struct BinaryFactoryError {
    /// The string.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

/// Whether a string means one of these rather than an index of dense rows.
#[must_use]
pub fn is_binary(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    ["bflat", "bhnsw", "bgraph", "bivf", "bidmap", "bhash"].iter().any(|n| lower.starts_with(n))
}

impl std::str::FromStr for BinaryFactory {
    type Err = BinaryFactoryError;

    /// Case and spaces do not matter.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = |why: String| BinaryFactoryError { text: text.to_owned(), why };
        let lower = text.to_ascii_lowercase();
        let mut parts: Vec<&str> = lower.split(',').map(str::trim).collect();
        if parts.len() > 1 && matches!(parts[0], "bidmap" | "bidmap2") {
            parts.remove(0);
        }
        let [word] = parts[..] else {
            return Err(bad(format!("`{}` is not known here", parts.last().copied().unwrap_or_default())));
        };
        if word == "bflat" {
            return Ok(Self::Flat);
        }
        let number = word.strip_prefix("bhnsw").or_else(|| word.strip_prefix("bgraph"));
        let number = number.ok_or_else(|| bad(format!("`{word}` is not built here")))?;
        let mut params = GraphParams::default();
        if !number.is_empty() {
            params.m = number.parse().map_err(|_| bad(format!("`{number}` is not a number of links")))?;
        }
        params.check().map(|()| Self::Graph(params)).map_err(|e| bad(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_others_refused() {
        let graph = |m| Ok(BinaryFactory::Graph(GraphParams { m, ..GraphParams::default() }));
        assert_eq!("BFlat".parse(), Ok(BinaryFactory::Flat));
        assert_eq!("BIDMap, BFlat".parse(), Ok(BinaryFactory::Flat));
        assert_eq!(("BHNSW32".parse(), "bgraph8".parse(), "BHNSW".parse()), (graph(32), graph(8), graph(16)));
        for (text, part) in
            [("BIVF64", "`bivf64` is not built"), ("BHNSWx", "`x`"), ("BHNSW0", "`m` is 0"), ("BFlat,PQ4", "`pq4`")]
        {
            assert!(is_binary(text));
            let message = text.parse::<BinaryFactory>().unwrap_err().to_string();
            assert!(message.contains(part) && message.contains("BHNSW<m>"), "{message}");
        }
        assert!(!is_binary("Flat") && !is_binary("HNSW32"));
    }
}
