//! How fast files are read: `cargo run --release -p vectory-io --example throughput -- FILE-OR-FOLDER…`
//!
//! Vector files are read in batches, everything else as documents. Prints rows or documents, seconds and rates.

use std::path::Path;
use std::time::Instant;

use vectory_io::documents::{Item, SkipReason, SourceParams, open as open_documents};
use vectory_io::vectors::{Batch, ReadOptions, open as open_vectors};

fn vectors(path: &Path) -> Result<(u64, u64), Box<dyn std::error::Error>> {
    let mut reader = open_vectors(path, &ReadOptions::default())?;
    let (mut batch, mut rows, mut values) = (Batch::default(), 0, 0);
    loop {
        let n = reader.read(&mut batch, 4096)?;
        if n == 0 {
            return Ok((rows, values * 4));
        }
        rows += n as u64;
        values += batch.values.len() as u64;
    }
}

fn documents(path: &Path) -> Result<(u64, u64), Box<dyn std::error::Error>> {
    let mut sources = open_documents(&[path.to_owned().into()], &SourceParams::default())?;
    let mut bytes = 0;
    for item in sources.by_ref() {
        match item? {
            Item::Document(d) => bytes += d.text.len() as u64,
            Item::Skipped(s) if !matches!(s.why, SkipReason::Binary | SkipReason::Empty) => {
                println!("skipped: {}", s.detail);
            }
            _ => {}
        }
    }
    println!("{:?}, {} MB from disk", sources.counts(), sources.bytes_read() / 1_000_000);
    Ok((sources.counts().documents, bytes))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for argument in std::env::args_os().skip(1) {
        let path = Path::new(&argument);
        let start = Instant::now();
        let is_vectors = path.is_file() && vectory_io::vectors::Format::detect(path).is_ok();
        let (items, bytes) = if is_vectors { vectors(path)? } else { documents(path)? };
        let seconds = start.elapsed().as_secs_f64();
        let (what, mb) = (if is_vectors { "rows" } else { "documents" }, bytes as f64 / 1e6);
        let rate = items as f64 / seconds;
        println!(
            "{}: {items} {what}, {mb:.1} MB in {seconds:.3} s: {rate:.0} {what}/s, {:.0} MB/s",
            path.display(),
            mb / seconds
        );
    }
    Ok(())
}
