//! Claim 148: on a small corpus, weighted zeros beat ignored ones.

use vectory_core::Vectors;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::vocabulary::Tokenizer;
use vectory_learn::words::cooccurrence::{CooccurrenceParams, count};
use vectory_learn::words::glove::{GloveParams, glove};
use vectory_learn::words::ppmi::ppmi_values;
use vectory_learn::words::pu::{PuParams, pu};

use super::{Sets, WIKI, corpus, skip_gram, space, unmet};

pub(crate) const PU: Method = Method {
    id: "148",
    name: "PU-learning matrix factorisation (low-resource word vectors)",
    home: "words",
    kind: "method",
    command: "vectory learn pu TEXT… -o M.safetensors",
    claim: Some(Claim {
        statement: "On the first 5 MB, PU beats GloVe and skip-gram of the same window and dimension in the mean over WordSim-353, MEN and \
                    RareWords; performance over rho peaks strictly inside (0, 1)",
        threshold: "at least 2 points of mean Spearman × 100 above both; a rho inside beats the smallest and the largest tried",
        data: "first 5 MB of words/corpus/wiki-en.txt.zst in place of text8; words of 5 and more, window 15, 60 d",
        run,
    }),
};

const DIM: usize = 60;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let text = corpus(&c.data(WIKI)?, 5_000_000, usize::MAX, 5)?;
    let pairs = CooccurrenceParams { window: 15, ..CooccurrenceParams::default() };
    let counts = count(&text, Tokenizer::default(), &pairs, &c.context).map_err(ClaimError::failed)?;
    let (matrix, sets) = (counts.matrix().map_err(ClaimError::failed)?, Sets::open(c)?);
    let values = ppmi_values(matrix, 1.0, 1.0);
    let mean = |rows: Vectors| {
        let s = space(&counts.vocabulary, rows);
        let of = ["EN-WS-353-ALL", "EN-MEN-TR-3k", "EN-RW-STANFORD"].map(|set| sets.spearman(&s, set).map(|v| v.0));
        of.into_iter().sum::<Result<f64, _>>().map(|sum| sum / 3.0)
    };
    let mut by_rho = Vec::new();
    for rho in [1e-4f32, 3e-3, 1e-2, 5e-2, 1.0] {
        let params = PuParams { dim: DIM, sweeps: 4, rho, ..PuParams::default() };
        let learned = pu(matrix, &values, &params, &Checkpoint::none(), &c.context).map_err(ClaimError::failed)?;
        by_rho.push((rho, mean(learned.sum())?));
    }
    let plain = glove(
        matrix,
        &GloveParams { dim: DIM, epochs: 25, x_max: 10.0, ..GloveParams::default() },
        &Checkpoint::none(),
        &c.context,
    );
    let plain = mean(plain.map_err(ClaimError::failed)?.vectors.sum())?;
    let sampled = mean(skip_gram(&text, DIM, (15, 5), &c.context)?.0)?;
    // The tool's default, chosen before anything was measured.
    let ours = by_rho[2].1;
    let best = by_rho.iter().fold((0.0, f64::MIN), |b, r| if r.1 > b.1 { *r } else { b });
    let (holds, missed) = unmet(&[
        ("2 points above GloVe", ours - plain >= 0.02),
        ("2 points above skip-gram", ours - sampled >= 0.02),
        ("peak inside", best.0 > by_rho[0].0 && best.0 < 1.0),
    ]);
    let list: Vec<String> = by_rho.iter().map(|(rho, v)| format!("{rho}: {v:.3}")).collect();
    Ok(Outcome {
        measured: format!(
            "mean Spearman: PU (rho 0.01) {ours:.3}, GloVe {plain:.3}, skip-gram {sampled:.3}; over rho {}",
            list.join(", ")
        ),
        holds,
        note: format!("{missed}{} words; PU 4 sweeps, GloVe 25 passes, skip-gram 5", counts.vocabulary.len()),
    })
}
