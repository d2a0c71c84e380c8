//! Durable upserts in this process: points a second until every batch is acknowledged.
//!
//! `cargo run --release -p vectory-space --example bench_upsert -- [POINTS] [DIM] [BATCH] [WAITING]`
//! WAITING batches are under way at once, as from so many clients; each is acknowledged when it is on disk.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use serde_json::json;
use vectory_core::{Context, Encode, Metric};
use vectory_space::{
    EncoderProvider, Given, GivenRecipe, IndexRecipe, Live, Op, Point, Recipe, View, Writer, WriterParams,
};

/// Given vectors need no encoder.
struct None;

impl EncoderProvider for None {
    fn open(&self, name: &str, _: &std::path::Path) -> Result<Arc<dyn Encode>, String> {
        Err(format!("{name}: no encoder here"))
    }
}

fn main() {
    let mut numbers = std::env::args().skip(1).map(|a| a.parse::<usize>().expect("a number"));
    let mut next = |default| numbers.next().unwrap_or(default);
    let (points, dim, batch, waiting) = (next(100_000), next(384), next(256), next(64));
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("x.space");
    let given = GivenRecipe { size: dim, distance: Metric::Cosine, ..GivenRecipe::default() };
    let recipe = Recipe { views: vec![View::given("", given, IndexRecipe::default())], ..Recipe::default() };
    let writer = Writer::create(&path, &recipe, &None, WriterParams::default()).expect("a space");
    let live = Live::start(&path, writer, &None, Context::new(1, 1).expect("threads")).expect("a live space");
    let mut batches: VecDeque<Vec<Point>> =
        (0..points).collect::<Vec<_>>().chunks(batch).map(|ids| ids.iter().map(|i| point(*i, dim)).collect()).collect();
    let (done, acknowledged) = sync_channel(waiting);
    let start = Instant::now();
    let (mut under_way, mut latencies) = (0, Vec::new());
    while under_way > 0 || !batches.is_empty() {
        while under_way < waiting {
            let Some(points) = batches.pop_front() else { break };
            let (done, sent) = (done.clone(), Instant::now());
            live.submit(Op::Upsert(points), move |result| {
                _ = done.send(result.map(|r| (r.generation, sent.elapsed())));
            });
            under_way += 1;
        }
        let (generation, took) = acknowledged.recv().expect("an answer").expect("a commit");
        latencies.push((generation, took.as_secs_f64()));
        under_way -= 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    latencies.sort_by(|a, b| a.1.total_cmp(&b.1));
    let middle = latencies[latencies.len() / 2].1;
    let commits = latencies.iter().map(|l| l.0).collect::<std::collections::BTreeSet<_>>().len();
    println!(
        "{}",
        json!({
            "points": points, "dim": dim, "batch": batch, "under_way": waiting, "seconds": seconds,
            "points_per_s": (points as f64 / seconds).round(), "commits_seen": commits, "batch_p50_ms": middle * 1e3
        })
    );
}

fn point(id: usize, dim: usize) -> Point {
    let value = |i: usize| {
        let x = vectory_core::rng::mix((id * dim + i) as u64);
        (x >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    let payload = json!({"year": id % 30});
    let payload = payload.as_object().cloned().unwrap_or_default();
    Point {
        id: id.to_string(),
        vectors: vec![(String::new(), Given::Dense((0..dim).map(value).collect()))],
        payload,
        text: Option::None,
    }
}
