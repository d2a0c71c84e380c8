//! Collections as bags of token vectors.

use vectory_core::registry::{ClaimContext, ClaimError};
use vectory_core::repr::{Multi, MultiRef};
use vectory_core::{Context, Encode, Hit, Vectors};

use crate::beir::Collection;
use crate::ranking::{RankMeasure, RankingParams, Run, evaluate};

/// A collection, its documents and queries as bags.
pub struct Bags {
    pub collection: Collection,
    pub documents: Multi,
    pub queries: Multi,
}

/// The encoder that the claim was given.
pub fn encoder(c: &ClaimContext) -> Result<&dyn Encode, ClaimError> {
    c.encoder.as_deref().ok_or_else(|| ClaimError::failed("no encoder was given"))
}

/// Reads and encodes a collection; the first `limit` tokens of each document, the first `queries` judged queries.
pub fn read(c: &ClaimContext, folder: &str, limit: usize, queries: usize) -> Result<Bags, ClaimError> {
    let mut collection = Collection::open(&c.data(folder)?, "test").map_err(ClaimError::failed)?;
    let encoder = encoder(c)?;
    collection.queries.truncate(queries);
    let texts: Vec<String> = collection.documents.iter().map(crate::beir::Document::joined).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut parts = Vec::new();
    for some in texts.chunks(512) {
        parts.push(cut(encoder.encode_tokens(some, &c.context).map_err(ClaimError::failed)?, limit)?);
    }
    let documents = join(parts)?;
    let asked: Vec<&str> = collection.queries.iter().map(|(_, t)| t.as_str()).collect();
    let queries = encoder.encode_query_tokens(&asked, &c.context).map_err(ClaimError::failed)?;
    Ok(Bags { collection, documents, queries })
}

/// The first `limit` rows of each bag.
fn cut(bags: Multi, limit: usize) -> Result<Multi, ClaimError> {
    if bags.lengths().iter().all(|l| *l as usize <= limit) {
        return Ok(bags);
    }
    let (dim, mut values, mut lengths) = (bags.rows().dim(), Vec::new(), Vec::new());
    for d in 0..bags.len() {
        let item = bags.view().item(d);
        let n = item.rows().min(limit);
        values.extend_from_slice(item.slice(0, n).as_slice());
        lengths.push(n as u32);
    }
    made(&lengths, &values, dim)
}

/// Bags of several sets as one set; each part goes as soon as it is copied.
pub fn join(parts: Vec<Multi>) -> Result<Multi, ClaimError> {
    let dim = parts.iter().find(|p| p.rows().rows() > 0).map_or(1, |p| p.rows().dim());
    let mut rows = Vectors::zeros(parts.iter().map(|p| p.rows().rows()).sum(), dim);
    let (mut at, mut lengths) = (0, Vec::new());
    for part in parts {
        let values = part.rows().as_slice();
        rows.as_mut_slice()[at..at + values.len()].copy_from_slice(values);
        at += values.len();
        lengths.extend(part.lengths());
    }
    Multi::new(&lengths, rows).ok_or_else(|| ClaimError::failed("tokens were lost"))
}

fn made(lengths: &[u32], values: &[f32], dim: usize) -> Result<Multi, ClaimError> {
    let rows = Vectors::from_slice(values, dim).map_err(ClaimError::failed)?;
    Multi::new(lengths, rows).ok_or_else(|| ClaimError::failed("tokens were lost"))
}

/// nDCG@10 of rankings of a collection's queries.
pub fn ndcg(collection: &Collection, found: &[Vec<Hit>]) -> Result<f64, ClaimError> {
    let mut run = Run::default();
    for ((query, _), hits) in collection.queries.iter().zip(found) {
        let named = hits.iter().map(|h| (collection.documents[h.id as usize].id.clone(), h.score)).collect();
        run.insert(query.clone(), named).map_err(ClaimError::failed)?;
    }
    let params = RankingParams { complete: false, ..RankingParams::default() };
    let scores =
        evaluate(&collection.qrels, &run, &[RankMeasure::Ndcg(Some(10))], &params).map_err(ClaimError::failed)?;
    Ok(scores.mean(0))
}

/// Exact MaxSim over tokens in 8 bits, best `k`.
pub fn search(
    documents: MultiRef<'_>,
    queries: MultiRef<'_>,
    k: usize,
    ctx: &Context,
) -> Result<Vec<Vec<Hit>>, ClaimError> {
    use vectory_index::multivector::{StoreParams, TokenCodec, TokenStore};
    let params = StoreParams { codec: TokenCodec::Int8, ..StoreParams::default() };
    let store = TokenStore::build(documents, &params, ctx).map_err(ClaimError::failed)?;
    store.search_all(queries, k, None, ctx).map_err(ClaimError::failed)
}
