//! One form of vector file to another: `cargo run --release -p vectory-io --example convert -- vectors.txt.gz vectors.npy`

use std::path::Path;

use vectory_core::Context;
use vectory_io::vectors::{ConvertOptions, convert};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [from, to] = arguments.as_slice() else {
        return Err("expected two files: the one to read and the one to write".into());
    };
    let written = convert(Path::new(from), Path::new(to), &ConvertOptions::default(), &Context::new(0, 1)?)?;
    println!("{} rows of {} values; names: {:?}", written.rows, written.dim, written.names);
    Ok(())
}
