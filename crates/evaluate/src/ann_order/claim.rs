//! Claim 071: recall falls with the local dimension, and rises when rows of high local dimension are inserted first.

use rand::RngExt;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Vectors, rng, simd};

use super::{Order, OrderParams, lid, study};

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
    let params = OrderParams::default();
    let mut sheets = Vec::new();
    for m in DIMS {
        let all = sheet(m, ROWS + 300, &c.context);
        let (base, queries) = (all.view().slice(0, ROWS), all.view().slice(ROWS, ROWS + 300));
        let local = lid(base, NEIGHBORS, &c.context).map_err(ClaimError::failed)?;
        let found = study(base, queries, &local, &[Order::Random], &params, &c.context).map_err(ClaimError::failed)?;
        sheets.push((local.iter().sum::<f64>() / ROWS as f64, found[0].recall));
    }
    let read = |name: &str| {
        let path = c.data(format!("ann/glove100-50k/{name}"))?;
        Ok::<Vectors, ClaimError>(vectory_io::vectors::read_all(&path).map_err(ClaimError::failed)?.rows)
    };
    let (mut base, mut queries) = (read("glove100_base.f16.npy.zst")?, read("glove100_query.fvecs")?);
    base.normalize();
    queries.normalize();
    let base = base.view().slice(0, WORDS.min(base.rows()));
    let local = lid(base, NEIGHBORS, &c.context).map_err(ClaimError::failed)?;
    let mut gaps = Vec::new();
    for seed in 0..3 {
        let ctx = c.context.clone().with_seed(c.context.seed + seed);
        let found = study(base, queries.view(), &local, &[Order::LidDesc, Order::LidAsc], &params, &ctx)
            .map_err(ClaimError::failed)?;
        gaps.push(found[0].recall - found[1].recall);
    }
    let falls = sheets.windows(2).all(|w| w[1].1 < w[0].1);
    let rises = sheets.windows(2).all(|w| w[1].0 > w[0].0);
    let least = gaps.iter().copied().fold(f64::INFINITY, f64::min);
    let shown: Vec<String> =
        DIMS.iter().zip(&sheets).map(|(m, (l, r))| format!("m {m}: LID {l:.1}, recall {r:.4}")).collect();
    Ok(Outcome {
        measured: format!("{}; descending - ascending {}", shown.join("; "), gaps.iter().map(|g| format!("{g:+.4}")).collect::<Vec<_>>().join(", ")),
        holds: falls && rises && least > 0.0,
        note: "M 16, efC 128, ef 32 on our graph (one layer, walked on four-bit codes, 40 candidates ranked by full rows); 20,000 word vectors of 50,000; \
               the rows that walks start from are drawn by row, whatever the order."
            .to_owned(),
    })
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
