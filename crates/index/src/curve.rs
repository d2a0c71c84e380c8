//! How quick is a search, and how much does it find?

use std::time::Instant;

use vectory_core::{Hit, VectorsRef};

use crate::search::{Search, SearchParams};

/// The speed of one setting.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Queries a second on one thread.
    pub qps: f64,
    /// Microseconds that 99 of 100 queries stay under.
    pub p99_us: f64,
}

/// Passes over the queries on this thread, one query at a time. For each query the quickest of its `repeat` times counts, so that
/// what else the machine does in one pass is not in the rate.
pub fn rate(search: &dyn Search, queries: VectorsRef<'_>, params: &SearchParams<'_>, repeat: usize) -> Rate {
    let mut times = vec![f64::INFINITY; queries.rows()];
    for _ in 0..repeat {
        let mut last = Instant::now();
        for (time, q) in times.iter_mut().zip(queries.iter()) {
            std::hint::black_box(search.search(q, params));
            let now = Instant::now();
            *time = time.min((now - last).as_secs_f64());
            last = now;
        }
    }
    let total: f64 = times.iter().sum();
    if repeat == 0 || times.is_empty() {
        return Rate { qps: 0.0, p99_us: 0.0 };
    }
    times.sort_by(f64::total_cmp);
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or(0.0);
    Rate { qps: queries.rows() as f64 / total.max(1e-12), p99_us: p99 * 1e6 }
}

/// The first of `settings` (from quick to thorough) whose recall reaches `target`, with that recall; else the last.
pub fn tune<'p>(
    search: &dyn Search,
    queries: VectorsRef<'_>,
    truth: &[Vec<Hit>],
    settings: &[SearchParams<'p>],
    target: f64,
) -> Option<(SearchParams<'p>, f64)> {
    let mut last = None;
    for params in settings {
        let found: Vec<Vec<Hit>> = queries.iter().map(|q| search.search(q, params)).collect();
        let recall = vectory_core::neighbors::recall(&found, truth, params.k);
        last = Some((*params, recall));
        if recall >= target {
            break;
        }
    }
    last
}
