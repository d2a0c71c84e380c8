//! Claim 210: our BM25 gives Lucene's figure, and our measures are trec_eval's.

use std::collections::HashMap;

use serde::Deserialize;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};

use super::{Bm25, Bm25Index, Collection, run, score};
use crate::ranking::{Qrels, RankMeasure, RankingParams, Run, evaluate};

pub(crate) const BREWING_BEIR: Method = Method {
    id: "210",
    name: "Brewing BEIR (reference runs and leaderboard)",
    home: "evaluate",
    kind: "benchmark",
    command: "vectory evaluate retrieval --data DIR",
    claim: Some(Claim {
        statement: "Our flat BM25 (k1 0.9, b 0.4, English stems and stop words) reaches the well-known Lucene figure on the obtainable \
                    set, SciFact, and our measures equal pytrec_eval's on random runs with ties",
        threshold: "SciFact nDCG@10 within 0.005 of 0.679; every query's value within 1e-4 of pytrec_eval's",
        data: "retrieval/scifact; generated (reference values kept in the repository)",
        run: measure,
    }),
};

/// Lucene's flat BM25 on SciFact.
const LUCENE: f64 = 0.679;

fn measure(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let collection = Collection::open(&c.data("retrieval/scifact")?, "test").map_err(ClaimError::failed)?;
    let index = Bm25Index::build(&collection, &Bm25::default(), &c.context).map_err(ClaimError::failed)?;
    let run = run(&index, &collection, &c.context).map_err(ClaimError::failed)?;
    let scores = score(&run, &collection).map_err(ClaimError::failed)?;
    let value = |m| scores.get(m).unwrap_or(f64::NAN);
    let (ndcg, recall) = (value(RankMeasure::Ndcg(Some(10))), value(RankMeasure::Recall(100)));
    let (error, compared) = largest_difference()?;
    Ok(Outcome {
        measured: format!(
            "nDCG@10 {ndcg:.4} ({:+.4}), Recall@100 {recall:.4} on {} documents and {} queries; measures differ by at most {error:.1e} in {compared} values",
            ndcg - LUCENE,
            collection.documents.len(),
            scores.queries.len()
        ),
        holds: (ndcg - LUCENE).abs() <= 0.005 && error <= 1e-4,
        note: "NFCorpus, ArguAna and FiQA are not in the data folder".into(),
    })
}

#[derive(Deserialize)]
struct Reference {
    ties: Ties,
}

#[derive(Deserialize)]
struct Ties {
    qrels: HashMap<String, HashMap<String, i32>>,
    run: HashMap<String, HashMap<String, f64>>,
    per_query: HashMap<String, HashMap<String, f64>>,
}

/// Largest difference from pytrec_eval over all queries and measures of the kept reference, and how many were compared.
fn largest_difference() -> Result<(f64, usize), ClaimError> {
    let Reference { ties } =
        serde_json::from_str(include_str!("../../gold/ranking.json")).map_err(ClaimError::failed)?;
    let judged = ties.qrels.iter().flat_map(|(q, docs)| docs.iter().map(move |(d, g)| (q, d, *g)));
    let retrieved = ties.run.iter().flat_map(|(q, docs)| docs.iter().map(move |(d, s)| (q, d, *s as f32)));
    let (qrels, run) =
        (Qrels::from_rows(judged).map_err(ClaimError::failed)?, Run::from_rows(retrieved).map_err(ClaimError::failed)?);
    let params = RankingParams { complete: false, drop_without_relevant: false, ..RankingParams::default() };
    let (mut worst, mut compared) = (0.0f64, 0);
    for (query, values) in &ties.per_query {
        for (name, expected) in values {
            let measure: RankMeasure = name.parse().map_err(ClaimError::failed)?;
            let scores = evaluate(&qrels, &run, &[measure], &params).map_err(ClaimError::failed)?;
            let at = scores
                .queries
                .binary_search(query)
                .map_err(|_| ClaimError::failed(format!("query {query} was not scored")))?;
            worst = worst.max((scores.per_query(0)[at] - expected).abs());
            compared += 1;
        }
    }
    Ok((worst, compared))
}
