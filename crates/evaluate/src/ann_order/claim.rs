//! Claim 071: recall falls with the local dimension, and rises when rows of high local dimension are inserted first.

use rand::RngExt;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Vectors, rng, simd};

use super::{Order, OrderParams, OrderedGraph, lid, study};

pub(crate) const ORDER: Method = Method {
    id: "071",
    name: "HNSW recall vs LID and insertion order",
    home: "evaluate",
    kind: "benchmark",
    command: "vectory evaluate ann-order --base B --query Q",
    claim: Some(Claim {
        statement: "On random combinations of m directions in 256 dimensions, recall@10 falls and the estimated local dimension rises with m; \
                    on word vectors, inserting rows of high local dimension first finds more than inserting them last",
        threshold: "m = 4, 16, 64, 256: both monotone; recall descending - ascending > 0 over 3 seeds",
        data: "generated; ann/glove100-50k",
        run,
    }),
};

const DIMS: [usize; 4] = [4, 16, 64, 256];
const ROWS: usize = 10_000;
/// Word vectors that are inserted (one by one: the order must be an order).
const WORDS: usize = 20_000;
const NEIGHBORS: usize = 100;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let mut sheets = Vec::new();
    for m in DIMS {
        let all = sheet(m, ROWS + 300, &c.context);
        let sets = (all.view().slice(0, ROWS), all.view().slice(ROWS, ROWS + 300));
        let local = lid(sets.0, NEIGHBORS, &c.context).map_err(ClaimError::failed)?;
        let (params, graphs) = (OrderParams::default(), [OrderedGraph::Hnsw]);
        let found = study(sets, &local, &graphs, &[Order::Random], &params, &c.context).map_err(ClaimError::failed)?;
        sheets.push((local.iter().sum::<f64>() / ROWS as f64, found[0].recall));
    }
    let (hnsw, ours) = gaps(c)?;
    let falls = sheets.windows(2).all(|w| w[1].1 < w[0].1);
    let rises = sheets.windows(2).all(|w| w[1].0 > w[0].0);
    let least = hnsw.iter().copied().fold(f64::INFINITY, f64::min);
    let shown: Vec<String> =
        DIMS.iter().zip(&sheets).map(|(m, (l, r))| format!("m {m}: LID {l:.1}, recall {r:.4}")).collect();
    let signed = |gaps: &[f64]| gaps.iter().map(|g| format!("{g:+.4}")).collect::<Vec<_>>().join(", ");
    Ok(Outcome {
        measured: format!(
            "{}; descending - ascending {} (our own graph {})",
            shown.join("; "),
            signed(&hnsw),
            signed(&ours)
        ),
        holds: falls && rises && least > 0.0,
        note: "HNSW as published, M 16, efC 128, ef 32, one insertion at a time, layers drawn alike in every order; 20,000 word vectors of 50,000, \
               l2 on unit length. Our own graph has one layer, and the rows that its walks start from are drawn by row, whatever the order: \
               it hardly feels the order."
            .to_owned(),
    })
}

/// By how much recall with rows of high local dimension first exceeds that with them last, over three seeds: HNSW's and ours.
fn gaps(c: &ClaimContext) -> Result<(Vec<f64>, Vec<f64>), ClaimError> {
    let read = |name: &str| {
        let path = c.data(format!("ann/glove100-50k/{name}"))?;
        let mut rows: Vectors = vectory_io::vectors::read_all(&path).map_err(ClaimError::failed)?.rows;
        rows.normalize();
        Ok::<_, ClaimError>(rows)
    };
    let (base, queries) = (read("glove100_base.f16.npy.zst")?, read("glove100_query.fvecs")?);
    let base = base.view().slice(0, WORDS.min(base.rows()));
    let local = lid(base, NEIGHBORS, &c.context).map_err(ClaimError::failed)?;
    let (mut hnsw, mut ours) = (Vec::new(), Vec::new());
    for seed in 0..3 {
        let ctx = c.context.clone().with_seed(c.context.seed + seed);
        let orders = [Order::LidDesc, Order::LidAsc];
        let found = study((base, queries.view()), &local, &OrderedGraph::ALL, &orders, &OrderParams::default(), &ctx)
            .map_err(ClaimError::failed)?;
        hnsw.push(found[0].recall - found[1].recall);
        ours.push(found[2].recall - found[3].recall);
    }
    Ok((hnsw, ours))
}

/// Random combinations of `m` random directions in 256 dimensions.
fn sheet(m: usize, rows: usize, ctx: &Context) -> Vectors {
    let mut r = rng::stream(ctx.seed, "sheet");
    let mut normal = move || (0..12).map(|_| r.random::<f32>()).sum::<f32>() - 6.0;
    let mut axes = Vectors::zeros(m, 256);
    axes.as_mut_slice().iter_mut().for_each(|v| *v = normal() / 16.0);
    let mut out = Vectors::zeros(rows, 256);
    for i in 0..rows {
        for axis in axes.iter() {
            simd::axpy(normal(), axis, out.row_mut(i));
        }
    }
    out
}
