//! What is computed once for one average length: the norm of each document, and the unpacked lists of the terms that are
//! asked for, as long as there is room.
//!
//! An unpacked list costs eight bytes a posting and is read four times as fast as a packed one. Terms are numbered by
//! falling frequency, so the slots of those worth keeping are a short table.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::pack::BLOCK;
use super::postings::Postings;
use super::weight::Values;

/// Bytes of unpacked lists that an index keeps at most (in tests few, so that some lists stay packed).
const ROOM: usize = if cfg!(test) { 3000 } else { 64 << 20 };
/// Shorter lists are unpacked every time.
pub const SHORTEST: u32 = 4;

/// A posting, unpacked: the value is before the query's weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posting {
    pub doc: u32,
    pub value: f32,
}

/// See the module.
pub struct Prepared {
    pub average: f64,
    pub norms: Vec<f32>,
    lists: Vec<OnceLock<Box<[Posting]>>>,
    used: AtomicUsize,
}

impl Prepared {
    /// For the first `terms` terms, lists may be kept.
    pub fn new(average: f64, norms: Vec<f32>, terms: usize) -> Self {
        let lists = std::iter::repeat_with(OnceLock::new).take(terms).collect();
        Self { average, norms, lists, used: AtomicUsize::new(0) }
    }

    /// The unpacked list of a term, if it is kept or there is room to keep it.
    #[inline]
    pub fn list(&self, term: u32, packed: Postings<'_>, values: Values<'_>) -> Option<&[Posting]> {
        let slot = self.lists.get(term as usize)?;
        if let Some(list) = slot.get() {
            return Some(list);
        }
        let bytes = packed.df() as usize * size_of::<Posting>();
        if self.used.fetch_add(bytes, Ordering::Relaxed) + bytes > ROOM {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
            return None;
        }
        Some(slot.get_or_init(|| unpack(packed, values)))
    }
}

fn unpack(packed: Postings<'_>, values: Values<'_>) -> Box<[Posting]> {
    let mut list = Vec::with_capacity(packed.df() as usize);
    let (mut docs, mut stored) = ([0; BLOCK], [0; BLOCK]);
    for i in 0..packed.blocks() {
        let block = packed.block(i);
        block.docs(&mut docs[..block.len]);
        block.stored(&mut stored[..block.len]);
        let postings = docs.iter().zip(&stored).take(block.len);
        list.extend(postings.map(|(&doc, &stored)| Posting { doc, value: values.value(doc, stored) }));
    }
    list.into_boxed_slice()
}
