//! Opening the table, for a writer or beside one, also after a crash.

use std::path::Path;

use redb::{Database, DatabaseError, ReadOnlyDatabase, ReadableDatabase, WriteTransaction};
use roaring::RoaringBitmap;

use super::{
    CHANGED, DOCUMENTS, IDS, META, PASSAGES, READ_CACHE, ReadTables, WRITE_CACHE, WriteTables, builder, commit,
    put_state, state_of,
};
use crate::store::guard::guarded;
use crate::store::{Layout, Lock, LockError, Manifest, StoreError};

/// The writer's side.
pub(crate) struct ItemsWriter {
    db: Database,
}

/// Makes an empty table of items with its first manifest.
pub(crate) fn create_items(path: &Path, manifest: &Manifest, cache: usize) -> Result<ItemsWriter, StoreError> {
    let items = ItemsWriter { db: builder(cache).create(path)? };
    let txn = items.begin()?;
    txn.open_table(IDS)?;
    txn.open_table(DOCUMENTS)?;
    txn.open_table(PASSAGES)?;
    put_state(&txn, manifest, &RoaringBitmap::new(), &RoaringBitmap::new())?;
    commit(txn)?;
    Ok(items)
}

/// Opens it for writing; after a crash, redb returns to the last commit.
pub(crate) fn open_items_write(path: &Path, cache: usize) -> Result<ItemsWriter, StoreError> {
    guarded(|| Ok(ItemsWriter { db: builder(cache).open(path)? }))
}

/// Gives disk space of deleted items back, where no reader stands in the way.
pub(crate) fn compact_items(items: &mut ItemsWriter) -> Result<bool, StoreError> {
    guarded(|| Ok(items.db.compact()?))
}

impl ItemsWriter {
    pub fn begin(&self) -> Result<WriteTransaction, StoreError> {
        guarded(|| {
            let mut txn = self.db.begin_write()?;
            // Commits are few and large: a little more work in each makes the first opening after a crash instant.
            txn.set_quick_repair(true);
            Ok(txn)
        })
    }

    pub fn state(&self) -> Result<(Manifest, RoaringBitmap), StoreError> {
        guarded(|| state_of(&self.db.begin_read()?))
    }

    /// Checks every page of the table itself; `false` when it had to be repaired.
    pub fn check(&mut self) -> Result<bool, StoreError> {
        guarded(|| Ok(self.db.check_integrity()?))
    }
}

/// Brings a table up to the state of an increment: what is gone goes, what changed is replaced. Durable when it returns.
pub(crate) fn apply_changes(items: &Path, changes: &Path, gone: &RoaringBitmap) -> Result<(), StoreError> {
    let changes = ItemsReader { db: builder(READ_CACHE).open_read_only(changes)? };
    let (manifest, dead, from) = changes.snapshot()?;
    let changed = from.document_numbers()?;
    let db = open_items_write(items, WRITE_CACHE)?;
    let txn = db.begin()?;
    {
        let mut tables = WriteTables::open(&txn)?;
        // All that leaves first: an id may have moved to another number.
        for number in gone | &changed {
            if let Some(old) = tables.document(number)? {
                tables.remove_passages(old.passages())?;
                tables.remove_document(number, &old.id)?;
            }
        }
        for number in &changed {
            tables.take_document(number, &from)?;
        }
    }
    put_state(&txn, &manifest, &dead, &RoaringBitmap::new())?;
    commit(txn)
}

/// A reader's side.
pub(crate) struct ItemsReader {
    pub(super) db: ReadOnlyDatabase,
}

/// Opens it for reading, beside a writer if there is one.
///
/// After a crash of the writer, redb wants its file put in order before anyone reads: the first to come does it, under the
/// writer's lock. (The commits themselves are whole: this is about redb's notes on free pages.)
pub(crate) fn open_items_read(layout: &Layout) -> Result<ItemsReader, StoreError> {
    open_items_read_with(layout, READ_CACHE)
}

/// The same with so many bytes of cache.
pub(crate) fn open_items_read_with(layout: &Layout, cache: usize) -> Result<ItemsReader, StoreError> {
    let path = layout.items();
    let mut tries = 0;
    loop {
        match guarded(|| Ok(builder(cache).open_read_only(&path)))? {
            Ok(db) => return Ok(ItemsReader { db }),
            Err(DatabaseError::RepairAborted) if tries < TRIES => match Lock::take(&layout.lock()) {
                Ok(_lock) => drop(open_items_write(&path, cache).map_err(|e| unclean(&path, &e))?),
                // Another process is at it.
                Err(LockError::Taken { .. }) => std::thread::sleep(PAUSE),
                Err(e @ LockError::Denied { .. }) => return Err(unclean(&path, &e)),
            },
            Err(e) => return Err(e.into()),
        }
        tries += 1;
    }
}

/// How often and how long a reader waits while another process puts the file in order.
const TRIES: usize = 500;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

fn unclean(path: &Path, why: &dyn std::fmt::Display) -> StoreError {
    let why = format!("its last writer was killed, and it cannot be put in order from here: {why}");
    StoreError::damaged(path, why)
}

impl ItemsReader {
    /// The state at the newest commit, and the tables as they were then.
    pub fn snapshot(&self) -> Result<(Manifest, RoaringBitmap, ReadTables), StoreError> {
        guarded(|| {
            let txn = self.db.begin_read()?;
            let (manifest, dead) = state_of(&txn)?;
            let mut tables = ReadTables::open(&txn)?;
            if let Some(bytes) = txn.open_table(META)?.get(CHANGED)? {
                tables.changed = RoaringBitmap::deserialize_from(bytes.value()).ok();
            }
            Ok((manifest, dead, tables))
        })
    }

    /// The number of the newest commit.
    pub fn generation(&self) -> Result<u64, StoreError> {
        guarded(|| Ok(state_of(&self.db.begin_read()?)?.0.generation))
    }
}
