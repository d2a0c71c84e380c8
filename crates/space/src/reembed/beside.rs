//! The folder beside: which encoder it is for, its rows, its segments.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vectory_core::Context;
use vectory_core::artifact::write_atomic;

use super::Plan;
use super::rows::Rows;
use super::segments::make_again;
use crate::store::{EncoderEntry, ItemsReader, Layout, Lock};
use crate::write::WriteError;

const CARD: &str = "encoder.json";

/// Whom the rows are of: those of another encoder are thrown away.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Card {
    encoder: EncoderEntry,
}

/// What was made so far.
pub(crate) struct Beside {
    folder: PathBuf,
    pub rows: Rows,
    /// The segments lie here under the numbers of those that they are made of.
    pub layout: Layout,
    // Last, so that it is let go after everything else.
    _lock: Lock,
}

impl Beside {
    /// Opens the folder of a view, or makes it. One process at a time.
    pub fn open(plan: &Plan) -> Result<Self, WriteError> {
        let folder = plan.layout.reembed(&plan.engine.name);
        fs_err::create_dir_all(&folder)?;
        let lock = Lock::take(&folder.join("LOCK"))?;
        let encoder = plan.engine.entry().ok_or(WriteError::Closed)?;
        let card = Card { encoder };
        let known: Option<Card> = fs_err::read(folder.join(CARD)).ok().and_then(|b| serde_json::from_slice(&b).ok());
        if known.as_ref() != Some(&card) {
            Self::clear(&folder)?;
            let text = serde_json::to_vec(&card).map_err(std::io::Error::from)?;
            write_atomic(&folder.join(CARD), &text)?;
        }
        let layout = Layout::new(&folder);
        fs_err::create_dir_all(layout.segments())?;
        fs_err::create_dir_all(folder.join("rows"))?;
        let rows = Rows::open(&folder.join("rows"), card.encoder.dim)?;
        Ok(Self { folder, rows, layout, _lock: lock })
    }

    fn clear(folder: &std::path::Path) -> std::io::Result<()> {
        for name in ["rows", "segments"] {
            let path = folder.join(name);
            if path.exists() {
                fs_err::remove_dir_all(path)?;
            }
        }
        Ok(())
    }

    /// Encodes what has no row yet, and makes every segment again that the newest commit has.
    pub fn catch_up(&mut self, plan: &Plan, items: &ItemsReader, ctx: &Context) -> Result<(), WriteError> {
        let (manifest, _, tables) = items.snapshot()?;
        self.rows.fill(plan, &manifest, &tables, ctx)?;
        let total: u64 = manifest.segments.iter().map(|s| u64::from(s.rows)).sum();
        ctx.progress().begin("making segments again", Some(total), "passages");
        for entry in &manifest.segments {
            ctx.check()?;
            match make_again(plan, self, entry, ctx) {
                // Merged away since: what it became is looked at later.
                Err(WriteError::Store(e)) if e.is_missing() && items.generation()? != manifest.generation => {}
                other => other?,
            }
            ctx.progress().advance(u64::from(entry.rows));
        }
        ctx.progress().end();
        Ok(())
    }

    /// Passages encoded by this run, and by those before it.
    pub fn counts(&self) -> (u64, u64) {
        (self.rows.encoded, self.rows.resumed)
    }

    /// Removes the folder: its work is done.
    pub fn remove(self) {
        // The space is whole without it; what cannot be removed now is no harm.
        let _ = fs_err::remove_dir_all(&self.folder);
        if let Some(parent) = self.folder.parent() {
            let _ = fs_err::remove_dir(parent);
        }
    }
}
