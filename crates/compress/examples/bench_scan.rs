//! How fast codes are scanned, against the memory that they take: `bench_scan [--rows 1000000] [--dim 128] [--queries 1] CODEC…`.
//! One JSON line a codec: bytes of the primary records that one thread scores a second (keeping the best ten), rows a second, and
//! the rate at which the same thread reads the same bytes and does nothing with them, measured in turn; the best of five; also rows a
//! second that are scored by their numbers, one of sixteen. Rows
//! are the codes of 2,000 random rows, again and again. With more queries, each block of rows meets all of them. (Bytes, error and
//! recall: `vectory compress`.)

use std::time::Instant;

use rand::RngExt;
use vectory_compress::{Codec, CodesRef, Spec};
use vectory_core::{Context, Metric, TopK, Vectors, rng};

/// Rows that meet all queries while they are in the cache.
const BLOCK: usize = 4096;
/// One row of so many is scored by its number, as a filter leaves them.
const SPARSE: u64 = 16;
/// Seconds that a measurement takes at least: the scheduler's clock ticks every four milliseconds.
const LONG: f64 = 0.12;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| args.windows(2).find(|w| w[0] == name).map(|w| w[1].clone());
    let value = |name: &str, default: usize| option(name).and_then(|v| v.parse().ok()).unwrap_or(default);
    let skip = |i: usize| args[i].starts_with("--") || (i > 0 && args[i - 1].starts_with("--"));
    let named: Vec<&String> = args.iter().enumerate().filter(|(i, _)| !skip(*i)).map(|(_, a)| a).collect();
    let (rows, dim, queries) = (value("--rows", 1_000_000), value("--dim", 128), value("--queries", 1).max(1));
    let ctx = Context::new(1, 1)?;
    let mut r = rng::stream(1, "bench");
    let mut draw = |n: usize| {
        let mut rows = Vectors::zeros(n, dim);
        rows.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
        rows
    };
    let (sample, asked) = (draw(2000), draw(64));
    for name in named {
        let codec = name.parse::<Spec>()?.fit(sample.view(), Metric::Dot, &ctx)?;
        let (primary, secondary) = codec.layout().bytes(rows);
        let (mut bytes, second) = (vec![0u8; primary], vec![0u8; secondary]);
        let few = codec.encode(sample.view(), &ctx)?;
        let few = few.view().primary();
        bytes.chunks_mut(few.len()).for_each(|part| part.copy_from_slice(&few[..part.len()]));
        let codes = CodesRef::new(codec.layout(), rows, &bytes, &second)?;
        let ready: Vec<_> = (0..queries).map(|q| codec.query(asked.row(q % asked.rows()))).collect();
        let ids: Vec<u32> = (0..rows as u32).filter(|i| rng::mix(u64::from(*i)).is_multiple_of(SPARSE)).collect();
        let mut out = vec![0.0f32; 512];
        let (mut scan, mut some, mut read) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
        for _ in 0..5 {
            scan = scan.min(seconds(|| {
                let mut best = vec![TopK::new(10); queries];
                for at in (0..rows).step_by(BLOCK) {
                    for (query, best) in ready.iter().zip(&mut best) {
                        codec.above(query, codes, at..rows.min(at + BLOCK), best.threshold(), &mut |id, score| {
                            best.push(id, score);
                            best.threshold()
                        });
                    }
                }
                std::hint::black_box(best);
            }));
            some = some.min(seconds(|| {
                for chunk in ids.chunks(out.len()) {
                    codec.scores(&ready[0], codes, chunk, &mut out[..chunk.len()]);
                }
            }));
            read = read.min(seconds(|| _ = std::hint::black_box(sum(&bytes))));
        }
        let rate = |s: f64| primary as f64 / s / 1e9;
        println!(
            "{}",
            serde_json::json!({"codec": name, "bytes_per_row": codec.layout().primary, "gb_per_s": rate(scan), "read_gb_per_s": rate(read),
                "of_read": rate(scan) / rate(read), "queries": queries, "million_rows_per_s": (rows * queries) as f64 / scan / 1e6,
                "million_by_id_per_s": ids.len() as f64 / some / 1e6})
        );
    }
    Ok(())
}

/// All words added up, in eight chains.
fn sum(bytes: &[u8]) -> u64 {
    let mut sums = [0u64; 8];
    for line in bytes.as_chunks::<64>().0 {
        for (sum, word) in sums.iter_mut().zip(line.as_chunks::<8>().0) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*word));
        }
    }
    sums.iter().fold(0, |a, b| a.wrapping_add(*b))
}

/// Processor seconds of one pass: of as many as take long enough to be measured. (Wall time where the system does not say.)
fn seconds(mut pass: impl FnMut()) -> f64 {
    let ran = || -> Option<f64> {
        let text = fs_err::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
    };
    let (start, before, mut passes) = (Instant::now(), ran(), 0);
    loop {
        pass();
        passes += 1;
        let took = match (before, ran()) {
            (Some(a), Some(b)) => b - a,
            _ => start.elapsed().as_secs_f64(),
        };
        if took >= LONG || start.elapsed().as_secs_f64() > 20.0 * LONG {
            return took.max(1e-9) / f64::from(passes);
        }
    }
}
