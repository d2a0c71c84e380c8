//! The words around a word, as one vector.

use serde::{Deserialize, Serialize};
use vectory_core::sparse::CsrRef;
use vectory_core::{Cancelled, Context, Vectors, simd};

use crate::vocabulary::{Tokenizer, Vocabulary};
use crate::words::WordsError;

/// How the words around count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContextParams {
    /// Words to each side (1 to 255; 10). Unknown words are passed over.
    pub window: usize,
    /// Whether a word counts 1 / distance (true) or 1.
    pub harmonic: bool,
    /// Share from which on frequent words count less, by `min(1, sqrt(t / f) + t / f)` (1e-4; 0: never).
    pub sample: f64,
}

impl Default for ContextParams {
    fn default() -> Self {
        Self { window: 10, harmonic: true, sample: 1e-4 }
    }
}

impl ContextParams {
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        if !(1..=255).contains(&self.window) {
            return Err(WordsError::param("window", self.window, "1 to 255"));
        }
        if !(self.sample >= 0.0 && self.sample.is_finite()) {
            return Err(WordsError::param("sample", self.sample, "0 or more"));
        }
        Ok(())
    }
}

/// What makes vectors of contexts in one space.
pub struct Contexts<'a> {
    vocabulary: &'a Vocabulary,
    rows: &'a Vectors,
    params: ContextParams,
    /// Weight of each word.
    keep: Vec<f32>,
}

impl<'a> Contexts<'a> {
    /// Over the rows of a space; its vocabulary has to know counts for subsampling (without them all words count alike).
    ///
    /// # Errors
    /// [`WordsError::Param`].
    pub fn new(vocabulary: &'a Vocabulary, rows: &'a Vectors, params: ContextParams) -> Result<Self, WordsError> {
        params.check()?;
        Ok(Self { keep: vocabulary.keep(params.sample), vocabulary, rows, params })
    }

    /// The mean over all occurrences of `word` in the texts (each its own line), and how many context words there were. `None` where
    /// there was none: the word does not occur, or stands alone.
    #[must_use]
    pub fn of_texts<'t>(
        &self,
        word: &str,
        texts: impl IntoIterator<Item = &'t str>,
        tokenizer: &Tokenizer,
    ) -> Option<(Vec<f32>, usize)> {
        let (mut sum, mut weight, mut met) = (vec![0.0; self.rows.dim()], 0.0f32, 0);
        let wanted = if tokenizer.lower { word.to_lowercase() } else { word.to_owned() };
        for text in texts {
            // The word itself is a mark; unknown words are passed over.
            let mut line: Vec<Option<u32>> = Vec::new();
            tokenizer.words(text, &mut |w| {
                if w == wanted {
                    line.push(None);
                } else {
                    line.extend(self.vocabulary.id(w).map(Some));
                }
            });
            for at in (0..line.len()).filter(|i| line[*i].is_none()) {
                let (w, n) = self.add(&line, at, &mut sum);
                weight += w;
                met += n;
            }
        }
        (weight > 0.0).then(|| {
            sum.iter_mut().for_each(|v| *v /= weight);
            (sum, met)
        })
    }

    /// Adds the words around place `at`; their weight and number. A mark is no context.
    pub fn add(&self, line: &[Option<u32>], at: usize, sum: &mut [f32]) -> (f32, usize) {
        let (mut weight, mut met) = (0.0, 0);
        let window = self.params.window;
        for i in at.saturating_sub(window)..line.len().min(at + window + 1) {
            let (Some(id), true) = (line[i], i != at) else { continue };
            let near = if self.params.harmonic { 1.0 / i.abs_diff(at) as f32 } else { 1.0 };
            let w = near * self.keep[id as usize];
            simd::axpy(w, self.rows.row(id as usize), sum);
            weight += w;
            met += 1;
        }
        (weight, met)
    }

    /// The mean context of every word of a corpus, from its counts (whose window and weighting should be those of the parameters); zero for
    /// a word without any.
    ///
    /// # Errors
    /// When interrupted.
    pub fn of_counts(&self, counts: CsrRef<'_>, ctx: &Context) -> Result<Vectors, Cancelled> {
        let mut weighted = self.rows.clone();
        for (i, keep) in self.keep.iter().enumerate() {
            weighted.row_mut(i).iter_mut().for_each(|v| *v *= keep);
        }
        let mut means = counts.times(weighted.view(), ctx)?;
        for i in 0..means.rows() {
            let row = counts.row(i);
            let weight: f32 = row.dims.iter().zip(row.weights).map(|(j, x)| x * self.keep[*j as usize]).sum();
            if weight > 0.0 {
                means.row_mut(i).iter_mut().for_each(|v| *v /= weight);
            }
        }
        Ok(means)
    }
}
