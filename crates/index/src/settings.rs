//! Which search settings are worth trying: for curves, and for finding the quickest that reaches a recall.

use crate::index::{Body, Index};
use crate::search::SearchParams;

/// Widths of a graph's search.
const EFS: [usize; 22] = [6, 8, 10, 12, 14, 17, 20, 24, 28, 34, 40, 48, 56, 68, 80, 112, 160, 224, 320, 448, 640, 1000];
/// Lists of an inverted file.
const PROBES: [usize; 18] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024];
/// Candidates that are looked at again, as multiples of `k`.
const RERANKS: [usize; 4] = [4, 10, 30, 100];

/// The same for clusters with factors, whose estimates say when to stop.
const LOW_RANK_RERANKS: [usize; 3] = [3, 6, 20];

impl Index {
    /// Search settings worth trying for `k` hits, from the quickest to the most thorough.
    #[must_use]
    pub fn settings(&self, k: usize) -> Vec<SearchParams<'static>> {
        let plain = SearchParams { k, ..SearchParams::default() };
        match &self.body {
            Body::Flat => vec![plain],
            Body::Graph(_) | Body::GraphOf(..) => EFS.iter().map(|ef| SearchParams { ef: *ef, ..plain }).collect(),
            Body::Coded(_) => RERANKS.iter().map(|r| SearchParams { rerank: r * k, ..plain }).collect(),
            Body::LowRank(index) => PROBES
                .iter()
                .filter(|p| **p <= index.clusters())
                .flat_map(|p| LOW_RANK_RERANKS.iter().map(move |r| SearchParams { nprobe: *p, rerank: r * k, ..plain }))
                .collect(),
            Body::Ivf(ivf) => {
                let probes: Vec<usize> = PROBES.iter().copied().filter(|p| *p <= ivf.lists()).collect();
                let reranks: &[usize] = if ivf.is_coded() { &RERANKS[..3] } else { &[0] };
                let with = |r: &usize| {
                    probes.iter().map(|p| SearchParams { nprobe: *p, rerank: r * k, ..plain }).collect::<Vec<_>>()
                };
                reranks.iter().flat_map(with).collect()
            }
        }
    }

    /// What of a setting this index heeds, in words: `ef 64`.
    #[must_use]
    pub fn setting(&self, params: &SearchParams<'_>) -> String {
        match &self.body {
            Body::Flat => "all".to_owned(),
            Body::Graph(_) | Body::GraphOf(..) => format!("ef {}", params.ef),
            Body::Coded(_) => format!("rerank {}", params.rerank),
            Body::LowRank(_) => format!("nprobe {}, rerank {}", params.nprobe, params.rerank),
            Body::Ivf(ivf) if ivf.is_coded() => format!("nprobe {}, rerank {}", params.nprobe, params.rerank),
            Body::Ivf(_) => format!("nprobe {}", params.nprobe),
        }
    }
}
