//! Predicting labels.

use rayon::prelude::*;
use serde::Serialize;
use vectory_core::vectors::normalize;
use vectory_core::{Cancelled, Context, Encode, EncodeError, Metric, Vectors, hash, simd};
use vectory_io::fasttext::Loss;

use super::features::Features;
use super::{ClassifierParams, Labelled};
use crate::embedding::Table;
use crate::sampling::{Huffman, softmax};
use crate::vocabulary::{Tokenizer, Vocabulary};

/// A text classifier, ours or fastText's. Shared by threads; as an encoder it gives the mean of a text's rows.
#[derive(Debug)]
pub struct Classifier {
    pub(super) features: Features,
    pub(super) labels: Vocabulary,
    pub(super) input: Table,
    pub(super) output: Table,
    pub(super) loss: Loss,
    pub(super) tokenizer: Tokenizer,
    pub(super) params: ClassifierParams,
    pub(super) provenance: serde_json::Value,
}

/// A label and how likely it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// The label, without `__label__`.
    pub label: String,
    /// Its probability.
    pub probability: f32,
}

/// How well labels are predicted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Texts with labels.
    pub texts: usize,
    /// Share of predicted labels that are right.
    pub precision: f64,
    /// Share of right labels that are predicted.
    pub recall: f64,
    /// Of each label: its name, how often it is right, precision, recall, F1 of the best prediction.
    pub labels: Vec<(String, usize, f64, f64, f64)>,
}

impl Classifier {
    /// The labels, most frequent first.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = &str> {
        self.labels.words()
    }

    /// How texts become words.
    #[must_use]
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// Where it comes from.
    #[must_use]
    pub fn provenance(&self) -> &serde_json::Value {
        &self.provenance
    }

    /// The mean of a text's rows; `text` has its words between blanks.
    fn hidden(&self, text: &str, rows: &mut Vec<u32>, out: &mut [f32]) {
        self.features.rows(text, rows);
        out.fill(0.0);
        let share = 1.0 / rows.len().max(1) as f32;
        rows.iter().for_each(|row| self.input.add(*row as usize, share, out));
    }

    /// The `k` likeliest labels of each text, the likeliest first; texts may carry labels, which are not looked at.
    ///
    /// # Errors
    /// [`Cancelled`] when interrupted.
    pub fn predict(&self, texts: &[Labelled], k: usize, ctx: &Context) -> Result<Vec<Vec<Prediction>>, Cancelled> {
        let dense = self.dense_output();
        let tree = (self.loss == Loss::Hierarchical).then(|| Huffman::new(self.labels.counts()));
        let one = |(rows, hidden): &mut (Vec<u32>, Vec<f32>), text: &Labelled| -> Result<Vec<Prediction>, Cancelled> {
            ctx.check()?;
            self.hidden(&text.text, rows, hidden);
            let scores = self.probabilities(hidden, &dense, tree.as_ref());
            let mut order: Vec<usize> = (0..scores.len()).collect();
            order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
            let prediction =
                |i: usize| Prediction { label: self.labels.word(i as u32).to_owned(), probability: scores[i] };
            Ok(order.into_iter().take(k).map(prediction).collect())
        };
        let scratch = || (Vec::new(), vec![0.0; self.input.dim()]);
        ctx.pool().install(|| texts.par_iter().with_min_len(16).map_init(scratch, one).collect())
    }

    fn dense_output(&self) -> Vectors {
        let mut out = Vectors::zeros(self.output.rows(), self.output.dim());
        (0..self.output.rows()).for_each(|i| self.output.add(i, 1.0, out.row_mut(i)));
        out
    }

    fn probabilities(&self, hidden: &[f32], output: &Vectors, tree: Option<&Huffman>) -> Vec<f32> {
        let mut scores = vec![0.0; output.rows()];
        simd::rows(simd::Op::Dot, hidden, output.as_slice(), &mut scores);
        match (self.loss, tree) {
            (Loss::Hierarchical, Some(tree)) => {
                let turn = |(node, code): (&u32, &f32)| {
                    let p = logistic(scores[*node as usize]);
                    if *code > 0.5 { p } else { 1.0 - p }
                };
                let path = |label: u32| {
                    let (nodes, codes) = tree.path(label);
                    nodes.iter().zip(codes).map(turn).product::<f32>()
                };
                (0..self.labels.len() as u32).map(path).collect()
            }
            (Loss::Negative | Loss::OneVsAll, _) => scores.into_iter().map(logistic).collect(),
            _ => {
                softmax(&mut scores);
                scores
            }
        }
    }

    /// Precision and recall of the `k` likeliest labels of texts that carry theirs.
    ///
    /// # Errors
    /// [`Cancelled`] when interrupted.
    pub fn test(&self, texts: &[Labelled], k: usize, ctx: &Context) -> Result<Evaluation, Cancelled> {
        let predicted = self.predict(texts, k, ctx)?;
        let (mut right, mut given, mut asked, mut n) = (0usize, 0usize, 0usize, 0usize);
        let mut per: Vec<(usize, usize, usize)> = vec![(0, 0, 0); self.labels.len()];
        for (text, predictions) in texts.iter().zip(&predicted).filter(|(t, _)| !t.labels.is_empty()) {
            n += 1;
            given += predictions.len();
            asked += text.labels.len();
            right += predictions.iter().filter(|p| text.labels.contains(&p.label)).count();
            for l in text.labels.iter().filter_map(|l| self.labels.id(l)) {
                per[l as usize].0 += 1;
            }
            if let Some(best) = predictions.first().and_then(|p| self.labels.id(&p.label).map(|id| (id, p))) {
                per[best.0 as usize].1 += 1;
                per[best.0 as usize].2 += usize::from(text.labels.contains(&best.1.label));
            }
        }
        let share = |a: usize, b: usize| a as f64 / b.max(1) as f64;
        let label = |(i, (real, said, hit)): (usize, &(usize, usize, usize))| {
            let name = self.labels.word(i as u32).to_owned();
            (name, *real, share(*hit, *said), share(*hit, *real), share(2 * hit, real + said))
        };
        let labels = per.iter().enumerate().map(label).collect();
        Ok(Evaluation { texts: n, precision: share(right, given), recall: share(right, asked), labels })
    }
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

impl Encode for Classifier {
    fn name(&self) -> &str {
        super::KIND
    }

    fn dim(&self) -> usize {
        self.input.dim()
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        let output = self.dense_output();
        let parts = [hash::content(bytemuck::cast_slice(output.as_slice())), format!("{:?}", self.params)];
        format!("classifier-{}", hash::content(parts.join(" ").as_bytes()))
    }

    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let dim = self.input.dim();
        let mut out = Vectors::zeros(texts.len(), dim);
        let work = |(row, text): (&mut [f32], &&str)| {
            ctx.check()?;
            self.hidden(&Labelled::parse(text, &self.tokenizer).text, &mut Vec::new(), row);
            normalize(row);
            Ok::<(), Cancelled>(())
        };
        let rows = out.as_mut_slice();
        ctx.pool().install(|| rows.par_chunks_mut(dim).zip(texts.par_iter()).with_min_len(16).try_for_each(work))?;
        Ok(out)
    }
}
