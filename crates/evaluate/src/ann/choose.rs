//! Choosing an index by measuring candidates on a sample of the user's own vectors.

use serde::Serialize;
use vectory_core::{Context, Hit, Metric, Vectors, VectorsRef, neighbors, rng};
use vectory_index::{Index, Search, SearchParams};

use super::measure::{AnnError, Curve, measure};
use super::params::AnnParams;
use super::truth::{Truth, score, truth};

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// How rows compare.
    pub metric: Metric,
    /// Hits a query.
    pub k: usize,
    /// Least recall@k.
    pub recall: f64,
    /// Most bytes of the index of all rows, with what it keeps of them.
    pub max_bytes: Option<u64>,
    /// Rows of the sample that candidates are measured on.
    pub sample: usize,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { metric: Metric::L2, k: 10, recall: 0.95, max_bytes: None, sample: 20_000 }
    }
}

/// What was measured, and what is the best of it.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// Rows that candidates were built on.
    pub sample: usize,
    /// Queries: rows that are not in the sample.
    pub queries: usize,
    /// The candidates.
    pub candidates: Vec<Candidate>,
    /// The place of the chosen one: the quickest that reaches the recall within the bytes; where none does, the one that
    /// comes nearest to the recall within the bytes, then the smallest.
    pub chosen: usize,
}

/// One candidate.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// Its curve on the sample.
    pub curve: Curve,
    /// Bytes that it would take for all rows.
    pub bytes: u64,
    /// Queries a second at the wanted recall; `None` where it is not reached.
    pub qps: Option<f64>,
    /// Whether it is within the bytes.
    pub fits: bool,
}

/// What is tried: exact scan, graphs with full and with coded rows, clustered low rank, lists with and without full rows,
/// codes alone.
#[must_use]
pub fn candidates(rows: VectorsRef<'_>) -> Vec<String> {
    let half = (rows.dim() / 2).max(1);
    let mut all = vec!["Flat".to_owned(), "LVQ8".to_owned()];
    all.extend(
        ["HNSW16", "HNSW32", "HNSW16,LVQ8", "HNSW16,SQ8", "HNSW16,SQfp16", "LoRANNx16", "LoRANN", "LoRANNx64"]
            .map(String::from),
    );
    all.extend([
        "IVF,Flat".to_owned(),
        "IVF,LVQ8".to_owned(),
        format!("IVF,PQ{half}x4fs,RFlat"),
        "IVF,RaBitQ4".to_owned(),
    ]);
    all
}

/// Measures the candidates on a sample and picks one.
///
/// # Errors
/// As [`measure`]; a candidate that these rows do not allow is left out.
pub fn choose(rows: VectorsRef<'_>, wanted: &Wanted, ctx: &Context) -> Result<Choice, AnnError> {
    let params = AnnParams { metric: wanted.metric, k: wanted.k, repeat: 2, stop: wanted.recall, budget: 10.0 };
    params.check()?;
    let (base, queries) = held_out(rows, wanted.sample, ctx);
    let truth = truth(base.view(), queries.view(), (wanted.metric, wanted.k), None, ctx)?;
    let scale = rows.rows() as f64 / base.rows().max(1) as f64;
    let mut all = Vec::new();
    for name in candidates(rows) {
        let curve = match measure(base.view(), queries.view(), &truth, &name, &params, ctx) {
            Ok(curve) => curve,
            Err(AnnError::Index { source: vectory_index::IndexError::File(e), factory }) => {
                return Err(AnnError::Index { source: vectory_index::IndexError::File(e), factory });
            }
            Err(AnnError::Index { .. } | AnnError::Factory(_)) => continue,
            Err(e) => return Err(e),
        };
        let bytes = (curve.bytes as f64 * scale) as u64;
        let qps = curve.at(wanted.recall).map(|p| p.qps / slower(&name, scale));
        all.push(Candidate { bytes, qps, fits: wanted.max_bytes.is_none_or(|most| bytes <= most), curve });
        ctx.check()?;
    }
    let chosen = best(&all);
    Ok(Choice { sample: base.rows(), queries: queries.rows(), candidates: all, chosen })
}

/// How much slower an index of all rows is: in proportion for scans, by the root for lists, hardly for graphs.
fn slower(name: &str, scale: f64) -> f64 {
    if name.starts_with("IVF") || name.starts_with("LoRANN") {
        scale.sqrt()
    } else if name.starts_with("HNSW") {
        1.0 + 0.1 * scale.max(1.0).log2()
    } else {
        scale
    }
}

fn best(all: &[Candidate]) -> usize {
    let reach = |c: &Candidate| c.curve.points.iter().map(|p| p.recall).fold(0.0, f64::max);
    let key = |c: &Candidate| (c.fits, c.qps.unwrap_or(0.0), if c.qps.is_some() { 1.0 } else { reach(c) });
    let order = |a: &Candidate, b: &Candidate| {
        let ((fa, qa, ra), (fb, qb, rb)) = (key(a), key(b));
        fa.cmp(&fb).then(qa.total_cmp(&qb)).then(ra.total_cmp(&rb)).then(b.bytes.cmp(&a.bytes))
    };
    // When nothing fits, the smallest is the least wrong.
    if !all.iter().any(|c| c.fits) {
        return (0..all.len()).min_by_key(|i| all[*i].bytes).unwrap_or(0);
    }
    (0..all.len()).max_by(|a, b| order(&all[*a], &all[*b])).unwrap_or(0)
}

/// A sample of the rows, and some of the others as queries (of small sets, every row is in the sample and queries are in it
/// twice: they find themselves).
pub fn held_out(rows: VectorsRef<'_>, sample: usize, ctx: &Context) -> (Vectors, Vectors) {
    let n = rows.rows();
    let queries = (n / 20).clamp(usize::from(n > 0), 300);
    let order = shuffled(n, ctx);
    let kept = if n > 2 * queries { (n - queries).min(sample) } else { n };
    let of = |ids: &[u32]| rows.picked(ids.iter().map(|i| *i as usize));
    (of(&order[queries.min(n - kept)..][..kept]), of(&order[..queries]))
}

fn shuffled(n: usize, ctx: &Context) -> Vec<u32> {
    use rand::seq::SliceRandom;
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.shuffle(&mut rng::stream(ctx.seed, "ann choose"));
    order
}

/// The quickest setting of a finished index that reaches the recall on some of its own rows (each without itself), and the
/// recall there; the most thorough one where none does.
///
/// # Errors
/// [`AnnError::Truth`] for rows of another dimension than the index's, or when interrupted.
pub fn tuned(
    index: &Index,
    rows: VectorsRef<'_>,
    wanted: &Wanted,
    ctx: &Context,
) -> Result<Option<(SearchParams<'static>, f64)>, AnnError> {
    let ids: Vec<u32> = shuffled(rows.rows(), ctx).into_iter().take(300).collect();
    let queries = rows.picked(ids.iter().map(|i| *i as usize));
    let others = |hits: Vec<Hit>, id: u32| hits.into_iter().filter(|h| h.id != id).take(wanted.k).collect::<Vec<Hit>>();
    let exact = neighbors::exact(rows, queries.view(), wanted.metric, wanted.k + 1, ctx)?;
    let exact = |(i, id): (usize, &u32)| {
        let limit = |h: &Hit| score(wanted.metric, queries.row(i), rows.row(h.id as usize));
        others(exact[i].clone(), *id).iter().map(limit).fold(f32::INFINITY, f32::min)
    };
    let k = wanted.k.min(rows.rows().saturating_sub(1));
    let truth = Truth { limits: ids.iter().enumerate().map(exact).collect(), k, cached: false };
    let broken = |source| AnnError::Index { factory: "the index".to_owned(), source };
    let searcher = index.searcher().map_err(broken)?;
    let mut last = None;
    for setting in index.settings(wanted.k + 1) {
        ctx.check()?;
        let one = |(i, id): (usize, &u32)| {
            let query = queries.row(i);
            let found = others(searcher.search(query, &setting), *id);
            truth.recall(i, found.iter().map(|h| score(wanted.metric, query, rows.row(h.id as usize))))
        };
        let recall = ids.iter().enumerate().map(one).sum::<f64>() / ids.len().max(1) as f64;
        // Without rows there is nothing that could be missed.
        let recall = if ids.is_empty() { 1.0 } else { recall };
        last = Some((SearchParams { k: wanted.k, ..setting }, recall));
        if recall >= wanted.recall {
            break;
        }
    }
    Ok(last)
}
