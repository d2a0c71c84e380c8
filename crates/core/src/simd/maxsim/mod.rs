//! Late interaction: Σ over query tokens of the best document token, without ever writing the matrix of products.
//!
//! The query's tokens lie in the lanes of registers, the document's tokens are broadcast word by word from where they are
//! stored, and the running maxima stay in registers: no product is written, nothing is summed across lanes. A document is
//! read once. Source: ColBERT (Khattab and Zaharia 2020) for the measure; the order of loops is ours.

pub(super) mod tile;

use super::gemm::pack::to_pairs;
use super::table::kernels;

/// How the stored tokens spell their values; a word is four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenForm {
    /// One f32 a word.
    F32,
    /// Two bfloat16 a word, the first in the low half; products of rounded values are added in f32.
    Bf16,
    /// Four bytes a word, each its value plus 128, in steps of the row's scale; the query is rounded to 8 bits a value too.
    Bytes,
}

impl TokenForm {
    /// Bytes of one stored row of `dim` values: a whole number of words.
    #[must_use]
    pub fn stride(self, dim: usize) -> usize {
        match self {
            Self::F32 => 4 * dim,
            Self::Bf16 => 4 * dim.div_ceil(2),
            Self::Bytes => 4 * dim.div_ceil(4),
        }
    }
}

/// A bag of query tokens, packed for this CPU.
#[derive(Clone, Debug)]
pub struct MaxSimQuery {
    form: TokenForm,
    tokens: usize,
    words: usize,
    width: usize,
    /// For each panel of `width` tokens: their words, interleaved.
    panels: Vec<u32>,
    /// What the sums of each lane begin with ([`TokenForm::Bytes`]).
    start: Vec<i32>,
    /// What the maximum of each token is multiplied with.
    scale: Vec<f32>,
}

/// The stored tokens of one document.
#[derive(Clone, Copy, Debug)]
pub struct TokenRows<'a> {
    /// Rows of [`TokenForm::stride`] bytes, one after another.
    pub rows: &'a [u8],
    /// What each row's products are multiplied with; empty: 1.
    pub scales: &'a [f32],
    /// What is added to each row's products after that.
    pub base: Option<Base<'a>>,
}

/// Scores that rows share: of their centroids.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    /// Rows of [`MaxSimQuery::lanes`] values, in units of [`MaxSimQuery::unit`].
    pub table: &'a [f32],
    /// For each document row, its row of the table. Panics at one past the end.
    pub ids: &'a [u32],
}

/// What a kernel is given; lengths have been checked.
pub(super) struct Job<'a> {
    pub panels: &'a [u32],
    pub words: usize,
    pub start: &'a [i32],
    pub rows: &'a [u8],
    pub n: usize,
    pub scales: &'a [f32],
    pub base: Option<Base<'a>>,
    pub best: &'a mut [f32],
}

impl MaxSimQuery {
    /// Packs row-major tokens of `dim` values for documents of this form. Panics when the values are not rows of `dim`.
    #[must_use]
    pub fn new(rows: &[f32], dim: usize, form: TokenForm) -> Self {
        assert!(dim > 0 && rows.len().is_multiple_of(dim), "{} values are not rows of {dim}", rows.len());
        let tokens = rows.len() / dim;
        let (mut flat, mut start, mut scale) = (Vec::new(), Vec::new(), vec![1.0; tokens]);
        match form {
            TokenForm::F32 => flat.extend(rows.iter().map(|v| v.to_bits())),
            TokenForm::Bf16 => {
                let mut pairs = Vec::new();
                to_pairs(rows, dim, &mut pairs);
                flat.extend(pairs.iter().map(|v| v.to_bits()));
            }
            TokenForm::Bytes => {
                for (row, scale) in rows.chunks_exact(dim).zip(&mut scale) {
                    let sum = quantize(row, scale, &mut flat);
                    start.push(-128 * sum);
                }
            }
        }
        let width = if form == TokenForm::Bytes { kernels().maxsim.byte_width } else { kernels().maxsim.width };
        let words = form.stride(dim) / 4;
        let lanes = tokens.next_multiple_of(width);
        let mut panels = vec![0; lanes * words];
        for (t, row) in flat.chunks_exact(words).enumerate() {
            let panel = &mut panels[t / width * width * words..];
            for (w, word) in row.iter().enumerate() {
                panel[w * width + t % width] = *word;
            }
        }
        start.resize(lanes, 0);
        Self { form, tokens, words, width, panels, start, scale }
    }

    /// How many tokens the query has.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// The form of documents that it is packed for.
    #[must_use]
    pub fn form(&self) -> TokenForm {
        self.form
    }

    /// Values of a row of [`Base::table`]: the tokens, padded to whole registers.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.tokens.next_multiple_of(self.width)
    }

    /// The unit of token `t`'s sums: a score of that token is a sum times this.
    #[must_use]
    pub fn unit(&self, t: usize) -> f32 {
        self.scale[t]
    }

    /// Σ over query tokens of their best product with a document token; -∞ for a document without tokens (0 for a query
    /// without tokens). `best` is scratch. Panics when the document's slices do not fit one another.
    #[must_use]
    pub fn score(&self, document: TokenRows<'_>, best: &mut Vec<f32>) -> f32 {
        let n = document.rows.len() / (4 * self.words);
        assert_eq!(document.rows.len(), 4 * self.words * n, "not rows of {} bytes", 4 * self.words);
        assert!(document.scales.is_empty() || document.scales.len() == n, "{} scales, {n} rows", document.scales.len());
        if let Some(base) = document.base {
            let rows = base.table.len() / self.lanes().max(1);
            assert!(base.ids.len() == n && base.ids.iter().all(|id| (*id as usize) < rows), "rows of the table");
        }
        best.clear();
        best.resize(self.lanes(), f32::NEG_INFINITY);
        let (panels, start) = (&self.panels[..], &self.start[..]);
        let mut job = Job {
            panels,
            words: self.words,
            start,
            rows: document.rows,
            n,
            scales: document.scales,
            base: document.base,
            best,
        };
        let k = &kernels().maxsim;
        let run = match self.form {
            TokenForm::F32 => k.f32,
            TokenForm::Bf16 => k.bf16,
            TokenForm::Bytes => k.bytes,
        };
        // SAFETY: the kernels are of this CPU; the lengths were checked above and by `new`.
        unsafe { run(&mut job) };
        best.iter().zip(&self.scale).map(|(b, s)| b * s).sum()
    }
}

/// Rounds a row to signed bytes, appended as words; returns their sum, `scale` becomes the step.
fn quantize(row: &[f32], scale: &mut f32, out: &mut Vec<u32>) -> i32 {
    let largest = row.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    *scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
    let code = |v: &f32| (v / *scale).round().clamp(-127.0, 127.0) as i8;
    let mut sum = 0;
    for quad in row.chunks(4) {
        let mut word = [0u8; 4];
        for (w, v) in word.iter_mut().zip(quad) {
            let code = code(v);
            sum += i32::from(code);
            *w = code.cast_unsigned();
        }
        out.push(u32::from_le_bytes(word));
    }
    sum
}

#[cfg(test)]
mod tests;
