//! The strings by which FAISS users name an index.

use thiserror::Error;
use vectory_compress::Spec;
use vectory_compress::spec::SUPPORTED;

use crate::graph::GraphParams;
use crate::ivf::IvfParams;
use crate::lowrank::LowRankParams;

/// An index, named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Factory {
    /// `Flat`: exact scan.
    Flat,
    /// `HNSW32`, `HNSW32,Flat`, `Graph32`: the graph over full vectors. The number is the links of a row on the upper
    /// layers in FAISS, and `m` here: a row has at most twice as many.
    Graph(GraphParams),
    /// `HNSW32,LVQ8`, `Graph32,SQ8`: the graph, with coded rows in the place of full ones.
    GraphOf {
        /// The graph.
        params: GraphParams,
        /// What ranks the last candidates.
        spec: Spec,
    },
    /// `LVQ8`, `PQ16x4fs`, `PQ16x4fs,RFlat`: a scan over codes.
    Coded {
        /// The codec.
        spec: Spec,
        /// `RFlat`: full rows are kept, and rank the last candidates.
        refine: bool,
    },
    /// `IVF256,Flat`, `IVF256,PQ32x4fs,RFlat`: lists; without a number about 4 √n of them.
    Ivf {
        /// Lists and codec.
        params: IvfParams,
        /// `RFlat`: full rows are kept, and rank the last candidates.
        refine: bool,
    },
    /// `LoRANN`, `LoRANN256`, `LoRANN256x48`: clusters, each with a low-rank factorization of its products; about 1.6 √n clusters and
    /// rank 32 where no numbers say otherwise. Full rows rank the last candidates.
    LowRank(LowRankParams),
}

/// A string that names no index that we build.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "index factory `{text}`: {why}; supported now: `Flat`, `HNSW<m>`, `HNSW<m>,Flat`, `Graph<m>` (`HNSW` alone: m 16), `HNSW<m>,<codec>`, `<codec>`, \
     `IVF<lists>,Flat`, `IVF<lists>,<codec>`, `LoRANN<clusters>` or `LoRANN<clusters>x<rank>`, each also behind `IDMap,` or `IDMap2,`, and behind `L2norm,` with the cosine metric; \
     codecs may be followed by `,RFlat`; codecs: {SUPPORTED}"
)]
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
    let refine = rest.len() > 1 && rest.last().is_some_and(|w| matches!(w.as_str(), "rflat" | "refine(flat)"));
    match &rest[..rest.len() - usize::from(refine)] {
        [one] if one == "flat" => Ok(Factory::Flat),
        [first, ivf, codec] if first.starts_with("opq") && ivf.starts_with("ivf") => {
            lists(ivf, &[first.clone(), codec.clone()], refine).map_err(bad)
        }
        [first, codec @ ..] if first.starts_with("ivf") => lists(first, codec, refine).map_err(bad),
        [one] if one.starts_with("lorann") => low_rank(one).map_err(bad),
        [one] if graph(one).is_some() => graph(one).unwrap_or_else(|| Err(String::new())).map_err(bad),
        [one, codec] if codec == "flat" => {
            graph(one).ok_or_else(|| bad(format!("`{one}` takes no vectors")))?.map_err(bad)
        }
        [one, codec @ ..] if graph(one).is_some() => graph_of(one, codec, refine).map_err(bad),
        words => coded(words, refine).map_err(bad),
    }
}

/// A graph with what ranks its last candidates: codes, or full rows where they are asked for.
fn graph_of(word: &str, codec: &[String], refine: bool) -> Result<Factory, String> {
    let spec: Spec = codec.join(",").parse().map_err(|e: vectory_compress::SpecError| e.why)?;
    match graph(word) {
        Some(Ok(Factory::Graph(params))) if !refine => Ok(Factory::GraphOf { params, spec }),
        Some(other) => other,
        None => Err(format!("`{word}` takes no vectors")),
    }
}

fn coded(words: &[String], refine: bool) -> Result<Factory, String> {
    match words.join(",").parse() {
        Ok(spec) => Ok(Factory::Coded { spec, refine }),
        // The codecs are listed by the error of the factory.
        Err(vectory_compress::SpecError { why, .. }) => Err(why.replace("is not a codec", "is not an index")),
    }
}

/// `ivf…` with its number, and what its lists hold.
fn lists(word: &str, codec: &[String], refine: bool) -> Result<Factory, String> {
    let number = &word["ivf".len()..];
    let lists = match number {
        "" => 0,
        _ => number.parse().map_err(|_| format!("`{number}` is not a number of lists"))?,
    };
    let codec = match codec {
        [] => return Err(format!("`{word}` needs what its lists hold: `{word},Flat` or `{word},<codec>`")),
        [flat] if flat == "flat" => None,
        words => Some(words.join(",").parse::<Spec>().map_err(|e| e.why)?),
    };
    let params = IvfParams { lists, codec, ..IvfParams::default() };
    // Full rows need no second look.
    params.check().map(|()| Factory::Ivf { params, refine: refine && codec.is_some() }).map_err(|e| e.to_string())
}

/// `lorann…` with its numbers.
fn low_rank(word: &str) -> Result<Factory, String> {
    let numbers = &word["lorann".len()..];
    let (clusters, rank) = numbers.split_once('x').map_or((numbers, None), |(c, r)| (c, Some(r)));
    let mut params = LowRankParams::default();
    if !clusters.is_empty() {
        params.clusters = clusters.parse().map_err(|_| format!("`{clusters}` is not a number of clusters"))?;
    }
    if let Some(rank) = rank {
        params.rank = rank.parse().map_err(|_| format!("`{rank}` is not a rank"))?;
    }
    params.check().map(|()| Factory::LowRank(params)).map_err(|e| e.to_string())
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

impl Factory {
    /// Whether the index keeps full rows beside itself.
    #[must_use]
    pub fn keeps_rows(&self) -> bool {
        match self {
            Self::Flat | Self::Graph(_) | Self::LowRank(_) => true,
            Self::GraphOf { .. } => false,
            Self::Coded { refine, .. } | Self::Ivf { refine, .. } => *refine,
        }
    }
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
            ("HNSW12,PQ8,RFlat", graph(12)),
            (
                "Graph24,LVQ4x8",
                Factory::GraphOf {
                    params: GraphParams { m: 24, ..GraphParams::default() },
                    spec: "LVQ4x8".parse().unwrap(),
                },
            ),
            ("HNSW", graph(16)),
            ("LoRANN", Factory::LowRank(LowRankParams::default())),
            (
                "L2norm,LoRANN256x48",
                Factory::LowRank(LowRankParams { clusters: 256, rank: 48, ..LowRankParams::default() }),
            ),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn codes_alone_and_in_lists() {
        let spec = |t: &str| t.parse::<Spec>().unwrap();
        let ivf = |lists, codec: Option<&str>, refine| Factory::Ivf {
            params: IvfParams { lists, codec: codec.map(spec), ..IvfParams::default() },
            refine,
        };
        for (text, expected) in [
            ("LVQ4x8", Factory::Coded { spec: spec("LVQ4x8"), refine: false }),
            ("PQ16x4fs,RFlat", Factory::Coded { spec: spec("PQ16x4fs"), refine: true }),
            ("OPQ16,PQ16", Factory::Coded { spec: spec("OPQ16,PQ16"), refine: false }),
            ("IVF64,Flat", ivf(64, None, false)),
            ("IVF,SQ8", ivf(0, Some("SQ8"), false)),
            ("L2norm,IVF256, PQ32x4fs, RFlat", ivf(256, Some("PQ32x4fs"), true)),
            ("OPQ8,IVF10,PQ8", ivf(10, Some("OPQ8,PQ8"), false)),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn others_are_named_with_what_is_supported() {
        for (text, part) in [
            ("IVF100", "`ivf100,Flat`"),
            ("IVFx,Flat", "`x` is not a number of lists"),
            ("IVF100,PQ8x5", "neither x8 nor x4fs"),
            ("HNSW32,PQ16x5", "neither x8 nor x4fs"),
            ("HNSWx", "`x` is not a number of links"),
            ("HNSW0", "`m` is 0"),
            ("LoRANNx0", "`rank` is 0"),
            ("LoRANN1y", "`1y` is not a number of clusters"),
            ("XYZ", "`xyz` is not an index"),
            ("", "is empty"),
            ("IDMap", "`idmap` is not an index"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(part) && message.contains("supported now: `Flat`"), "{message}");
        }
    }
}
