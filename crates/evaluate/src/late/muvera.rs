//! Claim 011: fixed dimensional encodings find the best document of late interaction among fewer candidates than token by token.

use std::collections::HashSet;

use vectory_core::neighbors;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Metric, VectorsRef};
use vectory_index::multivector::muvera::{Encoder, MuveraParams};
use vectory_index::multivector::{StoreParams, TokenStore};

use super::tokens::{self, Bags};

pub(crate) const MUVERA: Method = Method {
    id: "011",
    name: "MUVERA (fixed dimensional encodings)",
    home: "index",
    kind: "system",
    command: "vectory index TOKENS.npz --factory MUVERA20x5x16,Flat -o F",
    claim: Some(Claim {
        statement: "On SciFact's tokens, encodings of 10240 values find the exact Chamfer top-1 within 100 candidates at least as often as \
                    the union of each query token's nearest tokens does with twice as many, and more values find more",
        threshold: "Recall@100 of the exact top-1 by 10240-d encodings >= that of the single-vector heuristic with at least 2x the \
                    candidates; recall rises over 1280, 2560, 5120, 10240 dimensions (read as: never falls)",
        data: "retrieval/scifact",
        run,
    }),
};

/// Queries that are asked: every one costs an exact scan of all tokens, twice.
const QUERIES: usize = 100;
/// Tokens of a document that are read.
const TOKENS: usize = 200;
/// Repetitions, k_sim, d_proj: the published settings for 1280, 2560, 5120 and 10240 values.
const SHAPES: [(usize, u32, usize); 4] = [(20, 3, 8), (20, 4, 8), (20, 5, 8), (20, 5, 16)];
/// Candidates of the encodings.
const CANDIDATES: usize = 100;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let bags = tokens::read(c, "retrieval/scifact", TOKENS, QUERIES)?;
    let store =
        TokenStore::build(bags.documents.view(), &StoreParams::default(), &c.context).map_err(ClaimError::failed)?;
    let truth = store.search_all(bags.queries.view(), 1, None, &c.context).map_err(ClaimError::failed)?;
    drop(store);
    let truth: Vec<u32> = truth.iter().map(|h| h.first().map_or(u32::MAX, |h| h.id)).collect();
    let mut recalls = Vec::new();
    for (repetitions, k_sim, d_proj) in SHAPES {
        let params = MuveraParams { repetitions, k_sim, d_proj, ..MuveraParams::default() };
        recalls.push(encodings(&bags, params, &truth, c)?);
    }
    let (heuristic, scored) = token_by_token(&bags, &truth, c)?;
    let rises = recalls.windows(2).all(|w| w[1] >= w[0]);
    let best = recalls[recalls.len() - 1];
    let list: Vec<String> =
        SHAPES.iter().zip(&recalls).map(|(s, r)| format!("{}: {r:.3}", (s.0 * s.2) << s.1)).collect();
    Ok(Outcome {
        measured: format!(
            "Recall@{CANDIDATES} of the exact top-1 by dimensions {}; token by token {heuristic:.3} with {scored:.0} candidates a query",
            list.join(", ")
        ),
        holds: best >= heuristic && scored >= 2.0 * CANDIDATES as f64 && rises,
        note: format!(
            "{} documents, {} tokens of {} values by `{}` (first {TOKENS} of a document), {} queries; equal candidates count once",
            bags.documents.len(),
            bags.documents.rows().rows(),
            bags.documents.rows().dim(),
            tokens::encoder(c)?.name(),
            bags.queries.len()
        ),
    })
}

/// Share of queries whose best document is among the candidates of the encodings.
fn encodings(bags: &Bags, params: MuveraParams, truth: &[u32], c: &ClaimContext) -> Result<f64, ClaimError> {
    let encoder = Encoder::new(params, bags.documents.rows().dim(), c.context.seed).map_err(ClaimError::failed)?;
    let rows = encoder.documents(bags.documents.view(), &c.context).map_err(ClaimError::failed)?;
    let queries: Vec<f32> = (0..bags.queries.len()).flat_map(|q| encoder.query(bags.queries.view().item(q))).collect();
    let queries = VectorsRef::new(&queries, encoder.len()).map_err(ClaimError::failed)?;
    let found =
        neighbors::exact(rows.view(), queries, Metric::Dot, CANDIDATES, &c.context).map_err(ClaimError::failed)?;
    let hits = found.iter().zip(truth).filter(|(hits, best)| hits.iter().any(|h| h.id == **best)).count();
    Ok(hits as f64 / truth.len().max(1) as f64)
}

/// The heuristic: the documents of the nearest tokens of each query token, by exact search, as many a token as give at least twice
/// the candidates on average. Share of queries whose best document is among them, and candidates a query.
fn token_by_token(bags: &Bags, truth: &[u32], c: &ClaimContext) -> Result<(f64, f64), ClaimError> {
    const DEEPEST: usize = 256;
    let rows = bags.documents.rows();
    let found = neighbors::exact(rows.view(), bags.queries.rows().view(), Metric::Dot, DEEPEST, &c.context)
        .map_err(ClaimError::failed)?;
    let owner: Vec<u32> =
        bags.documents.lengths().iter().zip(0..).flat_map(|(l, d)| std::iter::repeat_n(d, *l as usize)).collect();
    let ends: Vec<usize> = bags
        .queries
        .lengths()
        .iter()
        .scan(0, |e, l| {
            *e += *l as usize;
            Some(*e)
        })
        .collect();
    let sets = |depth: usize| {
        let of = |q: usize| {
            let first = if q == 0 { 0 } else { ends[q - 1] };
            let hits = found[first..ends[q]].iter().flat_map(|hits| hits.iter().take(depth));
            hits.map(|h| owner[h.id as usize]).collect::<HashSet<u32>>()
        };
        (0..ends.len()).map(of).collect::<Vec<_>>()
    };
    let mean = |sets: &[HashSet<u32>]| sets.iter().map(HashSet::len).sum::<usize>() as f64 / sets.len().max(1) as f64;
    let mut depth = 1;
    let mut candidates = sets(depth);
    while mean(&candidates) < 2.0 * CANDIDATES as f64 && depth < DEEPEST {
        depth += 1;
        candidates = sets(depth);
    }
    let hits = candidates.iter().zip(truth).filter(|(s, best)| s.contains(best)).count();
    Ok((hits as f64 / truth.len().max(1) as f64, mean(&candidates)))
}
