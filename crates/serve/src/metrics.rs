//! What is counted, in Prometheus' text form: requests by route and status, their durations as histograms (by route, and by
//! collection), the state of every collection.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::app::App;

/// Upper bounds of the histograms' buckets, in seconds.
const BOUNDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Durations by bucket.
#[derive(Clone, Copy, Default)]
struct Histogram {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    fn add(&mut self, seconds: f64) {
        self.count += 1;
        self.sum += seconds;
        if let Some(at) = BOUNDS.iter().position(|b| seconds <= *b) {
            self.buckets[at] += 1;
        }
    }

    fn write(&self, out: &mut String, name: &str, labels: &str) {
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().zip(self.buckets) {
            below += count;
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {below}");
        }
        let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", self.count);
        let _ = writeln!(out, "{name}_sum{{{labels}}} {}", self.sum);
        let _ = writeln!(out, "{name}_count{{{labels}}} {}", self.count);
    }
}

#[derive(Default)]
struct Counts {
    responses: BTreeMap<(String, String, u16), u64>,
    durations: BTreeMap<(String, String), Histogram>,
    /// By collection and kind of request.
    collections: BTreeMap<(String, &'static str), Histogram>,
}

/// What has been counted since the start.
#[derive(Default)]
pub(crate) struct Metrics(Mutex<Counts>);

impl Metrics {
    /// Counts a request. `collection`: one that is there, so that made-up names cost no memory.
    pub fn count(
        &self,
        method: &str,
        path: &str,
        status: u16,
        collection: Option<(&str, &'static str)>,
        took: Duration,
    ) {
        let seconds = took.as_secs_f64();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.responses.entry((method.to_owned(), path.to_owned(), status)).or_default() += 1;
        counts.durations.entry((method.to_owned(), path.to_owned())).or_default().add(seconds);
        if let Some((name, kind)) = collection {
            counts.collections.entry((name.to_owned(), kind)).or_default().add(seconds);
        }
    }
}

/// A value between the quotes of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Everything, as Prometheus reads it.
pub(crate) fn render(app: &App) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# HELP app_info information about vectory\n# TYPE app_info gauge");
    let _ = writeln!(out, "app_info{{name=\"vectory\",version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(out, "# HELP app_uptime_seconds seconds since the start\n# TYPE app_uptime_seconds gauge");
    let _ = writeln!(out, "app_uptime_seconds {}", app.started.elapsed().as_secs());
    let names = app.registry.names();
    let _ = writeln!(out, "# HELP collections_total number of collections\n# TYPE collections_total gauge");
    let _ = writeln!(out, "collections_total {}", names.len());
    gauges(app, &names, &mut out);
    let (waiting, batches, texts) = app.batcher.counts();
    let _ = writeln!(
        out,
        "# HELP te_queue_size texts that wait to be encoded\n# TYPE te_queue_size gauge\nte_queue_size {waiting}"
    );
    let _ = writeln!(
        out,
        "# HELP te_batch_count batches that were encoded\n# TYPE te_batch_count counter\nte_batch_count {batches}"
    );
    let _ = writeln!(
        out,
        "# HELP te_batch_texts texts that were encoded\n# TYPE te_batch_texts counter\nte_batch_texts {texts}"
    );
    let running = app.jobs.all().iter().filter(|j| !j.has_ended()).count();
    let _ =
        writeln!(out, "# HELP jobs_running jobs that run or wait\n# TYPE jobs_running gauge\njobs_running {running}");
    let counts = app.metrics.0.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = writeln!(out, "# HELP rest_responses_total number of responses\n# TYPE rest_responses_total counter");
    for ((method, path, status), n) in &counts.responses {
        let _ = writeln!(
            out,
            "rest_responses_total{{method=\"{method}\",endpoint=\"{}\",status=\"{status}\"}} {n}",
            escaped(path)
        );
    }
    let name = "rest_responses_duration_seconds";
    let _ = writeln!(out, "# HELP {name} response duration\n# TYPE {name} histogram");
    for ((method, path), histogram) in &counts.durations {
        histogram.write(&mut out, name, &format!("method=\"{method}\",endpoint=\"{}\"", escaped(path)));
    }
    let name = "collection_requests_duration_seconds";
    let _ = writeln!(out, "# HELP {name} request duration by collection\n# TYPE {name} histogram");
    for ((collection, kind), histogram) in &counts.collections {
        histogram.write(&mut out, name, &format!("collection=\"{}\",kind=\"{kind}\"", escaped(collection)));
    }
    out
}

type Gauge = (&'static str, &'static str, fn(&vectory_space::Info, &vectory_space::LiveStatus) -> u64);

const GAUGES: [Gauge; 7] = [
    ("collection_points", "points that can be found", |i, _| i.documents),
    ("collection_dead_vectors", "vectors that are deleted but still on disk", |i, _| i.dead),
    ("collection_segments", "segments", |i, _| i.segments as u64),
    ("collection_disk_bytes", "bytes of all files", |i, _| i.bytes),
    ("collection_generation", "the newest commit", |i, _| i.generation),
    ("collection_waiting_changes", "changes that wait for a commit", |_, s| s.waiting),
    (
        "collection_merging_vectors",
        "vectors that a merge is rewriting",
        |_, s| if s.merging { s.merging_rows } else { 0 },
    ),
];

fn gauges(app: &App, names: &[String], out: &mut String) {
    let live: Vec<_> = names.iter().filter_map(|n| Some((n, app.registry.get(n).ok()?))).collect();
    let state: Vec<_> = live.iter().map(|(n, l)| (n, l.space().info(), l.status())).collect();
    for (name, help, value) in GAUGES {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (collection, info, status) in &state {
            let _ = writeln!(out, "{name}{{collection=\"{}\"}} {}", escaped(collection), value(info, status));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_are_cumulative() {
        let mut h = Histogram::default();
        [0.0004, 0.003, 0.003, 100.0].into_iter().for_each(|s| h.add(s));
        let mut out = String::new();
        h.write(&mut out, "x", "a=\"b\"");
        for line in [
            "x_bucket{a=\"b\",le=\"0.0005\"} 1",
            "x_bucket{a=\"b\",le=\"0.005\"} 3",
            "x_bucket{a=\"b\",le=\"60\"} 3",
            "x_bucket{a=\"b\",le=\"+Inf\"} 4",
            "x_count{a=\"b\"} 4",
        ] {
            assert!(out.contains(line), "{line} is missing in:\n{out}");
        }
        assert_eq!(escaped("a\"b\\c"), "a\\\"b\\\\c");
    }
}
