//! Texts to vectors.

use rayon::prelude::*;
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
}

impl StaticEncoder {
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
