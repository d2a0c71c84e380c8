//! What becomes of a text in the words view: one line of terms for every line of stdin.
//!
//! `terms [--language en|de|…|auto] [--no-stem] [--no-stop-words] [--fold] [--identifiers]`. On stderr: the language and how
//! fast the terms were made, by the thread's time on the CPU where the system tells it.

use std::error::Error;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use vectory_text::{Analyzer, AnalyzerParams, Language};

fn now(since: Instant) -> Duration {
    let told = fs_err::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = told.and_then(|t| t.split(' ').next()?.parse().ok());
    ran.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let language = args.iter().position(|a| a == "--language").and_then(|i| args.get(i + 1));
    let params = AnalyzerParams {
        language: language.map_or(Ok(Language::Auto), |l| l.parse())?,
        stem: !has("--no-stem"),
        stop_words: !has("--no-stop-words"),
        fold_diacritics: has("--fold"),
        split_identifiers: has("--identifiers"),
    };
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let analyzer = Analyzer::new(params.resolve(text.lines().take(1000)));
    let clock = Instant::now();
    let mut rates = Vec::new();
    let mut count = 0u64;
    for _ in 0..3 {
        let start = now(clock);
        text.lines().for_each(|line| analyzer.terms(line, &mut |_: &str| count += 1));
        rates.push(text.len() as f64 / (now(clock) - start).as_secs_f64() / 1e6);
    }
    eprintln!(
        "{}: {} terms; first pass {:.0} MB/s, third {:.0} MB/s",
        analyzer.params().language,
        count / 3,
        rates[0],
        rates[2]
    );
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in text.lines() {
        let mut space = "";
        let mut done = Ok(());
        analyzer.terms(line, &mut |term: &str| {
            done = write!(out, "{space}{term}");
            space = " ";
        });
        done?;
        writeln!(out)?;
    }
    Ok(())
}
