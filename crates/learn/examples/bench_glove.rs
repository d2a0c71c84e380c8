//! GloVe's epochs a second beside a plain rendering of the reference program's inner loop (doubles, pairs in random order), one thread
//! each, on one file of counts: `bench_glove COUNTS.safetensors [DIM]`.

use std::path::Path;
use std::time::Instant;

use rand::seq::SliceRandom;
use vectory_core::{Context, rng};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::words::cooccurrence::Cooccurrences;
use vectory_learn::words::glove::{GloveParams, glove};

/// The reference's state: rows with their bias in the last place, and the sums of squares.
struct Twin {
    rows: Vec<f64>,
    squares: Vec<f64>,
    width: usize,
    words: usize,
}

impl Twin {
    fn new(words: usize, dim: usize) -> Self {
        let width = dim + 1;
        let rows = (0..2 * words * width)
            .map(|i| (rng::mix(i as u64) as f64 / u64::MAX as f64 - 0.5) / width as f64)
            .collect();
        Self { rows, squares: vec![1.0; 2 * words * width], width, words }
    }

    /// One pair, as the reference's threads take it (its check for NaN and its clipping included).
    fn step(&mut self, i: usize, j: usize, count: f64, p: (f64, f64, f64)) -> f64 {
        let (lr, x_max, alpha) = p;
        let (a, b, d) = (i * self.width, (self.words + j) * self.width, self.width - 1);
        let mut diff = 0.0;
        for k in 0..d {
            diff += self.rows[a + k] * self.rows[b + k];
        }
        diff += self.rows[a + d] + self.rows[b + d] - count.ln();
        let weighted = if count > x_max { diff } else { (count / x_max).powf(alpha) * diff };
        let slope = weighted * lr;
        for k in 0..d {
            let (x, y) = (self.rows[a + k], self.rows[b + k]);
            let (s, t) = ((slope * y).clamp(-100.0, 100.0), (slope * x).clamp(-100.0, 100.0));
            self.rows[a + k] = x - s / self.squares[a + k].sqrt();
            self.rows[b + k] = y - t / self.squares[b + k].sqrt();
            self.squares[a + k] += s * s;
            self.squares[b + k] += t * t;
        }
        for at in [a + d, b + d] {
            self.rows[at] -= slope / self.squares[at].sqrt();
            self.squares[at] += slope * slope;
        }
        0.5 * weighted * diff
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("bench_glove COUNTS.safetensors [DIM]")?;
    let dim = args.next().map_or(Ok(100), |d| d.parse())?;
    let counts = Cooccurrences::open(Path::new(&file))?;
    let m = counts.matrix()?;
    let mut pairs: Vec<(u32, u32, f64)> = Vec::with_capacity(m.entries());
    for i in 0..m.rows() {
        let row = m.row(i);
        pairs.extend(row.dims.iter().zip(row.weights).map(|(j, x)| (i as u32, *j, f64::from(*x))));
    }
    pairs.shuffle(&mut rng::stream(1, "bench"));
    println!("{} pairs of {} words, {dim} values", pairs.len(), m.rows());
    let mut twin = Twin::new(m.rows(), dim);
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for round in 0..3 {
        let start = Instant::now();
        let loss: f64 =
            pairs.iter().map(|(i, j, x)| twin.step(*i as usize, *j as usize, *x, (0.05, 100.0, 0.75))).sum();
        theirs.push(start.elapsed().as_secs_f64());
        // Three epochs less one: cutting the matrix into tiles is not the inner loop.
        let run = |epochs| -> Result<(f64, f64), Box<dyn std::error::Error>> {
            let start = Instant::now();
            let model = glove(
                m,
                &GloveParams { dim, epochs, ..GloveParams::default() },
                &Checkpoint::none(),
                &Context::new(1, 1)?,
            )?;
            Ok((start.elapsed().as_secs_f64(), model.vectors.losses[epochs - 1]))
        };
        let (one, (three, last)) = (run(1)?.0, run(3)?);
        ours.push((three - one) / 2.0);
        println!(
            "round {round}: twin {:.2} s (loss {:.4}), ours {:.2} s (loss after 3 epochs {last:.4}), cutting {:.2} s",
            theirs[round],
            loss / pairs.len() as f64,
            ours[round],
            one - ours[round]
        );
    }
    let median = |v: &mut Vec<f64>| {
        v.sort_by(f64::total_cmp);
        v[v.len() / 2]
    };
    let (a, b) = (median(&mut theirs), median(&mut ours));
    println!("medians: twin {a:.2} s, ours {b:.2} s, {:.1} times", a / b);
    Ok(())
}
