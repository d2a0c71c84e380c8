//! The tables of a write transaction.

use redb::{ReadableTable, Table, WriteTransaction};

use super::keys::{find, has_spelled, key_of};
use super::{DOCUMENTS, IDS, PASSAGES, ReadTables};
use crate::store::guard::{each, guarded};
use crate::store::record::PassageRow;
use crate::store::{DocumentRecord, PassageRecord, StoreError};

/// The tables of a write transaction, opened.
pub(crate) struct WriteTables<'t> {
    ids: Table<'t, &'static str, u32>,
    /// Whether whole numbers may be among the ids as they are spelled.
    spelled: bool,
    documents: Table<'t, u32, &'static [u8]>,
    passages: Table<'t, u32, PassageRow>,
}

impl<'t> WriteTables<'t> {
    pub fn open(txn: &'t WriteTransaction) -> Result<Self, StoreError> {
        guarded(|| {
            let ids = txn.open_table(IDS)?;
            let spelled = has_spelled(&ids)?;
            Ok(Self { ids, spelled, documents: txn.open_table(DOCUMENTS)?, passages: txn.open_table(PASSAGES)? })
        })
    }

    pub fn number(&self, id: &str) -> Result<Option<u32>, StoreError> {
        guarded(|| find(&self.ids, id, self.spelled))
    }

    pub fn document(&self, number: u32) -> Result<Option<DocumentRecord>, StoreError> {
        guarded(|| self.documents.get(number)?.map(|r| DocumentRecord::from_bytes(r.value())).transpose())
    }

    pub fn put_document(&mut self, number: u32, record: &DocumentRecord) -> Result<(), StoreError> {
        guarded(|| {
            self.ids.insert(&*key_of(&record.id), number)?;
            self.documents.insert(number, record.to_bytes().as_slice())?;
            Ok(())
        })
    }

    /// Takes over a document with its passages.
    pub fn take_document(&mut self, number: u32, from: &ReadTables) -> Result<(), StoreError> {
        guarded(|| {
            let record = from.document(number)?;
            for passage in record.passages() {
                let row = from.passages.get(passage)?;
                let row = row.ok_or_else(|| StoreError::damaged("items.redb", format!("has no passage {passage}")))?;
                self.passages.insert(passage, row.value())?;
            }
            self.put_document(number, &record)
        })
    }

    /// Takes over everything.
    pub fn take_all(&mut self, from: &ReadTables) -> Result<(), StoreError> {
        guarded(|| {
            for entry in from.ids.range::<&str>(..)? {
                let (id, number) = entry?;
                self.ids.insert(id.value(), number.value())?;
            }
            for entry in from.documents.range::<u32>(..)? {
                let (number, record) = entry?;
                self.documents.insert(number.value(), record.value())?;
            }
            for entry in from.passages.range::<u32>(..)? {
                let (number, row) = entry?;
                self.passages.insert(number.value(), row.value())?;
            }
            Ok(())
        })
    }

    /// Removes the document, not its passages.
    pub fn remove_document(&mut self, number: u32, id: &str) -> Result<(), StoreError> {
        guarded(|| {
            self.ids.remove(&*key_of(id))?;
            if self.spelled {
                self.ids.remove(id)?;
            }
            self.documents.remove(number)?;
            Ok(())
        })
    }

    pub fn put_passage(&mut self, number: u32, row: (u32, u64, u64, &str, &[u8])) -> Result<(), StoreError> {
        guarded(|| {
            self.passages.insert(number, row)?;
            Ok(())
        })
    }

    pub fn remove_passages(&mut self, numbers: std::ops::Range<u32>) -> Result<(), StoreError> {
        guarded(|| {
            for number in numbers {
                self.passages.remove(number)?;
            }
            Ok(())
        })
    }

    pub fn passage(&self, number: u32) -> Result<Option<PassageRecord>, StoreError> {
        guarded(|| self.passages.get(number)?.map(|r| PassageRecord::of_row(r.value())).transpose())
    }

    /// Every document by ascending number; `visit` must be quick.
    pub fn each_document(&self, mut visit: impl FnMut(u32, DocumentRecord)) -> Result<(), StoreError> {
        let entries = guarded(|| Ok(self.documents.iter()?))?;
        each(
            entries,
            |(number, record)| Ok((number.value(), DocumentRecord::from_bytes(record.value())?)),
            |(number, record)| {
                visit(number, record);
                Ok(true)
            },
        )
    }
}
