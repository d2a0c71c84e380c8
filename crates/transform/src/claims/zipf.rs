//! Claim 121: whitening by word frequency makes better sentence vectors than whitening as if words were equally frequent.

use vectory_core::linalg::weighted_covariance;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::stats::{pearson, spearman};
use vectory_core::{Context, Vectors};
use vectory_linalg::eigen_symmetric;

use crate::Side;
use crate::claim_data::{Pairs, Words, applied, fitted, glove, refs, sts, sts_score};

pub(super) const METHOD: Method = Method {
    id: "121",
    name: "Zipfian whitening",
    home: "transform",
    kind: "method",
    command: "vectory transform words.vec --with whiten:zipf --weights counts.tsv -o OUT",
    claim: Some(Claim {
        statement: "Sentence vectors from Zipfian-whitened word vectors follow people's scores better than from uniformly whitened or \
                    raw ones, and symmetry under the word frequencies predicts that better than uniform symmetry",
        threshold: "STS-B test Spearman: Zipfian >= uniform + 2 and >= raw + 5 points; Spearman of Sym2 with the score over transforms \
                    higher under frequencies than uniform",
        data: "ann/glove100-50k, words/corpus/wiki-en (counts), sentences/sts/STSBenchmark",
        run,
    }),
};

/// The transforms that are compared; the first three are the claim's.
const CHAINS: [&str; 7] = ["raw", "whiten", "whiten:zipf", "center", "center:zipf", "abtt:3", "abtt:3,weights=zipf"];

struct Row {
    sts: f64,
    uniform: f64,
    zipf: f64,
}

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let words = glove(c)?;
    let counts = words.counts(c)?;
    let known: Vec<usize> = (0..counts.len()).filter(|i| counts[*i] > 0.0).collect();
    let weights: Vec<f64> = known.iter().map(|i| counts[*i]).collect();
    let rows = words.rows.picked(known.iter().copied());
    let pairs = sts(c, "sts-test.csv")?;
    let side = Side { weights: Some(&weights), ..Side::default() };
    let mut table = Vec::with_capacity(CHAINS.len());
    let mut information = 0.0;
    for chain in CHAINS {
        let (seen, all) = if chain == "raw" {
            (rows.clone(), words.rows.clone())
        } else {
            let chain = fitted(chain, &rows, &side, &c.context)?;
            (applied(&chain, &rows, &c.context)?, applied(&chain, &words.rows, &c.context)?)
        };
        if chain == "whiten:zipf" {
            information = length_and_information(&seen, &weights);
        }
        let ones = vec![1.0; weights.len()];
        table.push(Row {
            sts: score(&words, &all, &pairs),
            uniform: symmetry(&seen, &ones, &c.context)?,
            zipf: symmetry(&seen, &weights, &c.context)?,
        });
    }
    Ok(outcome(&table, information, known.len()))
}

fn outcome(table: &[Row], information: f64, known: usize) -> Outcome {
    let column = |f: fn(&Row) -> f64| table.iter().map(f).collect::<Vec<_>>();
    let scores = column(|r| r.sts);
    let agreement = |v: &[f64]| spearman(v, &scores).unwrap_or(0.0);
    let (by_zipf, by_uniform) = (agreement(&column(|r| r.zipf)), agreement(&column(|r| r.uniform)));
    let (raw, uniform, zipf) = (scores[0], scores[1], scores[2]);
    let listed: Vec<String> = CHAINS.iter().zip(&scores).map(|(c, s)| format!("{c} {s:.1}")).collect();
    Outcome {
        measured: format!(
            "STS-B test: {}; Spearman of Sym2 with it: {by_zipf:.2} under frequencies, {by_uniform:.2} uniform",
            listed.join(", ")
        ),
        holds: zipf >= uniform + 2.0 && zipf >= raw + 5.0 && by_zipf > by_uniform,
        note: format!(
            "GloVe 100 d, {known} words with a count in 8.3 M tokens of Wikipedia (the card names 300 d and larger counts); correlation of \
             squared length after Zipfian whitening with -log p: {information:.2}"
        ),
    }
}

fn score(words: &Words, rows: &Vectors, pairs: &Pairs) -> f64 {
    let (a, b) = (words.means(rows, &refs(&pairs.first)), words.means(rows, &refs(&pairs.second)));
    sts_score(&a, &b, &pairs.scores)
}

/// Normalised entropy of the eigenvalues of the weighted covariance: 1 when all directions vary equally.
fn symmetry(rows: &Vectors, weights: &[f64], ctx: &Context) -> Result<f64, ClaimError> {
    let (_, spread) = weighted_covariance(rows.view(), weights, ctx).map_err(ClaimError::failed)?;
    let values = eigen_symmetric(&spread).map_err(ClaimError::failed)?.values;
    let sum: f64 = values.iter().map(|v| v.max(0.0)).sum();
    let entropy: f64 = values.iter().map(|v| v.max(0.0) / sum).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
    Ok(entropy / (values.len() as f64).ln())
}

fn length_and_information(rows: &Vectors, weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let lengths: Vec<f64> = rows.iter().map(|r| r.iter().map(|v| f64::from(*v).powi(2)).sum()).collect();
    let information: Vec<f64> = weights.iter().map(|w| -(w / sum).ln()).collect();
    pearson(&lengths, &information).unwrap_or(0.0)
}
