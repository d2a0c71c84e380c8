//! How fast codes are scanned, against the memory that they take: `bench_scan [--rows 1000000] [--dim 128] CODEC…`.
//! One JSON line a codec: bytes of the primary records read a second by one thread, rows a second. Rows are random bytes of
//! codes: a scan does not depend on what they say.

use std::time::Instant;

use rand::{Rng, RngExt};
use vectory_compress::{Codec, CodesRef, Spec};
use vectory_core::{Context, Metric, Vectors, rng};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str, default: usize| {
        args.windows(2).find(|w| w[0] == name).and_then(|w| w[1].parse().ok()).unwrap_or(default)
    };
    let (rows, dim) = (value("--rows", 1_000_000), value("--dim", 128));
    let ctx = Context::new(1, 1)?;
    let mut r = rng::stream(1, "bench");
    let mut sample = Vectors::zeros(2000, dim);
    sample.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
    let skip = |i: usize| args[i].starts_with("--") || (i > 0 && args[i - 1].starts_with("--"));
    for (_, name) in args.iter().enumerate().filter(|(i, _)| !skip(*i)) {
        let codec = name.parse::<Spec>()?.fit(sample.view(), Metric::Dot, &ctx)?;
        let (primary, secondary) = codec.layout().bytes(rows);
        let mut bytes = vec![0u8; primary];
        r.fill_bytes(&mut bytes);
        let second = vec![0u8; secondary];
        let codes = CodesRef::new(codec.layout(), rows, &bytes, &second)?;
        let query = codec.query(sample.row(0));
        let mut out = vec![0.0f32; 512];
        let mut best = f64::INFINITY;
        for _ in 0..5 {
            let start = Instant::now();
            for at in (0..rows).step_by(512) {
                let n = 512.min(rows - at);
                codec.block(&query, codes, at, &mut out[..n]);
                std::hint::black_box(&out);
            }
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!(
            "{}",
            serde_json::json!({"codec": name, "bytes_per_row": codec.layout().primary, "gb_per_s": primary as f64 / best / 1e9,
                "million_rows_per_s": rows as f64 / best / 1e6})
        );
    }
    Ok(())
}
