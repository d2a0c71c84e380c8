//! Claim 117: low dimensions are a curse for large indexes; words suffer least.

use std::path::PathBuf;

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::linalg::{Pca, PcaParams};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Encode, Vectors, VectorsRef, rng, simd, vectors};

use super::{Growth, Opinions, Throw, fooled, grow, throw};
use crate::beir::{Bm25, Bm25Index, Collection, DenseIndex, encode_all};

pub(crate) const INDEX_GROWTH: Method = Method {
    id: "117",
    name: "Curse of dense low-dimensional retrieval",
    home: "evaluate",
    kind: "theory",
    command: "vectory reproduce 117",
    claim: Some(Claim {
        statement: "Random directions beat a cosine as often as the incomplete beta function says; on SciFact the relative MRR@10 loss from \
                    1,000 documents to all falls with the dimension of the vectors, and BM25 loses least",
        threshold: "within 3 standard errors for d = 8, 32, 128; loss at 16 > 64 > 256 d > BM25's",
        data: "generated; retrieval/scifact",
        run,
    }),
};

const DIMS: [usize; 3] = [16, 64, 256];
/// Simulated indexes of 1,000 directions for each dimension.
const INDEXES: usize = 1000;
/// Draws of distractors, over which MRR is averaged.
const DRAWS: usize = 20;
const STRINGS: usize = 5000;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let encoder =
        c.encoder.clone().ok_or_else(|| ClaimError::NoData(PathBuf::from("assets (no default encoder was given)")))?;
    let collection = Collection::open(&c.data("retrieval/scifact")?, "test").map_err(ClaimError::failed)?;
    let throws = dice(&c.context).map_err(ClaimError::failed)?;
    let worst = throws.iter().map(|t| t.errors().0.max(t.errors().1)).fold(0.0, f64::max);
    let study = study(&collection, &*encoder, &c.context)?;
    let losses: Vec<f64> = study.growth.iter().map(Growth::relative_loss).collect();
    let falls = losses.windows(2).all(|w| w[1] < w[0]);
    let each = |values: &[f64]| {
        let named = study.growth.iter().zip(values).map(|(g, v)| format!("{} {:.1} %", g.name, 100.0 * v));
        named.collect::<Vec<_>>().join(", ")
    };
    Ok(Outcome {
        measured: format!(
            "dice: at most {worst:.1} standard errors in {} rates; relative loss of MRR@10: {}; queries fooled by {STRINGS} random strings: {}",
            2 * throws.len(),
            each(&losses),
            each(&study.fooled)
        ),
        holds: worst <= 3.0 && falls,
        note: notes(&study.growth, collection.documents.len(), encoder.name()),
    })
}

/// Cosines of one, two and three standard deviations for each dimension.
fn dice(ctx: &Context) -> Result<Vec<Throw>, vectory_core::Cancelled> {
    let mut out = Vec::new();
    for dim in [8, 32, 128] {
        let cosines = [1.0, 2.0, 3.0].map(|s| (s / (dim as f64).sqrt()).min(0.99));
        out.extend(throw(dim, &cosines, INDEXES, ctx)?);
    }
    Ok(out)
}

struct Study {
    /// One a dimension, then BM25.
    growth: Vec<Growth>,
    /// Share of queries for which a random string outranks every relevant document, in the same order.
    fooled: Vec<f64>,
}

fn study(collection: &Collection, encoder: &dyn Encode, ctx: &Context) -> Result<Study, ClaimError> {
    let (queries, relevant) = collection.answerable();
    let strings = random_strings(ctx.seed);
    let encode = |texts: Vec<String>| encode_all(&texts, encoder, ctx).map_err(ClaimError::failed);
    let documents = DenseIndex::build(collection, encoder, ctx).map_err(ClaimError::failed)?;
    let asked = encoder.encode_queries(&queries, ctx).map_err(ClaimError::failed)?;
    let noise = encode(strings.clone())?;
    let params = PcaParams { dims: encoder.dim().min(256), ..PcaParams::default() };
    let pca = Pca::fit(documents.rows().view(), &params, ctx).map_err(ClaimError::failed)?;
    let project = |rows: VectorsRef<'_>| pca.apply_with(rows, ctx).map_err(ClaimError::failed);
    let (documents, asked, noise) = (project(documents.rows().view())?, project(asked.view())?, project(noise.view())?);

    let mut opinions = Vec::new();
    let mut of_strings = Vec::new();
    for dim in DIMS {
        let queries = first(&asked, dim);
        opinions.push(Opinions { name: format!("{dim} d"), scores: cosines(&queries, &first(&documents, dim), ctx) });
        of_strings.push(cosines(&queries, &first(&noise, dim), ctx));
    }
    let words = Bm25Index::build(collection, &Bm25::default(), ctx).map_err(ClaimError::failed)?;
    opinions.push(Opinions { name: "BM25".into(), scores: queries.iter().map(|q| words.scores(q)).collect() });
    of_strings.push(string_scores(collection, &strings, &queries, ctx)?);
    let n = collection.documents.len();
    let growth = grow(&opinions, &relevant, n, &[1000, 2000, 3500, n], DRAWS, ctx.seed);
    let fooled = opinions.iter().zip(&of_strings).map(|(o, s)| fooled(o, &relevant, s)).collect();
    Ok(Study { growth, fooled })
}

/// BM25 scores of the strings, indexed together with the documents.
fn string_scores(
    collection: &Collection,
    strings: &[String],
    queries: &[&str],
    ctx: &Context,
) -> Result<Vec<Vec<f32>>, ClaimError> {
    let mut all = collection.clone();
    let named = |(i, text): (usize, &String)| crate::beir::Document {
        id: format!("random {i}"),
        title: String::new(),
        text: text.clone(),
    };
    all.documents.extend(strings.iter().enumerate().map(named));
    let index = Bm25Index::build(&all, &Bm25::default(), ctx).map_err(ClaimError::failed)?;
    Ok(queries.iter().map(|q| index.scores(q)[collection.documents.len()..].to_vec()).collect())
}

/// Strings of random letters, as long as a title or an abstract; their words are too long to spell a real one by chance.
fn random_strings(seed: u64) -> Vec<String> {
    let one = |i: usize| {
        let mut rng = rng::item(seed, "index_growth.strings", i as u64);
        let words = rng.random_range(4..60);
        let word = |rng: &mut rng::Rng| -> String {
            (0..rng.random_range(6..12)).map(|_| char::from(b'a' + rng.random_range(0..26u8))).collect()
        };
        (0..words).map(|_| word(&mut rng)).collect::<Vec<_>>().join(" ")
    };
    (0..STRINGS).map(one).collect()
}

/// The first `dim` coordinates of each row, at unit length.
fn first(rows: &Vectors, dim: usize) -> Vectors {
    let dim = dim.min(rows.dim());
    let mut out = Vectors::zeros(rows.rows(), dim);
    for (i, row) in rows.iter().enumerate() {
        out.row_mut(i).copy_from_slice(&row[..dim]);
        vectors::normalize(out.row_mut(i));
    }
    out
}

/// Cosine of every query with every row; both at unit length.
fn cosines(queries: &Vectors, rows: &Vectors, ctx: &Context) -> Vec<Vec<f32>> {
    let one = |q: usize| rows.iter().map(|r| simd::dot(queries.row(q), r)).collect();
    ctx.pool().install(|| (0..queries.rows()).into_par_iter().map(one).collect())
}

fn notes(growth: &[Growth], documents: usize, encoder: &str) -> String {
    let mrr = growth.iter().map(|g| {
        let ends = (g.points.first().map_or(0.0, |p| p.1), g.points.last().map_or(0.0, |p| p.1));
        format!("{} {:.3} -> {:.3}", g.name, ends.0, ends.1)
    });
    format!(
        "{encoder}, cut by PCA; MRR@10 from 1,000 to {documents} documents, mean of {DRAWS} draws: {}",
        mrr.collect::<Vec<_>>().join(", ")
    )
}
