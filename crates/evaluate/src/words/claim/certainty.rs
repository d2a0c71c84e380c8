//! Claim 084: GloVe vectors come with an honest standard error.

use rand::RngExt;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::sparse::Csr;
use vectory_core::{Vectors, rng, simd, stats};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::words::WordVectors;
use vectory_learn::words::glove::certainty::{GloveCertainty, WordCertainty, cosine, simulate};
use vectory_learn::words::glove::{Glove, GloveParams, glove};

use super::{counted, unmet};

pub(crate) const GLOVE_V: Method = Method {
    id: "084",
    name: "GloVe-V (variance of GloVe vectors)",
    home: "inspect",
    kind: "method",
    command: "vectory similar M.safetensors A B [C] --glove FULL --counts COUNTS",
    claim: Some(Claim {
        statement: "The mean variance of a word's coordinates falls with its frequency; on data drawn from the model, its weights known, 95 % intervals of \
                    cosines cover; Monte-Carlo and delta method agree",
        threshold: "Spearman(variance, frequency) <= -0.8; coverage 90 to 98 %; deviations within 10 %",
        data: "words/corpus/wiki-en.txt.zst (8.3 M words) in place of text8, 20,000 words, 50 d; generated",
        run,
    }),
};

/// Words that are estimated, spread over the vocabulary.
const WORDS: usize = 400;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (_, counts) = counted(c, 20_000)?;
    let matrix = counts.matrix().map_err(ClaimError::failed)?;
    let params = GloveParams { dim: 50, epochs: 15, ..GloveParams::default() };
    let model = glove(matrix, &params, &Checkpoint::none(), &c.context).map_err(ClaimError::failed)?;
    let certainty = GloveCertainty::new(matrix, &model, &params).ok_or_else(|| ClaimError::failed("no contexts"))?;
    let (mut sure, mut variances, mut frequencies) = (Vec::new(), Vec::new(), Vec::new());
    for i in (0..matrix.rows()).step_by(matrix.rows() / WORDS) {
        c.context.check().map_err(ClaimError::failed)?;
        if let Some(word) = certainty.word(i).map_err(ClaimError::failed)? {
            variances.push((0..50).map(|k| word.covariance.at(k, k)).sum::<f64>() / 50.0);
            frequencies.push(counts.vocabulary.counts()[i] as f64);
            sure.push(word);
        }
    }
    let rho = stats::spearman(&variances, &frequencies).unwrap_or(f64::NAN);
    let apart = disagreement(&sure, c.context.seed)?;
    let covered = coverage(c.context.seed, Weights::Known)?;
    let leaning = coverage(c.context.seed, Weights::OfNoisyCounts)?;
    let (holds, missed) = unmet(&[
        ("variance falls with frequency", rho <= -0.8),
        ("coverage", (0.90..=0.98).contains(&covered)),
        ("Monte-Carlo and delta method", apart <= 0.1),
    ]);
    Ok(Outcome {
        measured: format!(
            "Spearman {rho:.3} over {} words ({} of them have no estimate); coverage {:.1} %, {:.1} % where weights come from noisy counts; median \
             disagreement {:.1} %",
            variances.len(),
            matrix.rows().div_ceil(matrix.rows() / WORDS) - variances.len(),
            100.0 * covered,
            100.0 * leaning,
            100.0 * apart
        ),
        holds,
        note: format!(
            "{missed}disagreement is the median over 30 pairs of |delta / Monte-Carlo − 1| with 2,000 draws; the method takes weights for known, \
             and GloVe takes them from the counts: where counts are small and noisy (7 on the average, 1.06 of noise in the logarithm), large ones weigh \
             more, the fit leans towards them, and its intervals are too short"
        ),
    })
}

/// The median disagreement of the two ways to the deviation of a cosine.
fn disagreement(words: &[WordCertainty], seed: u64) -> Result<f64, ClaimError> {
    let mut all = Vec::new();
    for pair in words.chunks_exact(2).take(30) {
        let delta = cosine(&pair[0], &pair[1]).deviation;
        let drawn =
            simulate(&[&pair[0], &pair[1]], 2000, seed, |v| cosine_of(&v[0], &v[1])).map_err(ClaimError::failed)?;
        all.push((delta / drawn.deviation - 1.0).abs());
    }
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().ok_or_else(|| ClaimError::failed("no word has an estimate"))
}

fn cosine_of(a: &[f64], b: &[f64]) -> f64 {
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(u, v)| u * v).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-300)
}

/// Where the weight of a pair comes from.
#[derive(Clone, Copy)]
enum Weights {
    /// All 1: what the fit takes for the weight is that of the noise.
    Known,
    /// GloVe's, of the count: of its mean in the noise, of what was drawn in the fit.
    OfNoisyCounts,
}

/// How often the 95 % interval of the cosine of two words holds the truth, on log counts drawn from the model: 400 pairs of words of
/// 10 dimensions and 150 contexts each.
fn coverage(seed: u64, weights: Weights) -> Result<f64, ClaimError> {
    const D: usize = 10;
    const CONTEXTS: usize = 150;
    const PAIRS: usize = 400;
    let mut r = rng::stream(seed, "claim.084");
    let mut normal = || (0..6).map(|_| r.random_range(-1.0..1.0)).sum::<f64>() / std::f64::consts::SQRT_2;
    let mut rows = |n: usize| {
        let mut v = Vectors::zeros(n, D);
        v.as_mut_slice().iter_mut().for_each(|x| *x = normal() as f32);
        v
    };
    let (contexts, truth) = (rows(CONTEXTS), rows(2 * PAIRS));
    let mut params = GloveParams { dim: D, ..GloveParams::default() };
    if let Weights::Known = weights {
        params.x_max = 1e-6;
    }
    let mut m = Csr::new(CONTEXTS);
    for i in 0..2 * PAIRS {
        let cell = |j: usize| {
            let mean = 2.0 + simd::dot(truth.row(i), contexts.row(j)) * 0.5;
            // The noise of a log count depends on its weight, which depends on the count: the model's own mean decides.
            let deviation = 0.4 / f64::from(params.weight(mean.exp())).sqrt();
            (j as u32, (f64::from(mean) + deviation * normal()).exp() as f32)
        };
        m.push_row((0..CONTEXTS).map(cell).collect::<Vec<_>>());
    }
    let mut half = contexts.clone();
    half.as_mut_slice().iter_mut().for_each(|v| *v *= 0.5);
    let model = Glove {
        vectors: WordVectors { words: truth.clone(), contexts: Some(half), losses: vec![] },
        biases: vec![2.0; 2 * PAIRS],
        context_biases: vec![0.0; CONTEXTS],
    };
    let certainty = GloveCertainty::new(m.view(), &model, &params).ok_or_else(|| ClaimError::failed("no contexts"))?;
    let mut covered = 0;
    for p in 0..PAIRS {
        let word =
            |i: usize| certainty.word(i).map_err(ClaimError::failed)?.ok_or_else(|| ClaimError::failed("no estimate"));
        let (low, high) = cosine(&word(2 * p)?, &word(2 * p + 1)?).interval();
        let wide = |i: usize| truth.row(i).iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
        let true_cosine = cosine_of(&wide(2 * p), &wide(2 * p + 1));
        covered += usize::from(low <= true_cosine && true_cosine <= high);
    }
    Ok(covered as f64 / PAIRS as f64)
}
