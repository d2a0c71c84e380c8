//! How many texts a second a sentence encoder reads: `encode_speed FOLDER TEXTS [single|half] [threads]` (a text a line).

use std::path::Path;

use vectory_core::{Context, Encode};
use vectory_neural::bert::{Bert, Precision};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, texts, rest @ ..] = args.as_slice() else {
        return Err("usage: encode_speed FOLDER TEXTS [single|half] [threads]".into());
    };
    let precision = if rest.first().is_some_and(|p| p == "half") { Precision::Half } else { Precision::Single };
    let threads = rest.get(1).map_or(Ok(0), |t| t.parse())?;
    let encoder = Bert::load(Path::new(folder), precision)?;
    let ctx = Context::new(1, threads)?;
    let text = fs_err::read_to_string(texts)?;
    let lines: Vec<&str> = text.lines().collect();
    let start = std::time::Instant::now();
    let rows = encoder.encode(&lines, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{{\"texts\":{},\"seconds\":{seconds:.3},\"texts_per_second\":{:.1}}}",
        rows.rows(),
        rows.rows() as f64 / seconds
    );
    Ok(())
}
