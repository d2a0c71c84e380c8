//! Inspects a set of vectors and writes the report as a page: `cargo run --release --example report -- report.html [ROWS DIM]`.
//!
//! The vectors are made here, with faults that the report should find: a common direction, a decaying spectrum, an outlier
//! dimension, repeated rows and a few broken ones.

use rand::RngExt;
use vectory_core::{Context, Vectors, rng};
use vectory_inspect::{InspectParams, render, report};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize, default: usize| args.get(i).map_or(Ok(default), |a| a.parse());
    let vectors = faulty(number(1, 5000)?, number(2, 128)?);
    let start = std::time::Instant::now();
    let report = report(vectors.view(), &InspectParams::default(), &Context::new(1, 2)?)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{}\nmeasured in {seconds:.1} s", render::text(&report));
    if let Some(path) = args.first() {
        fs_err::write(path, render::html(&report))?;
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
