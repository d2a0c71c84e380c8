//! Texts to vectors.

use rayon::prelude::*;
use vectory_core::repr::Multi;
use vectory_core::{Cancelled, Context, Encode, EncodeError, Metric, Vectors, hash};

use super::StaticEncoder;
use super::sum::{normalize, sum_rows};

/// Texts that a thread takes at a time.
const CHUNK: usize = 64;

impl Encode for StaticEncoder {
    fn name(&self) -> &str {
        &self.params.name
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        let make = || {
            let scales: &[u8] = bytemuck::cast_slice(&self.scales);
            let parts = [
                hash::content(bytemuck::cast_slice(&self.rows)),
                hash::content(scales),
                hash::content(self.tokens().join("\n").as_bytes()),
                format!("{} {:?}", self.dim, self.params.tokenizer),
            ];
            format!("static-{}", hash::content(parts.join(" ").as_bytes()))
        };
        self.fingerprint.get_or_init(make).clone()
    }

    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let mut out = Vectors::zeros(texts.len(), self.dim);
        let work = |(rows, texts): (&mut [f32], &[&str])| {
            ctx.check()?;
            self.encode_chunk(texts, rows);
            Ok::<(), Cancelled>(())
        };
        let chunk = CHUNK * self.dim;
        if ctx.threads() == 1 || texts.len() <= CHUNK {
            out.as_mut_slice().chunks_mut(chunk).zip(texts.chunks(CHUNK)).try_for_each(work)?;
        } else {
            let rows = out.as_mut_slice();
            ctx.pool().install(|| rows.par_chunks_mut(chunk).zip(texts.par_chunks(CHUNK)).try_for_each(work))?;
        }
        Ok(out)
    }

    fn encode_tokens(&self, texts: &[&str], ctx: &Context) -> Result<Multi, EncodeError> {
        let (mut rows, lengths) = self.token_rows(texts, ctx)?;
        rows.chunks_exact_mut(self.dim).for_each(normalize);
        self.bags(&rows, &lengths)
    }

    fn encode_query_tokens(&self, texts: &[&str], ctx: &Context) -> Result<Multi, EncodeError> {
        let (rows, lengths) = self.token_rows(texts, ctx)?;
        self.bags(&rows, &lengths)
    }
}

impl StaticEncoder {
    /// The rows of all known tokens, and how many each text has.
    fn token_rows(&self, texts: &[&str], ctx: &Context) -> Result<(Vec<f32>, Vec<u32>), Cancelled> {
        ctx.check()?;
        let (mut rows, mut lengths) = (Vec::new(), Vec::with_capacity(texts.len()));
        self.words.encode_each(texts.iter().copied(), &mut |ids| {
            let before = rows.len();
            for &id in ids.iter().filter(|id| self.scales[**id as usize] > 0.0) {
                let start = rows.len();
                rows.resize(start + self.dim, 0.0);
                self.row(id as usize, &mut rows[start..]);
            }
            lengths.push(((rows.len() - before) / self.dim) as u32);
        });
        Ok((rows, lengths))
    }

    fn bags(&self, rows: &[f32], lengths: &[u32]) -> Result<Multi, EncodeError> {
        let rows = Vectors::from_slice(rows, self.dim).map_err(|e| EncodeError::Model(e.to_string()))?;
        Multi::new(lengths, rows).ok_or_else(|| EncodeError::Model("tokens were lost".to_owned()))
    }

    fn encode_chunk(&self, texts: &[&str], rows: &mut [f32]) {
        let mut rows = rows.chunks_exact_mut(self.dim);
        self.words.encode_each(texts.iter().copied(), &mut |ids| {
            if let Some(row) = rows.next() {
                sum_rows(&self.rows, &self.scales, ids, row);
                normalize(row);
            }
        });
    }
}
