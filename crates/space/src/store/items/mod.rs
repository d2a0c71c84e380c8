//! `items.redb`: ids, documents, passages, tombstones, manifest.

mod keys;
mod open;
mod read;
mod write;

use redb::{Builder, ConcurrencyMode, ReadTransaction, TableDefinition, WriteTransaction};
use roaring::RoaringBitmap;

pub(crate) use open::{
    ItemsReader, ItemsWriter, apply_changes, compact_items, create_items, open_items_read, open_items_read_with,
    open_items_write,
};
pub(crate) use read::ReadTables;
pub(crate) use write::WriteTables;

use super::guard::guarded;
use super::record::PassageRow;
use super::{Manifest, StoreError};

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

/// Puts manifest and tombstones into the transaction; they count once it commits.
pub(crate) fn put_state(
    txn: &WriteTransaction,
    manifest: &Manifest,
    dead: &RoaringBitmap,
    changed: &RoaringBitmap,
) -> Result<(), StoreError> {
    guarded(|| {
        let mut meta = txn.open_table(META)?;
        let text = serde_json::to_vec(manifest).map_err(|e| StoreError::damaged("items.redb", e.to_string()))?;
        meta.insert(MANIFEST, text.as_slice())?;
        for (key, set) in [(DEAD, dead), (CHANGED, changed)] {
            let mut bytes = Vec::new();
            set.serialize_into(&mut bytes)?;
            meta.insert(key, bytes.as_slice())?;
        }
        Ok(())
    })
}

/// Commits, durably.
pub(crate) fn commit(txn: WriteTransaction) -> Result<(), StoreError> {
    guarded(|| Ok(txn.commit()?))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DocumentRecord, Layout};

    fn commit(items: &ItemsWriter, generation: u64) {
        let txn = items.begin().unwrap();
        let manifest = Manifest { generation, ..Manifest::default() };
        put_state(&txn, &manifest, &RoaringBitmap::from([7]), &RoaringBitmap::from([0])).unwrap();
        txn.commit().unwrap();
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
