//! Claim 094: token matrices on disk, read ahead of time, answer like those in memory.

use std::path::PathBuf;

use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::repr::Multi;
use vectory_index::multivector::TokenCodec;
use vectory_index::multivector::disk::{DiskIndex, DiskParams, DiskSearch, DiskStats};

use super::tokens;

pub(crate) const ESPN: Method = Method {
    id: "094",
    name: "ESPN (embedding from storage pipelined network)",
    home: "serve",
    kind: "system",
    command: "vectory index TOKENS.npz --factory ESPN -o F; vectory search F QUERIES.npz --stats",
    claim: Some(Claim {
        statement: "With the token vectors of 23,700 documents on disk, reads that begin after 30 % of the lists fetch more than 90 % of \
                    what is needed, rank as memory does, keep a fifth of the bytes in memory or less, and answer well below reads on demand",
        threshold: "hit rate > 0.9 at delta/eta = 0.3; identical rankings; memory for vectors falls >= 5x; p50 latency with prefetch well \
                    below on-demand reads (read as: at most 0.8 of it), past the page cache",
        data: "retrieval/scifact, npl, cacm, cisi, cranfield, med",
        run,
    }),
};

const SETS: [&str; 6] = ["scifact", "npl", "cacm", "cisi", "cranfield", "med"];
/// Tokens of a document that are kept.
const TOKENS: usize = 64;
/// Queries of each set.
const QUERIES: usize = 30;
/// Threads that read: the queue depth.
const READERS: usize = 8;

/// A file that goes when the claim is done.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nothing is lost where it cannot be removed.
        let _ = fs_err::remove_file(&self.0);
    }
}

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (mut documents, mut queries) = (Vec::new(), Vec::new());
    for set in SETS {
        let bags = tokens::read(c, &format!("retrieval/{set}"), TOKENS, QUERIES)?;
        documents.push(bags.documents);
        queries.push(bags.queries);
    }
    let (documents, queries) = (tokens::join(documents)?, tokens::join(queries)?);
    let file = Temporary(std::env::temp_dir().join(format!("vectory-claim-094-{}.idx", std::process::id())));
    let params = DiskParams { codec: TokenCodec::Int8, lists: 0 };
    DiskIndex::build(documents.view(), &params, &c.context)
        .map_err(ClaimError::failed)?
        .save(&file.0)
        .map_err(ClaimError::failed)?;
    let (count, dim) = (documents.len(), documents.rows().dim());
    drop(documents);
    let index = DiskIndex::open(&file.0, READERS, true).map_err(ClaimError::failed)?;
    // All lists: with so few documents the first stage would otherwise be over before a read is.
    let ahead = DiskSearch { nprobe: usize::MAX, rerank: 64, ahead: 0.3, ..DiskSearch::default() };
    let demand = DiskSearch { ahead: 1.0, ..ahead };
    let same = compare(&index, &queries, &ahead)?;
    let (mut early, mut late) = (Vec::new(), Vec::new());
    let mut stats = DiskStats::default();
    for _ in 0..3 {
        let (times, s) = timed(&index, &queries, &ahead)?;
        early.push(times);
        stats.add(&s);
        late.push(timed(&index, &queries, &demand)?.0);
    }
    let (early, late) = (median(early.concat()), median(late.concat()));
    let factor = index.disk_bytes() as f64 / index.memory_bytes() as f64;
    let rate = stats.hit_rate();
    let direct = index.is_direct();
    Ok(Outcome {
        measured: format!(
            "hit rate {rate:.3}; {} rankings {}; tokens on disk {:.1} x the bytes in memory; p50 {:.2} ms with prefetch, {:.2} ms on demand \
             ({:.2}); {:.0} KiB read a query",
            queries.len(),
            if same { "identical" } else { "differ" },
            factor,
            1e3 * early,
            1e3 * late,
            early / late,
            stats.bytes as f64 / stats.queries as f64 / 1024.0
        ),
        holds: rate > 0.9 && same && factor >= 5.0 && early <= 0.8 * late && direct,
        note: format!(
            "{count} documents, first {TOKENS} tokens of {dim} values in 8 bits by `{}`; {} lists, all scanned, 64 candidates read by {READERS} \
             threads{}; what prefetching can hide is bounded by the time of the scan after its first 30 %",
            tokens::encoder(c)?.name(),
            index.lists(),
            if direct { ", past the page cache" } else { "; the system does not read past its page cache here" }
        ),
    })
}

fn compare(index: &DiskIndex, queries: &Multi, params: &DiskSearch) -> Result<bool, ClaimError> {
    for q in 0..queries.len() {
        let query = queries.view().item(q);
        let read = index.search(query, params).map_err(ClaimError::failed)?.hits;
        if read != index.search_mapped(query, params).map_err(ClaimError::failed)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn timed(index: &DiskIndex, queries: &Multi, params: &DiskSearch) -> Result<(Vec<f64>, DiskStats), ClaimError> {
    let (mut times, mut all) = (Vec::new(), DiskStats::default());
    for q in 0..queries.len() {
        let stats = index.search(queries.view().item(q), params).map_err(ClaimError::failed)?.stats;
        times.push(stats.seconds);
        all.add(&stats);
    }
    Ok((times, all))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
