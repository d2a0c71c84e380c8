//! Term to number: an open-addressing hash table that is the same in memory and on disk.
//!
//! A slot holds the upper half of the term's hash and its number plus one; 0 is an empty slot. At most half of the slots
//! are used, so a look-up touches one or two of them and compares one text.

use crate::file::{FileError, FileWriter, IndexFile, Region};
use crate::hash::bytes as hash;

/// A borrowed table.
#[derive(Clone, Copy)]
pub struct DictionaryRef<'a> {
    slots: &'a [u64],
    ends: &'a [u32],
    text: &'a [u8],
}

impl<'a> DictionaryRef<'a> {
    /// The number of a term.
    #[inline]
    pub fn get(self, term: &str) -> Option<u32> {
        find(self.slots, self.ends, self.text, term.as_bytes(), hash(term.as_bytes())).ok()
    }

    /// The text of term number `id`.
    pub fn term(self, id: u32) -> Option<&'a str> {
        std::str::from_utf8(text_of(self.ends, self.text, id)?).ok()
    }
}

#[inline]
fn text_of<'a>(ends: &[u32], text: &'a [u8], id: u32) -> Option<&'a [u8]> {
    let end = *ends.get(id as usize)? as usize;
    let start = if id == 0 { 0 } else { ends[id as usize - 1] as usize };
    text.get(start..end)
}

/// The number of a term, or the empty slot where it would go (the number of slots when there is none).
#[inline]
fn find(slots: &[u64], ends: &[u32], text: &[u8], term: &[u8], hash: u64) -> Result<u32, usize> {
    let mask = slots.len().wrapping_sub(1);
    let mut at = hash as usize & mask;
    for _ in 0..slots.len() {
        let slot = slots[at & mask];
        if slot == 0 {
            return Err(at);
        }
        if slot >> 32 == hash >> 32 {
            let id = (slot as u32).wrapping_sub(1);
            if text_of(ends, text, id) == Some(term) {
                return Ok(id);
            }
        }
        at = (at + 1) & mask;
    }
    Err(slots.len())
}

/// A table that grows.
pub struct DictionaryBuilder {
    slots: Vec<u64>,
    ends: Vec<u32>,
    text: Vec<u8>,
}

impl DictionaryBuilder {
    pub fn new() -> Self {
        Self { slots: vec![0; 1024], ends: Vec::new(), text: Vec::new() }
    }

    /// Bytes of all terms; they must stay below 4 GiB.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Bytes it holds.
    pub fn memory(&self) -> usize {
        self.slots.capacity() * 8 + self.ends.capacity() * 4 + self.text.capacity()
    }

    /// The number of a term, a new one when it is new.
    #[inline]
    pub fn intern(&mut self, term: &str) -> u32 {
        let hash = hash(term.as_bytes());
        match find(&self.slots, &self.ends, &self.text, term.as_bytes(), hash) {
            Ok(id) => id,
            Err(slot) => self.insert(term, hash, slot),
        }
    }

    #[cold]
    fn insert(&mut self, term: &str, hash: u64, slot: usize) -> u32 {
        let id = self.ends.len() as u32;
        self.text.extend_from_slice(term.as_bytes());
        self.ends.push(self.text.len() as u32);
        self.slots[slot] = (hash >> 32) << 32 | u64::from(id + 1);
        if self.ends.len() * 2 > self.slots.len() {
            self.grow();
        }
        id
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        let mut slots = vec![0u64; mask + 1];
        for id in 0..self.ends.len() as u32 {
            let hash = hash(text_of(&self.ends, &self.text, id).unwrap_or_default());
            let mut at = hash as usize & mask;
            while slots[at] != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = (hash >> 32) << 32 | u64::from(id + 1);
        }
        self.slots = slots;
    }

    /// Writes the table with new numbers: term `order[i]` becomes number `i`.
    pub fn write(&self, order: &[u32], file: &mut FileWriter) {
        let mut number = vec![0u32; order.len()];
        let (mut ends, mut text) = (Vec::with_capacity(order.len()), Vec::with_capacity(self.text.len()));
        for (new, &old) in (0..).zip(order) {
            number[old as usize] = new;
            text.extend_from_slice(text_of(&self.ends, &self.text, old).unwrap_or_default());
            ends.push(text.len() as u32);
        }
        let renumber = |slot: &u64| {
            if *slot == 0 { 0 } else { slot >> 32 << 32 | u64::from(number[*slot as u32 as usize - 1] + 1) }
        };
        let slots: Vec<u64> = self.slots.iter().map(renumber).collect();
        file.section("term slots", &slots).section("term ends", &ends).section("term text", &text);
    }
}

/// Where a file keeps its table.
#[derive(Clone, Copy)]
pub struct Dictionary {
    slots: Region<u64>,
    ends: Region<u32>,
    text: Region<u8>,
}

impl Dictionary {
    /// # Errors
    /// When the sections are missing or do not fit together.
    pub fn open(file: &IndexFile) -> Result<Self, FileError> {
        let d = Self {
            slots: file.region("term slots")?,
            ends: file.region("term ends")?,
            text: file.region("term text")?,
        };
        let bad = |section: &str, why: &str| Err(FileError::section(file.path(), section, why));
        if !d.slots.len().is_power_of_two() || d.slots.len() < d.ends.len() {
            return bad("term slots", "has not a power of two of slots, at least one a term");
        }
        if file.get(d.ends).last().is_some_and(|end| *end as usize != d.text.len()) {
            return bad("term ends", "does not end where the text ends");
        }
        Ok(d)
    }

    #[inline]
    pub fn on(self, file: &IndexFile) -> DictionaryRef<'_> {
        DictionaryRef { slots: file.get(self.slots), ends: file.get(self.ends), text: file.get(self.text) }
    }

    pub fn len(self) -> usize {
        self.ends.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_term_is_found_again(terms in proptest::collection::hash_set(".{0,30}", 0..3000)) {
            let terms: Vec<String> = terms.into_iter().collect();
            let mut b = DictionaryBuilder::new();
            for (i, t) in terms.iter().enumerate() {
                prop_assert_eq!(b.intern(t), i as u32);
            }
            let mut w = FileWriter::new("t", 1, serde_json::Value::Null);
            let backwards: Vec<u32> = (0..terms.len() as u32).rev().collect();
            b.write(&backwards, &mut w);
            let file = w.finish().unwrap();
            let d = Dictionary::open(&file).unwrap().on(&file);
            for (i, t) in terms.iter().enumerate() {
                prop_assert_eq!(b.intern(t), i as u32);
                let number = (terms.len() - 1 - i) as u32;
                prop_assert_eq!(d.get(t), Some(number));
                prop_assert_eq!(d.term(number), Some(t.as_str()));
            }
            prop_assert_eq!(d.get("\u{1}never a term of the test, it is too long for one\u{2}"), None);
        }
    }
}
