//! Texts to vectors: the mean of their words.

use rayon::prelude::*;
use vectory_core::vectors::normalize;
use vectory_core::{Cancelled, Context, Encode, EncodeError, Metric, Vectors, hash};
use vectory_text::subwords;

use super::{Embedding, Pooling, Table};

/// Texts that a thread takes at a time.
const CHUNK: usize = 64;

impl Encode for Embedding {
    fn name(&self) -> &str {
        &self.params.name
    }

    fn dim(&self) -> usize {
        self.rows.dim()
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        let make = || {
            let mut all = vec![0.0; self.dim()];
            // Rows that lie in a fastText file are told by a fixed sample, so that they need not be read.
            let rows = match &self.rows {
                Table::Rows(v) => hash::content(bytemuck::cast_slice(v.as_slice())),
                Table::FastText(m) => {
                    (0..m.rows()).step_by(m.rows() / 1000 + 1).for_each(|i| m.add(i, (i % 97) as f32 + 1.0, &mut all));
                    format!("{} {}", m.rows(), hash::content(bytemuck::cast_slice(&all)))
                }
            };
            let words = self.vocabulary.words().collect::<Vec<_>>().join("\n");
            let parts = [rows, hash::content(words.as_bytes()), format!("{} {:?}", self.dim(), self.params)];
            format!("words-{}", hash::content(parts.join(" ").as_bytes()))
        };
        self.fingerprint.get_or_init(make).clone()
    }

    /// Unit vectors; zero for a text without any known word.
    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let mut out = Vectors::zeros(texts.len(), self.dim());
        let work = |(rows, texts): (&mut [f32], &[&str])| {
            ctx.check()?;
            rows.chunks_exact_mut(self.dim()).zip(texts).for_each(|(row, text)| {
                self.mean(text, row);
                normalize(row);
            });
            Ok::<(), Cancelled>(())
        };
        let chunk = CHUNK * self.dim().max(1);
        let rows = out.as_mut_slice();
        ctx.pool().install(|| rows.par_chunks_mut(chunk).zip(texts.par_chunks(CHUNK)).try_for_each(work))?;
        Ok(out)
    }
}

impl Embedding {
    /// Sets `out` to the pooled vector of a text, not scaled.
    pub fn mean(&self, text: &str, out: &mut [f32]) {
        out.fill(0.0);
        let (mut weight, mut hashes, mut one) = (0.0f32, Vec::new(), vec![0.0; self.dim()]);
        self.params.tokenizer.words(text, &mut |word| {
            let id = self.vocabulary.id(word);
            // Runs are of known words, as they were while learning.
            if self.params.word_ngrams > 1 && id.is_some() {
                hashes.push(subwords::hash(word));
            }
            match self.params.pooling {
                Pooling::Unit => {
                    one.fill(0.0);
                    self.add_vector(word, id, 1.0, &mut one);
                    normalize(&mut one);
                    if one.iter().any(|v| *v != 0.0) {
                        out.iter_mut().zip(&one).for_each(|(o, v)| *o += v);
                        weight += 1.0;
                    }
                }
                Pooling::Mean | Pooling::Sif { .. } => {
                    let w = self.weight(id);
                    if self.add_vector(word, id, w, out) {
                        weight += w;
                    }
                }
            }
        });
        weight += self.add_word_ngrams(&hashes, out) as f32;
        if weight > 0.0 {
            out.iter_mut().for_each(|v| *v /= weight);
        }
    }

    fn weight(&self, id: Option<u32>) -> f32 {
        let Pooling::Sif { a } = self.params.pooling else { return 1.0 };
        let count = id.map_or(0, |i| self.vocabulary.counts()[i as usize]);
        (a / (a + count as f64 / self.vocabulary.total().max(1) as f64)) as f32
    }
}
