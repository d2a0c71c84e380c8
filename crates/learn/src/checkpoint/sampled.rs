//! The checkpoints of learners that sample.

use serde::Serialize;
use vectory_core::artifact::TensorOut;
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
        let rows: Vec<_> = self.tables.iter().map(|(name, rows)| (name, rows.to_vectors())).collect();
        let tables: Vec<_> =
            rows.iter().map(|(name, r)| TensorOut::f32(name, vec![r.rows(), r.dim()], r.as_slice())).collect();
        to.write(of, &serde_json::json!({ "done": at.done, "loss": at.loss }), &tables)
    }

    /// The place to go on from; the start where there is no checkpoint or none is asked for.
    fn restore(&self, from: &Checkpoint, of: &Identity<&P>) -> Result<Cursor, CheckpointError> {
        let Some((a, place)) = from.open(of)? else { return Ok(Cursor::default()) };
        for (name, table) in self.tables {
            let rows = a.rows(name)?;
            if (rows.rows(), rows.dim()) != (table.rows(), table.dim()) {
                return Err(from.other("the shape of a table"));
            }
            table.set(&rows);
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

fn fingerprint(v: &Vocabulary) -> String {
    let words = v.words().collect::<Vec<_>>().join("\n");
    hash::content(
        format!("{} {:?}", hash::content(words.as_bytes()), hash::content(bytemuck::cast_slice(v.counts()))).as_bytes(),
    )
}
