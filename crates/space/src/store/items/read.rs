//! The tables of a read transaction.

use std::ops::RangeBounds;
use std::path::Path;

use redb::{AccessGuard, ReadOnlyTable, ReadTransaction};
use roaring::RoaringBitmap;

use super::keys::{find, id_of, key_of};
use super::{DOCUMENTS, IDS, PASSAGES, WRITE_CACHE, WriteTables, builder, commit, put_state};
use crate::store::guard::{each, guarded};
use crate::store::record::PassageRow;
use crate::store::{DocumentRecord, Manifest, PassageRecord, StoreError};

/// The tables of a read transaction, opened; they stay as they were.
pub(crate) struct ReadTables {
    pub(super) ids: ReadOnlyTable<&'static str, u32>,
    pub(super) documents: ReadOnlyTable<u32, &'static [u8]>,
    pub(super) passages: ReadOnlyTable<u32, PassageRow>,
    /// The documents that the commit changed, where it says so.
    pub changed: Option<RoaringBitmap>,
}

impl ReadTables {
    pub(super) fn open(txn: &ReadTransaction) -> Result<Self, StoreError> {
        guarded(|| {
            Ok(Self {
                ids: txn.open_table(IDS)?,
                documents: txn.open_table(DOCUMENTS)?,
                passages: txn.open_table(PASSAGES)?,
                changed: None,
            })
        })
    }

    pub fn number(&self, id: &str) -> Result<Option<u32>, StoreError> {
        guarded(|| find(&self.ids, id, true))
    }

    /// Calls `visit` with ids and numbers in the order of the ids, from `start` on, until it says to stop.
    pub fn each_id(&self, start: Option<&str>, mut visit: impl FnMut(&str, u32) -> bool) -> Result<(), StoreError> {
        let start = start.map(key_of).unwrap_or_default();
        let entries = guarded(|| Ok(self.ids.range::<&str>(&*start..)?))?;
        let read = |(key, number): (AccessGuard<'_, &'static str>, AccessGuard<'_, u32>)| {
            Ok((id_of(key.value()).to_owned(), number.value()))
        };
        each(entries, read, |(id, number)| Ok(visit(&id, number)))
    }

    /// Writes all of it, or these documents, as a new table, durably.
    pub fn copy_to(
        &self,
        path: &Path,
        manifest: &Manifest,
        dead: &RoaringBitmap,
        only: Option<&RoaringBitmap>,
    ) -> Result<(), StoreError> {
        guarded(|| {
            let db = builder(WRITE_CACHE).create(path)?;
            let txn = db.begin_write()?;
            {
                let mut out = WriteTables::open(&txn)?;
                match only {
                    None => out.take_all(self)?,
                    Some(only) => {
                        for number in only {
                            out.take_document(number, self)?;
                        }
                    }
                }
            }
            put_state(&txn, manifest, dead, &RoaringBitmap::new())?;
            commit(txn)
        })
    }

    /// Every document's record as it is stored, by ascending number.
    pub fn each_record(&self, mut visit: impl FnMut(u32, &[u8])) -> Result<(), StoreError> {
        let entries = guarded(|| Ok(self.documents.range::<u32>(..)?))?;
        each(
            entries,
            |(number, record)| Ok((number.value(), record)),
            |(number, record)| {
                visit(number, record.value());
                Ok(true)
            },
        )
    }

    /// The numbers of all documents.
    pub fn document_numbers(&self) -> Result<RoaringBitmap, StoreError> {
        guarded(|| {
            let mut all = RoaringBitmap::new();
            for entry in self.documents.range::<u32>(..)? {
                all.insert(entry?.0.value());
            }
            Ok(all)
        })
    }

    /// The document of that number, if it is there.
    pub fn known_document(&self, number: u32) -> Result<Option<DocumentRecord>, StoreError> {
        guarded(|| self.documents.get(number)?.map(|r| DocumentRecord::from_bytes(r.value())).transpose())
    }

    pub fn document(&self, number: u32) -> Result<DocumentRecord, StoreError> {
        guarded(|| {
            let record = self.documents.get(number)?;
            let record =
                record.ok_or_else(|| StoreError::damaged("items.redb", format!("has no document {number}")))?;
            DocumentRecord::from_bytes(record.value())
        })
    }

    pub fn passage(&self, number: u32) -> Result<PassageRecord, StoreError> {
        guarded(|| {
            let row = self.passages.get(number)?;
            let row = row.ok_or_else(|| StoreError::damaged("items.redb", format!("has no passage {number}")))?;
            PassageRecord::of_row(row.value())
        })
    }

    /// Every document by ascending number.
    pub fn each_document(
        &self,
        mut visit: impl FnMut(u32, DocumentRecord) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let entries = guarded(|| Ok(self.documents.range::<u32>(..)?))?;
        each(
            entries,
            |(number, record)| Ok((number.value(), DocumentRecord::from_bytes(record.value())?)),
            |(number, record)| visit(number, record).map(|()| true),
        )
    }

    /// The passages of a range of numbers, ascending.
    pub fn each_passage(
        &self,
        range: impl RangeBounds<u32>,
        mut visit: impl FnMut(u32, PassageRecord) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let entries = guarded(|| Ok(self.passages.range::<u32>(range)?))?;
        each(
            entries,
            |(number, row)| Ok((number.value(), PassageRecord::of_row(row.value())?)),
            |(number, passage)| visit(number, passage).map(|()| true),
        )
    }
}
