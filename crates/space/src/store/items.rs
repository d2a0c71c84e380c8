//! `items.redb`: ids, documents, passages, tombstones, manifest.

use std::path::Path;

use redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadOnlyTable, ReadTransaction, ReadableDatabase, Table,
    TableDefinition, WriteTransaction,
};
use roaring::RoaringBitmap;

use super::record::PassageRow;
use super::{DocumentRecord, Layout, Lock, LockError, Manifest, PassageRecord, StoreError};

const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const IDS: TableDefinition<&str, u32> = TableDefinition::new("ids");
const DOCUMENTS: TableDefinition<u32, &[u8]> = TableDefinition::new("documents");
const PASSAGES: TableDefinition<u32, PassageRow> = TableDefinition::new("passages");

const MANIFEST: &str = "manifest";
const DEAD: &str = "dead";

/// Pages that redb keeps in memory: bounds what a long write transaction holds.
const WRITE_CACHE: usize = 128 << 20;
const READ_CACHE: usize = 64 << 20;

fn builder(cache: usize) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(cache).set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

/// The writer's side.
pub(crate) struct ItemsWriter {
    db: Database,
}

/// Makes an empty table of items with its first manifest.
pub(crate) fn create_items(path: &Path, manifest: &Manifest) -> Result<ItemsWriter, StoreError> {
    let items = ItemsWriter { db: builder(WRITE_CACHE).create(path)? };
    let txn = items.begin()?;
    txn.open_table(IDS)?;
    txn.open_table(DOCUMENTS)?;
    txn.open_table(PASSAGES)?;
    put_state(&txn, manifest, &RoaringBitmap::new())?;
    txn.commit()?;
    Ok(items)
}

/// Opens it for writing; after a crash, redb returns to the last commit.
pub(crate) fn open_items_write(path: &Path) -> Result<ItemsWriter, StoreError> {
    Ok(ItemsWriter { db: builder(WRITE_CACHE).open(path)? })
}

/// Gives disk space of deleted items back, where no reader stands in the way.
pub(crate) fn compact_items(items: &mut ItemsWriter) -> Result<bool, StoreError> {
    Ok(items.db.compact()?)
}

impl ItemsWriter {
    pub fn begin(&self) -> Result<WriteTransaction, StoreError> {
        let mut txn = self.db.begin_write()?;
        // Commits are few and large: a little more work in each makes the first opening after a crash instant.
        txn.set_quick_repair(true);
        Ok(txn)
    }

    pub fn state(&self) -> Result<(Manifest, RoaringBitmap), StoreError> {
        state_of(&self.db.begin_read()?)
    }

    /// Checks every page of the table itself; `false` when it had to be repaired.
    pub fn check(&mut self) -> Result<bool, StoreError> {
        Ok(self.db.check_integrity()?)
    }
}

/// Puts manifest and tombstones into the transaction; they count once it commits.
pub(crate) fn put_state(txn: &WriteTransaction, manifest: &Manifest, dead: &RoaringBitmap) -> Result<(), StoreError> {
    let mut meta = txn.open_table(META)?;
    let text = serde_json::to_vec(manifest).map_err(|e| StoreError::damaged("items.redb", e.to_string()))?;
    meta.insert(MANIFEST, text.as_slice())?;
    let mut bytes = Vec::new();
    dead.serialize_into(&mut bytes)?;
    meta.insert(DEAD, bytes.as_slice())?;
    Ok(())
}

fn state_of(txn: &ReadTransaction) -> Result<(Manifest, RoaringBitmap), StoreError> {
    let meta = txn.open_table(META)?;
    let missing = |what| StoreError::damaged("items.redb", format!("has no {what}"));
    let manifest = meta.get(MANIFEST)?.ok_or_else(|| missing("manifest"))?;
    let manifest = serde_json::from_slice(manifest.value())
        .map_err(|e| StoreError::damaged("items.redb", format!("its manifest: {e}")))?;
    let dead = meta.get(DEAD)?.ok_or_else(|| missing("tombstones"))?;
    let dead = RoaringBitmap::deserialize_from(dead.value())
        .map_err(|e| StoreError::damaged("items.redb", format!("its tombstones: {e}")))?;
    Ok((manifest, dead))
}

/// The tables of a write transaction, opened.
pub(crate) struct WriteTables<'t> {
    ids: Table<'t, &'static str, u32>,
    documents: Table<'t, u32, &'static [u8]>,
    passages: Table<'t, u32, PassageRow>,
}

impl<'t> WriteTables<'t> {
    pub fn open(txn: &'t WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            ids: txn.open_table(IDS)?,
            documents: txn.open_table(DOCUMENTS)?,
            passages: txn.open_table(PASSAGES)?,
        })
    }

    pub fn number(&self, id: &str) -> Result<Option<u32>, StoreError> {
        use redb::ReadableTable;
        Ok(self.ids.get(id)?.map(|n| n.value()))
    }

    pub fn document(&self, number: u32) -> Result<Option<DocumentRecord>, StoreError> {
        use redb::ReadableTable;
        self.documents.get(number)?.map(|r| DocumentRecord::from_bytes(r.value())).transpose()
    }

    pub fn put_document(&mut self, number: u32, record: &DocumentRecord) -> Result<(), StoreError> {
        self.ids.insert(record.id.as_str(), number)?;
        self.documents.insert(number, record.to_bytes().as_slice())?;
        Ok(())
    }

    /// Removes the document, not its passages.
    pub fn remove_document(&mut self, number: u32, id: &str) -> Result<(), StoreError> {
        self.ids.remove(id)?;
        self.documents.remove(number)?;
        Ok(())
    }

    pub fn put_passage(&mut self, number: u32, row: (u32, u64, u64, &str, &[u8])) -> Result<(), StoreError> {
        self.passages.insert(number, row)?;
        Ok(())
    }

    pub fn remove_passages(&mut self, numbers: std::ops::Range<u32>) -> Result<(), StoreError> {
        for number in numbers {
            self.passages.remove(number)?;
        }
        Ok(())
    }

    pub fn passage(&self, number: u32) -> Result<Option<PassageRecord>, StoreError> {
        use redb::ReadableTable;
        self.passages.get(number)?.map(|r| PassageRecord::of_row(r.value())).transpose()
    }

    /// Every document by ascending number; `visit` must be quick.
    pub fn each_document(&self, mut visit: impl FnMut(u32, DocumentRecord)) -> Result<(), StoreError> {
        use redb::ReadableTable;
        for entry in self.documents.iter()? {
            let (number, record) = entry?;
            visit(number.value(), DocumentRecord::from_bytes(record.value())?);
        }
        Ok(())
    }
}

/// A reader's side.
pub(crate) struct ItemsReader {
    db: ReadOnlyDatabase,
}

/// Opens it for reading, beside a writer if there is one.
///
/// After a crash of the writer, redb wants its file put in order before anyone reads: the first to come does it, under the
/// writer's lock. (The commits themselves are whole: this is about redb's notes on free pages.)
pub(crate) fn open_items_read(layout: &Layout) -> Result<ItemsReader, StoreError> {
    let path = layout.items();
    let mut tries = 0;
    loop {
        match builder(READ_CACHE).open_read_only(&path) {
            Ok(db) => return Ok(ItemsReader { db }),
            Err(DatabaseError::RepairAborted) if tries < TRIES => match Lock::take(&layout.lock()) {
                Ok(_lock) => drop(open_items_write(&path).map_err(|e| unclean(&path, &e))?),
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
        let txn = self.db.begin_read()?;
        let (manifest, dead) = state_of(&txn)?;
        Ok((manifest, dead, ReadTables::open(&txn)?))
    }

    /// The number of the newest commit.
    pub fn generation(&self) -> Result<u64, StoreError> {
        Ok(state_of(&self.db.begin_read()?)?.0.generation)
    }
}

/// The tables of a read transaction, opened; they stay as they were.
pub(crate) struct ReadTables {
    ids: ReadOnlyTable<&'static str, u32>,
    documents: ReadOnlyTable<u32, &'static [u8]>,
    passages: ReadOnlyTable<u32, PassageRow>,
}

impl ReadTables {
    fn open(txn: &ReadTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            ids: txn.open_table(IDS)?,
            documents: txn.open_table(DOCUMENTS)?,
            passages: txn.open_table(PASSAGES)?,
        })
    }

    pub fn number(&self, id: &str) -> Result<Option<u32>, StoreError> {
        Ok(self.ids.get(id)?.map(|n| n.value()))
    }

    pub fn document(&self, number: u32) -> Result<DocumentRecord, StoreError> {
        let record = self.documents.get(number)?;
        let record = record.ok_or_else(|| StoreError::damaged("items.redb", format!("has no document {number}")))?;
        DocumentRecord::from_bytes(record.value())
    }

    pub fn passage(&self, number: u32) -> Result<PassageRecord, StoreError> {
        let row = self.passages.get(number)?;
        let row = row.ok_or_else(|| StoreError::damaged("items.redb", format!("has no passage {number}")))?;
        PassageRecord::of_row(row.value())
    }

    /// Every document by ascending number.
    pub fn each_document(
        &self,
        mut visit: impl FnMut(u32, DocumentRecord) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for entry in self.documents.range::<u32>(..)? {
            let (number, record) = entry?;
            visit(number.value(), DocumentRecord::from_bytes(record.value())?)?;
        }
        Ok(())
    }

    /// Every passage number with its document.
    pub fn each_passage(
        &self,
        mut visit: impl FnMut(u32, PassageRecord) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for entry in self.passages.range::<u32>(..)? {
            let (number, row) = entry?;
            visit(number.value(), PassageRecord::of_row(row.value())?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(items: &ItemsWriter, generation: u64) {
        let txn = items.begin().unwrap();
        put_state(&txn, &Manifest { generation, ..Manifest::default() }, &RoaringBitmap::from([7])).unwrap();
        txn.commit().unwrap();
    }

    #[test]
    fn readers_beside_the_writer_see_one_commit_until_they_look_again() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path());
        let path = layout.items();
        let items = create_items(&path, &Manifest::default()).unwrap();
        let reader = open_items_read(&layout).unwrap();
        let (before, _, tables) = reader.snapshot().unwrap();
        assert_eq!(before.generation, 0);
        let txn = items.begin().unwrap();
        let record = DocumentRecord { id: "a".into(), ..DocumentRecord::default() };
        WriteTables::open(&txn).unwrap().put_document(0, &record).unwrap();
        txn.commit().unwrap();
        commit(&items, 1);
        assert_eq!(tables.number("a").unwrap(), None);
        let (after, dead, tables) = reader.snapshot().unwrap();
        assert_eq!((after.generation, tables.number("a").unwrap()), (1, Some(0)));
        assert!(dead.contains(7));
        drop((items, reader));
        assert_eq!(open_items_read(&layout).unwrap().generation().unwrap(), 1);
    }

    #[test]
    fn a_file_cut_short_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path());
        let path = layout.items();
        drop(create_items(&path, &Manifest::default()).unwrap());
        let bytes = fs_err::read(&path).unwrap();
        for cut in [0, 100, 5000] {
            fs_err::write(&path, &bytes[..cut.min(bytes.len() - 1)]).unwrap();
            assert!(open_items_read(&layout).and_then(|i| i.generation()).is_err(), "cut at {cut}");
        }
    }
}
