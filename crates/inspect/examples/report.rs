//! Inspects vectors and writes the report as a page: `cargo run --release --example report -- report.html [V.npy]`.
//!
//! Without a file of vectors, 5,000 are made here, with faults that the report should find: a common direction, a decaying
//! spectrum, an outlier dimension, repeated rows and two broken ones. `ROWSxDIM` in place of a file makes as many.

use std::path::Path;

use rand::RngExt;
use vectory_core::{Context, Vectors, rng};
use vectory_inspect::{InspectParams, html, report, text};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let page = args.next();
    let what = args.next().unwrap_or_else(|| "5000x128".into());
    let vectors = match what.split_once('x').map(|(r, d)| (r.parse(), d.parse())) {
        Some((Ok(rows), Ok(dim))) => faulty(rows, dim),
        _ => vectory_io::vectors::read_all(Path::new(&what))?.rows,
    };
    let start = std::time::Instant::now();
    let report = report(vectors.view(), &InspectParams::default(), &Context::new(1, 2)?)?;
    println!("{}\nmeasured in {:.1} s", text(&report), start.elapsed().as_secs_f64());
    if let Some(path) = page {
        fs_err::write(path, html(&report))?;
    }
    Ok(())
}

fn faulty(rows: usize, dim: usize) -> Vectors {
    let mut v = Vectors::zeros(rows, dim);
    let mut rng = rng::stream(1, "example");
    for i in 0..rows {
        let row = v.row_mut(i);
        for (j, x) in row.iter_mut().enumerate() {
            // A sum of uniform values is nearly normal.
            let normal = (0..6).map(|_| rng.random::<f32>()).sum::<f32>() - 3.0;
            *x = normal / (1.0 + j as f32).powf(0.4) + 0.2;
        }
        row[dim / 3] -= 4.0;
    }
    for i in (100..rows).step_by(200) {
        let earlier = v.row(i - 1).to_vec();
        v.row_mut(i).copy_from_slice(&earlier);
    }
    v.row_mut(7).fill(0.0);
    v.row_mut(8)[3] = f32::NAN;
    v
}
