//! Claim 029: squared norms alone hold as much as GloVe's vectors and biases, and the model's assumptions can be seen.

use rand::RngExt;
use rand::seq::SliceRandom;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Vectors, rng, simd, stats};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::words::glove::{GloveParams, glove};
use vectory_learn::words::squared_norm::{SquaredNormParams, squared_norm};

use super::{Sets, counted, space, unmet};

pub(crate) const RAND_WALK: Method = Method {
    id: "029",
    name: "RAND-WALK / Squared Norm (SN) objective; isotropy checks",
    home: "words",
    kind: "theory",
    command: "vectory learn sn TEXT… -o M.safetensors",
    claim: Some(Claim {
        statement: "SN answers as many analogies as GloVe from the same counts, its squared norms follow log frequency, and the partition \
                    function is nearly constant, unlike that of shuffled controls",
        threshold: "analogies within 5 points of GloVe; r(|v|², log frequency) >= 0.7; relative deviation of Z_c < 0.1 for SN and GloVe and \
                    larger for vectors whose coordinates were shuffled",
        data: "words/corpus/wiki-en.txt.zst (8.3 M words) in place of text8; 20,000 words, 100 d",
        run,
    }),
};

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ((_, counts), sets) = (counted(c, 20_000)?, Sets::open(c)?);
    let matrix = counts.matrix().map_err(ClaimError::failed)?;
    let sn = squared_norm(
        matrix,
        &SquaredNormParams { epochs: 20, ..SquaredNormParams::default() },
        &Checkpoint::none(),
        &c.context,
    )
    .map_err(ClaimError::failed)?
    .words;
    let plain = glove(matrix, &GloveParams { epochs: 20, ..GloveParams::default() }, &Checkpoint::none(), &c.context)
        .map_err(ClaimError::failed)?;
    let plain = plain.vectors.sum();
    let solved =
        |rows: &Vectors| Ok::<_, ClaimError>(sets.analogies(&space(&counts.vocabulary, rows.clone()))?.all.share());
    let (ours, theirs) = (solved(&sn)?, solved(&plain)?);
    let norms: Vec<f64> = sn.iter().map(|v| f64::from(simd::dot(v, v))).collect();
    let logs: Vec<f64> = counts.vocabulary.counts().iter().map(|n| (*n as f64).ln()).collect();
    let r = stats::pearson(&norms, &logs).unwrap_or(f64::NAN);
    let z = [&sn, &plain].map(|rows| spread(rows, c.context.seed));
    let control = [&sn, &plain].map(|rows| spread(&shuffled(rows, c.context.seed), c.context.seed));
    let (holds, missed) = unmet(&[
        ("analogies", theirs - ours <= 0.05),
        ("norms", r >= 0.7),
        ("partition function", z[0] < 0.1 && z[1] < 0.1),
        ("controls", control[0] > z[0] && control[1] > z[1]),
    ]);
    Ok(Outcome {
        measured: format!(
            "analogies: SN {:.1} %, GloVe {:.1} %; r {r:.3}; deviation of Z_c: SN {:.4} (shuffled {:.4}), GloVe {:.4} (shuffled {:.4})",
            100.0 * ours,
            100.0 * theirs,
            z[0],
            control[0],
            z[1],
            control[1]
        ),
        holds,
        note: format!(
            "{missed}Z_c over 200 random directions, on vectors scaled to the model's typical length (mean squared norm = d); controls: each \
             row's coordinates shuffled on their own"
        ),
    })
}

/// The relative deviation of Z_c = Σ exp(v · c) over random unit directions c, for the model's scale: vectors of mean squared norm d have
/// products of about 1 with unit directions.
fn spread(rows: &Vectors, seed: u64) -> f64 {
    let (d, n) = (rows.dim(), rows.rows() as f64);
    let mean = rows.iter().map(|v| f64::from(simd::dot(v, v))).sum::<f64>() / n;
    let scale = (d as f64 / mean).sqrt();
    let mut r = rng::stream(seed, "claim.029");
    let z: Vec<f64> = (0..200)
        .map(|_| {
            let mut c: Vec<f32> = (0..d).map(|_| r.random_range(-1.0f32..1.0) + r.random_range(-1.0f32..1.0)).collect();
            vectory_core::vectors::normalize(&mut c);
            // Exponents stay small at this scale: f64 sums them safely.
            rows.iter().map(|v| (scale * f64::from(simd::dot(v, &c))).exp()).sum::<f64>()
        })
        .collect();
    let mean = z.iter().sum::<f64>() / z.len() as f64;
    (z.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / z.len() as f64).sqrt() / mean
}

fn shuffled(rows: &Vectors, seed: u64) -> Vectors {
    let mut out = rows.clone();
    for i in 0..out.rows() {
        out.row_mut(i).shuffle(&mut rng::item(seed, "claim.029", i as u64));
    }
    out
}
