//! What a snapshot says of itself.

use std::path::Path;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use vectory_core::hash;

use super::archive::Archive;
use super::{SnapshotError, archive};
use crate::store::{Manifest, ReadTables, StoreError};

pub(super) const CARD: &str = "snapshot.json";
pub(super) const SUMS: &str = "documents.sums";
const FORMAT: u32 = 1;

/// `snapshot.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Card {
    format: u32,
    /// Hash of its content: its name among the links of a chain.
    pub id: String,
    /// The commit.
    pub generation: u64,
    /// The snapshot that it stands on; none: it is whole.
    pub since: Option<Since>,
    pub segments: Vec<Held>,
}

/// The snapshot before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Since {
    pub id: String,
    pub generation: u64,
    /// The name that its file had.
    pub file: String,
}

/// A segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Held {
    pub number: u32,
    /// crc32c of its `segment.json`, which has the checksums of all its files.
    pub sum: u32,
    /// Whether this file holds it; else one before it does.
    pub here: bool,
}

impl Card {
    pub fn new(manifest: &Manifest, sums: &Sums, before: Option<(&Self, &Path)>) -> Self {
        let has = |number: u32, sum: u32| {
            before.is_some_and(|(b, _)| b.segments.iter().any(|s| (s.number, s.sum) == (number, sum)))
        };
        let held = |s: &crate::store::SegmentEntry| Held { number: s.number, sum: s.sum, here: !has(s.number, s.sum) };
        let since = before.map(|(b, path)| Since {
            id: b.id.clone(),
            generation: b.generation,
            file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        });
        let text = serde_json::to_vec(manifest).unwrap_or_default();
        let id = hash::content(&[text, sums.to_bytes()].concat());
        let segments = manifest.segments.iter().map(held).collect();
        Self { format: FORMAT, id, generation: manifest.generation, since, segments }
    }

    /// Reads the card of a snapshot; none in those of before, which are whole.
    pub fn read(file: &mut Archive) -> Result<Option<Self>, SnapshotError> {
        let Some(bytes) = file.bytes(CARD)? else { return Ok(None) };
        let card: Self = serde_json::from_slice(&bytes).map_err(|e| archive(file.path(), format!("{CARD}: {e}")))?;
        if card.format > FORMAT {
            let why = format!("is of form {}, this program reads up to {FORMAT}: use a newer one", card.format);
            return Err(archive(file.path(), why));
        }
        Ok(Some(card))
    }
}

/// The hash of every document's record, by number. A document's passages change only with its record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sums(Vec<(u32, u64)>);

impl Sums {
    pub fn of(tables: &ReadTables) -> Result<Self, StoreError> {
        let mut all = Vec::new();
        tables.each_record(|number, bytes| all.push((number, hash::fnv1a(bytes))))?;
        Ok(Self(all))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(n, h)| [&n.to_le_bytes()[..], &h.to_le_bytes()[..]].concat()).collect()
    }

    pub fn read(file: &mut Archive) -> Result<Option<Self>, SnapshotError> {
        let Some(bytes) = file.bytes(SUMS)? else { return Ok(None) };
        let one = |b: &[u8]| {
            let (n, h) = b.split_at(4);
            Some((u32::from_le_bytes(n.try_into().ok()?), u64::from_le_bytes(h.try_into().ok()?)))
        };
        let all: Option<Vec<_>> = bytes.chunks(12).map(|b| if b.len() == 12 { one(b) } else { None }).collect();
        all.map(Self).map(Some).ok_or_else(|| archive(file.path(), format!("{SUMS} is cut")))
    }

    /// Documents that are new or other than before, and those that are gone.
    pub fn changes(&self, before: &Self) -> (roaring::RoaringBitmap, roaring::RoaringBitmap) {
        let mut old: FxHashMap<u32, u64> = before.0.iter().copied().collect();
        let changed = self.0.iter().filter(|(n, h)| old.remove(n) != Some(*h)).map(|s| s.0).collect();
        (changed, old.into_keys().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_from_what_stayed() {
        let (before, after) = (Sums(vec![(1, 10), (2, 20), (5, 50)]), Sums(vec![(1, 10), (2, 21), (7, 70)]));
        let (changed, gone) = after.changes(&before);
        assert_eq!((changed.iter().collect::<Vec<_>>(), gone.iter().collect::<Vec<_>>()), (vec![2, 7], vec![5]));
        assert_eq!(after.to_bytes().len(), 36);
    }
}
