//! `items.redb`: ids, documents, passages, tombstones, manifest.

use std::borrow::Cow;
use std::path::Path;

use redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadOnlyTable, ReadTransaction, ReadableDatabase,
    ReadableTable, Table, TableDefinition, WriteTransaction,
};
use roaring::RoaringBitmap;

use super::record::PassageRow;
use super::{DocumentRecord, Layout, Lock, LockError, Manifest, PassageRecord, StoreError};
use crate::point::number;

const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const IDS: TableDefinition<&str, u32> = TableDefinition::new("ids");
const DOCUMENTS: TableDefinition<u32, &[u8]> = TableDefinition::new("documents");
const PASSAGES: TableDefinition<u32, PassageRow> = TableDefinition::new("passages");

const MANIFEST: &str = "manifest";
const DEAD: &str = "dead";
/// The documents that the newest commit changed, so that readers need not read the others again.
const CHANGED: &str = "changed";

/// Bytes of pages that redb keeps in memory, unless told otherwise: bounds what a long write transaction holds.
pub(crate) const WRITE_CACHE: usize = 128 << 20;
pub(crate) const READ_CACHE: usize = 64 << 20;

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
pub(crate) fn create_items(path: &Path, manifest: &Manifest, cache: usize) -> Result<ItemsWriter, StoreError> {
    let items = ItemsWriter { db: builder(cache).create(path)? };
    let txn = items.begin()?;
    txn.open_table(IDS)?;
    txn.open_table(DOCUMENTS)?;
    txn.open_table(PASSAGES)?;
    put_state(&txn, manifest, &RoaringBitmap::new(), &RoaringBitmap::new())?;
    txn.commit()?;
    Ok(items)
}

/// Opens it for writing; after a crash, redb returns to the last commit.
pub(crate) fn open_items_write(path: &Path, cache: usize) -> Result<ItemsWriter, StoreError> {
    Ok(ItemsWriter { db: builder(cache).open(path)? })
}

/// Gives disk space of deleted items back, where no reader stands in the way.
pub(crate) fn compact_items(items: &mut ItemsWriter) -> Result<bool, StoreError> {
    Ok(items.db.compact()?)
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
    Ok(txn.commit()?)
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
pub(crate) fn put_state(
    txn: &WriteTransaction,
    manifest: &Manifest,
    dead: &RoaringBitmap,
    changed: &RoaringBitmap,
) -> Result<(), StoreError> {
    let mut meta = txn.open_table(META)?;
    let text = serde_json::to_vec(manifest).map_err(|e| StoreError::damaged("items.redb", e.to_string()))?;
    meta.insert(MANIFEST, text.as_slice())?;
    for (key, set) in [(DEAD, dead), (CHANGED, changed)] {
        let mut bytes = Vec::new();
        set.serialize_into(&mut bytes)?;
        meta.insert(key, bytes.as_slice())?;
    }
    Ok(())
}

/// The key of an id. Whole numbers come first and by size: a NUL, a letter for the number of digits, the digits.
fn key_of(id: &str) -> Cow<'_, str> {
    if number(id).is_some() {
        return Cow::Owned(format!("\0{}{id}", char::from(b'a' + id.len() as u8)));
    }
    if id.starts_with('\0') { Cow::Owned(format!("\0\0{id}")) } else { Cow::Borrowed(id) }
}

fn id_of(key: &str) -> &str {
    key.strip_prefix('\0').and_then(|k| k.get(1..)).unwrap_or(key)
}

fn find(ids: &impl ReadableTable<&'static str, u32>, id: &str) -> Result<Option<u32>, StoreError> {
    let key = key_of(id);
    if let Some(number) = ids.get(&*key)? {
        return Ok(Some(number.value()));
    }
    // Spaces of before keep whole numbers as they are spelled.
    Ok(if key == id { None } else { ids.get(id)?.map(|n| n.value()) })
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
        find(&self.ids, id)
    }

    pub fn document(&self, number: u32) -> Result<Option<DocumentRecord>, StoreError> {
        self.documents.get(number)?.map(|r| DocumentRecord::from_bytes(r.value())).transpose()
    }

    pub fn put_document(&mut self, number: u32, record: &DocumentRecord) -> Result<(), StoreError> {
        self.ids.insert(&*key_of(&record.id), number)?;
        self.documents.insert(number, record.to_bytes().as_slice())?;
        Ok(())
    }

    /// Takes over a document with its passages.
    fn take_document(&mut self, number: u32, from: &ReadTables) -> Result<(), StoreError> {
        let record = from.document(number)?;
        for passage in record.passages() {
            let row = from.passages.get(passage)?;
            let row = row.ok_or_else(|| StoreError::damaged("items.redb", format!("has no passage {passage}")))?;
            self.passages.insert(passage, row.value())?;
        }
        self.put_document(number, &record)
    }

    /// Removes the document, not its passages.
    pub fn remove_document(&mut self, number: u32, id: &str) -> Result<(), StoreError> {
        self.ids.remove(&*key_of(id))?;
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
        self.passages.get(number)?.map(|r| PassageRecord::of_row(r.value())).transpose()
    }

    /// Every document by ascending number; `visit` must be quick.
    pub fn each_document(&self, mut visit: impl FnMut(u32, DocumentRecord)) -> Result<(), StoreError> {
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
    open_items_read_with(layout, READ_CACHE)
}

/// The same with so many bytes of cache.
pub(crate) fn open_items_read_with(layout: &Layout, cache: usize) -> Result<ItemsReader, StoreError> {
    let path = layout.items();
    let mut tries = 0;
    loop {
        match builder(cache).open_read_only(&path) {
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
        let txn = self.db.begin_read()?;
        let (manifest, dead) = state_of(&txn)?;
        let mut tables = ReadTables::open(&txn)?;
        if let Some(bytes) = txn.open_table(META)?.get(CHANGED)? {
            tables.changed = RoaringBitmap::deserialize_from(bytes.value()).ok();
        }
        Ok((manifest, dead, tables))
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
    /// The documents that the commit changed, where it says so.
    pub changed: Option<RoaringBitmap>,
}

impl ReadTables {
    fn open(txn: &ReadTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            ids: txn.open_table(IDS)?,
            documents: txn.open_table(DOCUMENTS)?,
            passages: txn.open_table(PASSAGES)?,
            changed: None,
        })
    }

    pub fn number(&self, id: &str) -> Result<Option<u32>, StoreError> {
        find(&self.ids, id)
    }

    /// Calls `visit` with ids and numbers in the order of the ids, from `start` on, until it says to stop.
    pub fn each_id(&self, start: Option<&str>, mut visit: impl FnMut(&str, u32) -> bool) -> Result<(), StoreError> {
        let start = start.map(key_of).unwrap_or_default();
        for entry in self.ids.range::<&str>(&*start..)? {
            let (key, number) = entry?;
            if !visit(id_of(key.value()), number.value()) {
                break;
            }
        }
        Ok(())
    }

    /// Writes all of it, or these documents, as a new table, durably.
    pub fn copy_to(
        &self,
        path: &Path,
        manifest: &Manifest,
        dead: &RoaringBitmap,
        only: Option<&RoaringBitmap>,
    ) -> Result<(), StoreError> {
        let db = builder(WRITE_CACHE).create(path)?;
        let txn = db.begin_write()?;
        {
            let mut out = WriteTables::open(&txn)?;
            match only {
                None => self.copy_all(&mut out)?,
                Some(only) => {
                    for number in only {
                        out.take_document(number, self)?;
                    }
                }
            }
        }
        put_state(&txn, manifest, dead, &RoaringBitmap::new())?;
        Ok(txn.commit()?)
    }

    fn copy_all(&self, out: &mut WriteTables<'_>) -> Result<(), StoreError> {
        for entry in self.ids.range::<&str>(..)? {
            let (id, number) = entry?;
            out.ids.insert(id.value(), number.value())?;
        }
        for entry in self.documents.range::<u32>(..)? {
            let (number, record) = entry?;
            out.documents.insert(number.value(), record.value())?;
        }
        for entry in self.passages.range::<u32>(..)? {
            let (number, row) = entry?;
            out.passages.insert(number.value(), row.value())?;
        }
        Ok(())
    }

    /// Every document's record as it is stored, by ascending number.
    pub fn each_record(&self, mut visit: impl FnMut(u32, &[u8])) -> Result<(), StoreError> {
        for entry in self.documents.range::<u32>(..)? {
            let (number, record) = entry?;
            visit(number.value(), record.value());
        }
        Ok(())
    }

    /// The numbers of all documents.
    pub fn document_numbers(&self) -> Result<RoaringBitmap, StoreError> {
        let mut all = RoaringBitmap::new();
        for entry in self.documents.range::<u32>(..)? {
            all.insert(entry?.0.value());
        }
        Ok(all)
    }

    /// The document of that number, if it is there.
    pub fn known_document(&self, number: u32) -> Result<Option<DocumentRecord>, StoreError> {
        self.documents.get(number)?.map(|r| DocumentRecord::from_bytes(r.value())).transpose()
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

    /// The passages of a range of numbers.
    pub fn each_passage_in(
        &self,
        range: std::ops::Range<u32>,
        mut visit: impl FnMut(u32, PassageRecord) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for entry in self.passages.range::<u32>(range)? {
            let (number, row) = entry?;
            visit(number.value(), PassageRecord::of_row(row.value())?)?;
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
        let manifest = Manifest { generation, ..Manifest::default() };
        put_state(&txn, &manifest, &RoaringBitmap::from([7]), &RoaringBitmap::from([0])).unwrap();
        txn.commit().unwrap();
    }

    #[test]
    fn whole_numbers_are_ordered_by_size_before_other_ids() {
        let mut ids = ["b", "10", "9", "a", "", "\0x", "18446744073709551615", "0", "007", "100"];
        ids.sort_by_key(|id| key_of(id).into_owned());
        let at = |id: &str| ids.iter().position(|i| *i == id).unwrap();
        assert!(at("0") < at("9") && at("9") < at("10") && at("10") < at("100") && at("100") < at("18446744073709551615"));
        assert!(at("18446744073709551615") < at("007") && at("007") < at("a"));
        assert!(ids.iter().all(|id| id_of(&key_of(id)) == *id));
    }

    #[test]
    fn readers_beside_the_writer_see_one_commit_until_they_look_again() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path());
        let path = layout.items();
        let items = create_items(&path, &Manifest::default(), WRITE_CACHE).unwrap();
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
        drop(create_items(&path, &Manifest::default(), WRITE_CACHE).unwrap());
        let bytes = fs_err::read(&path).unwrap();
        for cut in [0, 100, 5000] {
            fs_err::write(&path, &bytes[..cut.min(bytes.len() - 1)]).unwrap();
            assert!(open_items_read(&layout).and_then(|i| i.generation()).is_err(), "cut at {cut}");
        }
    }
}
