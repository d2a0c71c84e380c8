//! Claim 126: a graph walked on LVQ codes finds what one walked on floats finds, in a quarter of the bytes, faster.

use std::sync::Arc;
use std::time::Instant;

use vectory_compress::{Codec, Spec};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Hit, Metric, Vectors, neighbors};
use vectory_io::vectors as files;

use crate::coded::CodedRows;
use crate::file::FileWriter;
use crate::graph::{Graph, GraphParams, decoded};
use crate::search::{Search, SearchParams};

pub(crate) const LVQ: Method = Method {
    id: "126",
    name: "LVQ (locally-adaptive vector quantization) + Vamana, SVS",
    home: "compress",
    kind: "system",
    command: "vectory index V.npy --factory HNSW32,LVQ8 -o F",
    claim: Some(Claim {
        statement: "A graph over LVQ-8 codes has the recall of one over floats at the same window, takes about a quarter of the bytes \
                    and answers faster; at 4 bits LVQ has a lower error than global scalar quantization; the second level of 4x4 \
                    gives the recall back",
        threshold: "recall@10 of LVQ-8 within 0.5 point of float32 at the same window; bytes a vector about 4 x fewer (read as: more \
                    than 3 x, padding counted); QPS at recall 0.9 above float32; 4-bit MSE LVQ < global scalar; 4x4 reranked >= \
                    99 % of float recall",
        data: "ann/glove100-50k",
        run,
    }),
};

const WINDOW: usize = 100;
/// Windows that are tried for recall 0.9.
const WINDOWS: [usize; 14] = [10, 12, 14, 17, 20, 24, 28, 34, 40, 48, 56, 68, 80, 100];
const QUERIES: usize = 500;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let folder = c.data("ann/glove100-50k")?;
    let read = |name: &str| files::read_all(&folder.join(name)).map(|f| f.rows).map_err(ClaimError::failed);
    let rows = read("glove100_base.f16.npy.zst")?;
    let queries = read("glove100_query.fvecs")?;
    let queries = Vectors::from_rows(queries.iter().take(QUERIES)).map_err(ClaimError::failed)?;
    let truth = neighbors::exact(rows.view(), queries.view(), Metric::Cosine, 10, ctx).map_err(ClaimError::failed)?;
    let float = Coded::new("F32", &rows, ctx)?;
    let eight = Coded::new("LVQ8", &rows, ctx)?;
    let four = Coded::new("LVQ4x4", &rows, ctx)?;
    let (on_floats, on_codes) = (float.graph(ctx)?, eight.graph(ctx)?);
    let asked = Asked { queries: &queries, truth: &truth };
    let recall = |graph: &Graph, coded: &Coded| asked.recall(graph, coded, WINDOW);
    let (full, lvq, levels) = (recall(&on_floats, &float)?, recall(&on_codes, &eight)?, recall(&on_floats, &four)?);
    let faster = asked.rates((&on_floats, &float), (&on_codes, &eight))?;
    let bytes = 4.0 * rows.dim() as f64 / eight.0.codec().layout().primary as f64;
    let (lvq4, global) = (error_of("LVQ4", &rows, ctx)?, global_error(&rows));
    let clauses = [
        ("recall", full - lvq <= 0.005),
        ("bytes", bytes > 3.0),
        ("speed", faster > 1.0),
        ("error at 4 bits", lvq4 < global),
        ("4x4", levels >= 0.99 * full),
    ];
    let unmet: Vec<&str> = clauses.iter().filter(|c| !c.1).map(|c| c.0).collect();
    Ok(Outcome {
        measured: format!(
            "recall@10 at window {WINDOW}: float {full:.4}, LVQ8 {lvq:.4}, LVQ4x4 reranked {levels:.4}; bytes {bytes:.2} x fewer; \
             queries a second at recall 0.9 {faster:.2} x; 4-bit MSE LVQ {lvq4:.5}, global scalar {global:.5}"
        ),
        holds: unmet.is_empty(),
        note: format!(
            "{}50,000 unit rows of 100, cosine, {QUERIES} queries, one thread; LVQ-8's graph was built on its codes; a record has \
             112 + 12 bytes, padded to 128 (at 768 dimensions 3.84 x fewer)",
            if unmet.is_empty() { String::new() } else { format!("not met: {}; ", unmet.join(", ")) }
        ),
    })
}

/// Rows under one codec.
struct Coded(CodedRows);

impl Coded {
    fn new(codec: &str, rows: &Vectors, ctx: &Context) -> Result<Self, ClaimError> {
        let spec: Spec = codec.parse().map_err(ClaimError::failed)?;
        let codec = spec.fit(rows.view(), Metric::Cosine, ctx).map_err(ClaimError::failed)?;
        let codes = codec.encode(rows.view(), ctx).map_err(ClaimError::failed)?;
        let mut file = FileWriter::new("claim", 1, serde_json::Value::Null);
        let header = CodedRows::write(&mut file, &codec, codes.view());
        let file = Arc::new(file.finish().map_err(ClaimError::failed)?);
        CodedRows::of(file, header).map(Self).map_err(ClaimError::failed)
    }

    /// The graph of what the codes stand for.
    fn graph(&self, ctx: &Context) -> Result<Graph, ClaimError> {
        let rows = decoded(self.0.codec(), self.0.codes());
        let params = GraphParams { m: 16, ..GraphParams::default() };
        Graph::build(rows.view(), Metric::Cosine, &params, ctx).map_err(ClaimError::failed)
    }
}

struct Asked<'a> {
    queries: &'a Vectors,
    truth: &'a [Vec<Hit>],
}

impl Asked<'_> {
    fn found(&self, graph: &Graph, coded: &Coded, window: usize) -> Result<Vec<Vec<Hit>>, ClaimError> {
        let searcher = graph.over(&coded.0, None).map_err(ClaimError::failed)?;
        // As many are ranked again as the window has, no more: what a walk met is what it knows.
        let params = SearchParams { k: 10, ef: window, rerank: window, ..SearchParams::default() };
        Ok(self.queries.iter().map(|q| searcher.search(q, &params)).collect())
    }

    fn recall(&self, graph: &Graph, coded: &Coded, window: usize) -> Result<f64, ClaimError> {
        let found = self.found(graph, coded, window)?;
        let same = |(f, t): (&Vec<Hit>, &Vec<Hit>)| f.iter().filter(|h| t.iter().any(|x| x.id == h.id)).count();
        Ok(found.iter().zip(self.truth).map(same).sum::<usize>() as f64 / (10 * self.truth.len()) as f64)
    }

    /// How many times more queries a second `b` answers than `a`, each with its smallest window of recall 0.9: the best of five
    /// passes, in turn.
    fn rates(&self, a: (&Graph, &Coded), b: (&Graph, &Coded)) -> Result<f64, ClaimError> {
        let window = |of: (&Graph, &Coded)| -> Result<usize, ClaimError> {
            for w in WINDOWS {
                if self.recall(of.0, of.1, w)? >= 0.9 {
                    return Ok(w);
                }
            }
            Err(ClaimError::Failed("no window up to 100 reaches recall 0.9".into()))
        };
        let windows = [window(a)?, window(b)?];
        let mut times = [f64::INFINITY; 2];
        for _ in 0..5 {
            for (i, of) in [a, b].into_iter().enumerate() {
                let start = Instant::now();
                std::hint::black_box(self.found(of.0, of.1, windows[i])?);
                times[i] = times[i].min(start.elapsed().as_secs_f64());
            }
        }
        Ok(times[0] / times[1])
    }
}

/// Mean squared error a row.
fn error_of(codec: &str, rows: &Vectors, ctx: &Context) -> Result<f64, ClaimError> {
    let coded = Coded::new(codec, rows, ctx)?;
    let back = decoded(coded.0.codec(), coded.0.codes());
    let mut unit = rows.clone();
    unit.normalize();
    let sum = |(a, b): (&[f32], &[f32])| f64::from(vectory_core::simd::l2_sq(a, b));
    Ok(unit.iter().zip(back.iter()).map(sum).sum::<f64>() / rows.rows() as f64)
}

/// The same for 16 even steps between the least and the largest value of all.
fn global_error(rows: &Vectors) -> f64 {
    let mut unit = rows.clone();
    unit.normalize();
    let values = unit.as_slice();
    let (low, high) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let step = (high - low) / 15.0;
    let one = |v: &f32| f64::from(v - (low + step * ((v - low) / step).round())).powi(2);
    values.iter().map(one).sum::<f64>() / rows.rows() as f64
}
