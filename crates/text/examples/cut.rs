//! Cuts a document into passages and shows where: `cut FILE [--words 256] [--overlap 32]`. The form is told from the file's
//! name. On stderr: how many sentences and passages, and how long the cutting took.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use vectory_text::{PassageParams, TextFormat, passages, sentences};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let file = args.first().ok_or("usage: cut FILE [--words 256] [--overlap 32]")?;
    let option = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let mut params = PassageParams::default();
    if let Some(words) = option("--words") {
        params.max_words = words.parse()?;
    }
    if let Some(overlap) = option("--overlap") {
        params.overlap_words = overlap.parse()?;
    }
    params.check()?;
    let text = fs_err::read_to_string(file)?;
    let format = TextFormat::from_path(Path::new(file)).unwrap_or_default();
    let start = Instant::now();
    let found = sentences(&text).len();
    eprintln!("{found} sentences in {:?}", start.elapsed());
    let start = Instant::now();
    let cut = passages(&text, format, &params);
    eprintln!("{} passages ({format:?}) in {:?}", cut.len(), start.elapsed());
    let mut out = std::io::stdout().lock();
    for p in cut {
        let begin = &text[p.range.start..text.floor_char_boundary((p.range.start + 60).min(p.range.end))];
        writeln!(out, "{:>8}..{:<8} [{}] {}…", p.range.start, p.range.end, p.heading, begin.replace('\n', " "))?;
    }
    Ok(())
}
