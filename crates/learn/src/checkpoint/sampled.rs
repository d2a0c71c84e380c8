//! The checkpoints of learners that sample.

use std::borrow::Cow;

use safetensors::tensor::{Dtype, View};
use serde::Serialize;
use vectory_core::{Context, hash};

use super::{Checkpoint, CheckpointError, EVERY, Identity};
use crate::sampling::{self, Cursor, Job, Plan, SharedRows};
use crate::vocabulary::Vocabulary;
use crate::word2vec::TrainError;

impl Checkpoint {
    /// Trains: goes on from what the file holds, if it is asked to, and writes what has been reached.
    ///
    /// # Errors
    /// [`TrainError`]: a checkpoint of another training, one that cannot be written, an interrupt, a corpus that cannot be read.
    pub(crate) fn run<J: Job, P: Serialize>(
        &self,
        job: &J,
        plan: &Plan,
        t: &Training<'_, P>,
        ctx: &Context,
    ) -> Result<Cursor, TrainError> {
        let of = Identity { source: ("the corpus", t.fingerprint()), params: t.params, seed: ctx.seed };
        let from = t.restore(self, &of)?;
        sampling::run(job, plan, from, EVERY, ctx, &mut |at| Ok(t.write(self, &of, at)?))
    }
}

/// A training, as a checkpoint sees it.
pub(crate) struct Training<'a, P> {
    /// All that changes, by name.
    pub tables: &'a [(&'static str, &'a SharedRows)],
    /// What the corpus is known by.
    pub of: &'a [&'a Vocabulary],
    pub params: &'a P,
}

impl<P: Serialize> Training<'_, P> {
    fn write(&self, to: &Checkpoint, of: &Identity<&P>, at: &Cursor) -> Result<(), CheckpointError> {
        if to.path.is_none() {
            return Ok(());
        }
        let tables = self.tables.iter().flat_map(|(name, table)| Part::all(name, table)).collect();
        to.write_views(of, &serde_json::json!({ "done": at.done, "loss": at.loss }), tables)
    }

    /// The place to go on from; the start where there is no checkpoint or none is asked for.
    fn restore(&self, from: &Checkpoint, of: &Identity<&P>) -> Result<Cursor, CheckpointError> {
        let Some((a, place)) = from.open(of)? else { return Ok(Cursor::default()) };
        for (name, table) in self.tables {
            for (part, place) in Part::all(name, table) {
                let rows = a.rows(&part)?;
                if [rows.rows(), rows.dim()] != place.shape {
                    return Err(from.other("the shape of a table"));
                }
                table.set_from(place.start, &rows);
            }
        }
        Ok(Cursor {
            done: place["done"].as_u64().unwrap_or(0),
            loss: place["loss"].as_f64().unwrap_or(f64::NAN),
            ..Cursor::default()
        })
    }

    fn fingerprint(&self) -> String {
        self.of.iter().map(|v| fingerprint(v)).collect::<Vec<_>>().join(" ")
    }
}

/// Bytes of a table that are copied together to be written: a table of n-grams may take all the memory that there is.
const TOGETHER: usize = 16 << 20;

/// Some rows of a table, on their way to a file.
struct Part<'a> {
    of: &'a SharedRows,
    start: usize,
    shape: [usize; 2],
}

impl<'a> Part<'a> {
    /// All rows of a table, by name; a table without rows has a part, too.
    fn all(name: &str, of: &'a SharedRows) -> Vec<(String, Self)> {
        let (rows, dim) = (of.rows(), of.dim());
        let step = (TOGETHER / (4 * dim.max(1))).max(1);
        let part = |i: usize| {
            let start = i * step;
            (format!("{name}.{i}"), Self { of, start, shape: [step.min(rows - start), dim] })
        };
        (0..rows.div_ceil(step).max(1)).map(part).collect()
    }
}

impl View for Part<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let mut values = vec![0.0f32; self.shape[0] * self.shape[1]];
        self.of.read(self.start, &mut values);
        Cow::Owned(bytemuck::cast_slice(&values).to_vec())
    }

    fn data_len(&self) -> usize {
        4 * self.shape[0] * self.shape[1]
    }
}

fn fingerprint(v: &Vocabulary) -> String {
    let words = v.words().collect::<Vec<_>>().join("\n");
    hash::content(
        format!("{} {:?}", hash::content(words.as_bytes()), hash::content(bytemuck::cast_slice(v.counts()))).as_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_whole_table() {
        let ctx = Context::new(3, 1).unwrap();
        // More rows than go together, an odd dimension.
        let table = SharedRows::uniform(TOGETHER / 4 / 4096 + 10, 4095, 1.0, "parts", &ctx);
        let parts = Part::all("t", &table);
        assert!(parts.len() == 2 && parts[1].0 == "t.1");
        let bytes: Vec<u8> = parts.iter().flat_map(|(_, p)| p.data().into_owned()).collect();
        assert_eq!(bytes.len(), parts.iter().map(|(_, p)| p.data_len()).sum::<usize>());
        let values: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        assert!(values == table.to_vectors().as_slice());
    }
}
