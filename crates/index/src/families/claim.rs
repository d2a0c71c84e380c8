//! Claims 006 and 089: the families of approximate search side by side, on word vectors.

use vectory_compress::Spec;
use vectory_compress::pq::PqParams;
use vectory_core::cluster::{ClusterError, Init, KMeansParams, kmeans, nearest};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Hit, Metric, Vectors, VectorsRef, neighbors};

use super::ranked::lifted_rows;
use super::{Forest, ForestParams, Hashing, KdTree, Lsh, LshParams, Ranked};
use crate::curve::{rate, tune};
use crate::factory::Factory;
use crate::graph::{Graph, GraphParams};
use crate::ivf::{Ivf, IvfParams};
use crate::{Index, Search, SearchParams};

/// Foundations of vector retrieval.
pub const FOUNDATIONS: Method = Method {
    id: "006",
    name: "Foundations of Vector Retrieval (Bruch monograph)",
    home: "index",
    kind: "survey",
    command: "vectory evaluate ann --base B --query Q --factory …",
    claim: Some(Claim {
        statement: "Lifted by one coordinate, rows have the same ten nearest by distance as by inner product; a graph, an inverted file and \
                    product codes with a second look find 95 % of the ten nearest while they touch under a tenth of the rows, where a k-d \
                    tree must touch more than half",
        threshold: "the same ten for all queries; recall@10 >= 0.95 with < 10 % of the rows; k-d tree > 50 % at 50 dimensions",
        data: "ann/glove100-50k",
        run: foundations,
    }),
};

/// Survey of vector databases.
pub const SURVEY: Method = Method {
    id: "089",
    name: "Survey of vector databases (storage and retrieval)",
    home: "index",
    kind: "survey",
    command: "vectory evaluate ann --base B --query Q --factory …",
    claim: Some(Claim {
        statement: "At recall@10 0.9 the families rank by speed: graph, inverted file of product codes, tree forest, hashing; the product codes \
                    take an eighth of the bytes of the graph with floats or less; after a drift, product codes updated batch by batch \
                    recover most of what a full retraining does",
        threshold: "QPS graph > IVF-PQ > forest > LSH; bytes ratio >= 8; more than half of the error recovered",
        data: "ann/glove100-50k",
        run: survey,
    }),
};

const K: usize = 10;

fn glove(c: &ClaimContext) -> Result<(Vectors, Vectors), ClaimError> {
    let read = |name: &str| {
        let path = c.data(format!("ann/glove100-50k/{name}"))?;
        Ok(vectory_io::vectors::read_all(&path).map_err(ClaimError::failed)?.rows)
    };
    Ok((read("glove100_base.f16.npy.zst")?, read("glove100_query.fvecs")?))
}

/// The first `dims` values of each of the first `rows` rows.
fn cut(v: &Vectors, rows: usize, dims: usize) -> Vectors {
    let mut out = Vectors::zeros(rows.min(v.rows()), dims);
    for i in 0..out.rows() {
        out.row_mut(i).copy_from_slice(&v.row(i)[..dims]);
    }
    out
}

fn foundations(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (base, queries) = glove(c)?;
    let ctx = &c.context;
    let (base, queries) = (cut(&base, base.rows(), 50), cut(&queries, 200, 50));
    let same = lift(base.view(), queries.view(), ctx).map_err(ClaimError::failed)?;
    let metric = Metric::L2;
    let truth = neighbors::exact(base.view(), queries.view(), metric, K, ctx).map_err(ClaimError::failed)?;
    let n = base.rows() as f64;
    let graph = Graph::build(base.view(), metric, &GraphParams::default(), ctx).map_err(ClaimError::failed)?;
    let searcher = graph.on(base.view()).map_err(ClaimError::failed)?;
    let efs: Vec<SearchParams<'static>> =
        [10, 20, 40, 80, 160].map(|ef| SearchParams { k: K, ef, ..SearchParams::default() }).to_vec();
    let (params, graph_recall) = tune(&searcher, queries.view(), &truth, &efs, 0.95).ok_or_else(nothing)?;
    let touched = queries.iter().map(|q| searcher.touched(q, &params)).sum::<usize>() as f64 / queries.rows() as f64;
    let ivf = Ivf::build(base.view(), metric, &IvfParams { lists: 512, ..IvfParams::default() }, ctx)
        .map_err(ClaimError::failed)?;
    let lists = ivf.searcher(None);
    let probes: Vec<SearchParams<'static>> =
        [4, 8, 16, 24, 32, 40, 48].map(|nprobe| SearchParams { k: K, nprobe, ..SearchParams::default() }).to_vec();
    let (params, ivf_recall) = tune(&lists, queries.view(), &truth, &probes, 0.95).ok_or_else(nothing)?;
    let probed = params.nprobe as f64 / 512.0;
    let pq = Spec::Pq(PqParams { m: 25, bits: 8, ..PqParams::default() });
    let coded = Index::build(base.view(), metric, &Factory::Coded { spec: pq, refine: true }, ctx)
        .map_err(ClaimError::failed)?;
    let scan = coded.searcher().map_err(ClaimError::failed)?;
    let looks: Vec<SearchParams<'static>> =
        [20, 50, 100, 200, 500, 1000].map(|rerank| SearchParams { k: K, rerank, ..SearchParams::default() }).to_vec();
    let (params, pq_recall) = tune(&scan, queries.view(), &truth, &looks, 0.95).ok_or_else(nothing)?;
    let looked = params.rerank as f64 / n;
    let tree = KdTree::build(base.view(), metric, ctx).map_err(ClaimError::failed)?;
    let by_tree =
        queries.iter().map(|q| tree.exact(base.view(), q, K).rows).sum::<usize>() as f64 / queries.rows() as f64 / n;
    let least = graph_recall.min(ivf_recall).min(pq_recall);
    let most = (touched / n).max(probed).max(looked);
    Ok(Outcome {
        measured: format!(
            "same ten for {same} of {} queries; graph {graph_recall:.3} touching {:.2} %, IVF {ivf_recall:.3} touching {:.1} %, PQ with a second \
             look {pq_recall:.3} touching {:.2} %; k-d tree touches {:.0} %",
            queries.rows(), 100.0 * touched / n, 100.0 * probed, 100.0 * looked, 100.0 * by_tree
        ),
        holds: same == queries.rows() && least >= 0.95 && most < 0.1 && by_tree > 0.5,
        note: "GloVe vectors as they come (not unit length), 50,000 rows, first 50 of 100 values, 200 queries. Touched: rows scored (graph), \
               rows in the lists probed (IVF), full rows looked at (PQ)."
            .to_owned(),
    })
}

fn nothing() -> ClaimError {
    ClaimError::Failed("no setting was tried".to_owned())
}

/// For how many queries the ten best by product are the ten nearest of the lifted rows.
fn lift(base: VectorsRef<'_>, queries: VectorsRef<'_>, ctx: &Context) -> Result<usize, neighbors::NeighborsError> {
    let lifted = lifted_rows(base, Metric::Dot);
    let mut asked = Vectors::zeros(queries.rows(), lifted.dim());
    (0..queries.rows()).for_each(|i| asked.row_mut(i)[..queries.dim()].copy_from_slice(queries.row(i)));
    let near = neighbors::exact(lifted.view(), asked.view(), Metric::L2, K, ctx)?;
    let best = neighbors::exact(base, queries, Metric::Dot, K, ctx)?;
    let sorted = |hits: &Vec<Hit>| {
        let mut ids: Vec<u32> = hits.iter().map(|h| h.id).collect();
        ids.sort_unstable();
        ids
    };
    Ok(near.iter().zip(&best).filter(|(a, b)| sorted(a) == sorted(b)).count())
}

fn survey(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (mut base, mut queries) = glove(c)?;
    base.normalize();
    queries.normalize();
    let ctx = &c.context;
    let (metric, queries) = (Metric::Cosine, cut(&queries, 500, 100));
    let truth = neighbors::exact(base.view(), queries.view(), metric, K, ctx).map_err(ClaimError::failed)?;
    let at = |search: &dyn Search, settings: &[SearchParams<'static>]| -> Result<(f64, f64), ClaimError> {
        let (params, recall) = tune(search, queries.view(), &truth, settings, 0.9).ok_or_else(nothing)?;
        Ok((rate(search, queries.view(), &params, 3).qps, recall))
    };
    let parsed = |name: &str| name.parse::<Factory>().map_err(ClaimError::failed);
    let graph = Index::build(base.view(), metric, &parsed("HNSW16")?, ctx).map_err(ClaimError::failed)?;
    let ivf = Index::build(base.view(), metric, &parsed("IVF512,PQ50x4fs,RFlat")?, ctx).map_err(ClaimError::failed)?;
    let (of_graph, of_ivf) =
        (graph.searcher().map_err(ClaimError::failed)?, ivf.searcher().map_err(ClaimError::failed)?);
    let efs: Vec<usize> = vec![8, 10, 12, 14, 17, 20, 28, 40, 60, 100, 200];
    let by_graph = at(
        &of_graph,
        &efs.iter().map(|ef| SearchParams { k: K, ef: *ef, ..SearchParams::default() }).collect::<Vec<_>>(),
    )?;
    let probes = [4, 8, 12, 16, 20, 24, 32, 48, 64, 96, 128];
    let by_ivf =
        at(&of_ivf, &probes.map(|nprobe| SearchParams { k: K, nprobe, rerank: 100, ..SearchParams::default() }))?;
    let forest = Forest::build(base.view(), metric, ForestParams::default(), ctx).map_err(ClaimError::failed)?;
    let lsh = Lsh::build(base.view(), metric, LshParams::usual(Hashing::Hyperplane, base.rows()), ctx)
        .map_err(ClaimError::failed)?;
    let efforts: Vec<SearchParams<'static>> = [1000, 2000, 3000, 4500, 7000, 10_000, 15_000, 25_000, 40_000]
        .map(|ef| SearchParams { k: K, ef, ..SearchParams::default() })
        .to_vec();
    let by_forest = at(&Ranked::new(&forest, base.view(), metric), &efforts)?;
    let by_lsh = at(&Ranked::new(&lsh, base.view(), metric), &efforts)?;
    let codes = Index::build(base.view(), metric, &parsed("IVF512,PQ50x4fs")?, ctx).map_err(ClaimError::failed)?;
    let ratio = graph.size() as f64 / codes.size() as f64;
    let recovered = drift(base.view(), ctx).map_err(ClaimError::failed)?;
    let all = [by_graph, by_ivf, by_forest, by_lsh];
    let ranked = all.windows(2).all(|w| w[0].0 > w[1].0) && all.iter().all(|a| a.1 >= 0.9);
    Ok(Outcome {
        measured: format!(
            "queries/s at recall 0.9: graph {:.0}, IVF-PQ {:.0}, forest {:.0}, LSH {:.0}; bytes {ratio:.1} to 1; {:.0} % of the error recovered",
            by_graph.0, by_ivf.0, by_forest.0, by_lsh.0, 100.0 * recovered
        ),
        holds: ranked && ratio >= 8.0 && recovered > 0.5,
        note: "GloVe, 50,000 × 100 (the card: 100,000), cosine, one thread. Bytes: graph with floats against lists of 4-bit product codes without \
               the full rows, which the second look reads from disk."
            .to_owned(),
    })
}

/// Values of a part, and centroids of each.
const PART: usize = 10;
const CENTROIDS: usize = 64;

/// What share of the error that a full retraining takes off is taken off by online updates (c ← c + (x − c) / n_c), after
/// half of the rows was replaced by moved and stretched ones.
fn drift(base: VectorsRef<'_>, ctx: &Context) -> Result<f64, ClusterError> {
    let (old, mut new) = (
        base.slice(0, 8000),
        Vectors::from_slice(base.slice(8000, 16_000).as_slice(), base.dim()).unwrap_or_else(|_| Vectors::zeros(0, 1)),
    );
    for i in 0..new.rows() {
        new.row_mut(i)
            .iter_mut()
            .enumerate()
            .for_each(|(j, v)| *v = *v * (1.0 + 0.1 * (j % 7) as f32) + 0.05 * ((j % 5) as f32 - 2.0));
    }
    let (mut before, mut online, mut again) = (0.0, 0.0, 0.0);
    for part in 0..base.dim() / PART {
        let take = |rows: VectorsRef<'_>| {
            let mut out = Vectors::zeros(rows.rows(), PART);
            (0..rows.rows()).for_each(|i| out.row_mut(i).copy_from_slice(&rows.row(i)[part * PART..(part + 1) * PART]));
            out
        };
        let (old, new) = (take(old), take(new.view()));
        let params = KMeansParams { k: CENTROIDS, max_iterations: 20, init: Init::PlusPlus, ..KMeansParams::default() };
        let first = kmeans(old.view(), &params, ctx)?.centroids;
        before += error(new.view(), first.view(), ctx)?;
        again += error(new.view(), kmeans(new.view(), &params, ctx)?.centroids.view(), ctx)?;
        online += error(new.view(), updated(first, new.view(), ctx)?.view(), ctx)?;
    }
    Ok((before - online) / (before - again))
}

fn error(rows: VectorsRef<'_>, centroids: VectorsRef<'_>, ctx: &Context) -> Result<f64, ClusterError> {
    Ok(nearest(centroids, rows, ctx)?.1.iter().map(|d| f64::from(*d)).sum())
}

/// The centroids after batches of 500 rows; each starts with the weight of a few rows, so that old ones are forgotten.
fn updated(mut centroids: Vectors, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, ClusterError> {
    let mut counts = vec![5.0f32; centroids.rows()];
    for start in (0..rows.rows()).step_by(500) {
        let batch = rows.slice(start, rows.rows().min(start + 500));
        let of = nearest(centroids.view(), batch, ctx)?.0;
        for (row, c) in batch.iter().zip(of) {
            let c = c as usize;
            counts[c] += 1.0;
            let share = 1.0 / counts[c];
            centroids.row_mut(c).iter_mut().zip(row).for_each(|(m, v)| *m += (v - *m) * share);
        }
    }
    Ok(centroids)
}
