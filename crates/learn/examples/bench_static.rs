//! How many sentences a second a static encoder makes on one thread.
//!
//! `cargo run --release -p vectory-learn --example bench_static -- MODEL [TEXT]`: MODEL is a static encoder's file, a
//! model2vec folder, or a tokenizer.json (random rows of 256 values); TEXT has a sentence a line (stdin by default).
//! Prints one JSON line; the rates are the best of five passes, by the thread's time on the CPU where the system tells it (a
//! busy machine then says the same as an idle one), else by the clock.

use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use vectory_core::{Context, Encode, Vectors};
use vectory_learn::statics::{StaticEncoder, StaticParams};
use vectory_text::WordPiece;

fn open(path: &Path) -> Result<StaticEncoder, Box<dyn Error>> {
    if path.extension().is_none_or(|e| e != "json") {
        return Ok(StaticEncoder::load(path)?);
    }
    let words = WordPiece::from_tokenizer_json(path)?;
    let values: Vec<f32> = (0..words.vocab().len() as u64 * 256)
        .map(|i| (vectory_core::rng::mix(i) >> 40) as f32 / (1 << 24) as f32 - 0.5)
        .collect();
    let params = StaticParams { name: "random".into(), tokenizer: words.params().clone() };
    Ok(StaticEncoder::from_rows(words.vocab().to_vec(), &Vectors::from_slice(&values, 256)?, params)?)
}

/// Time that this thread ran.
fn now(since: Instant) -> Duration {
    let told = fs_err::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = told.and_then(|t| t.split(' ').next()?.parse().ok());
    ran.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// The shortest of five passes, in seconds.
fn best(mut pass: impl FnMut()) -> f64 {
    let since = Instant::now();
    let time = |()| {
        let start = now(since);
        pass();
        (now(since) - start).as_secs_f64()
    };
    [(); 5].into_iter().map(time).fold(f64::MAX, f64::min)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let model = args.first().ok_or("usage: bench_static MODEL [TEXT]")?;
    let text = match args.get(1) {
        Some(path) => fs_err::read_to_string(path)?,
        None => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
    };
    let start = Instant::now();
    let encoder = open(Path::new(model))?;
    let load = start.elapsed().as_secs_f64();
    let texts: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    let mut pieces = 0;
    let start = Instant::now();
    encoder.tokenizer().encode_each(texts.iter().copied(), &mut |ids| pieces += ids.len());
    let first = start.elapsed().as_secs_f64();
    let tokenize = best(|| encoder.tokenizer().encode_each(texts.iter().copied(), &mut |_| {}));
    let ctx = Context::new(1, 1)?;
    let encode = best(|| {
        let _ = std::hint::black_box(encoder.encode(&texts, &ctx));
    });
    let bytes: usize = texts.iter().map(|t| t.len()).sum();
    println!(
        "{}",
        serde_json::json!({
            "lib": "vectory", "threads": 1, "n": texts.len(), "pieces": pieces, "bytes": bytes, "dim": encoder.dim(), "load_s": load,
            "sent_s": (texts.len() as f64 / encode).round(), "tokenize_first_mb_s": bytes as f64 / first / 1e6,
            "tokenize_mb_s": bytes as f64 / tokenize / 1e6,
        })
    );
    Ok(())
}
