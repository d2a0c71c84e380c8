//! A limit on memory, shared out.
//!
//! **What is counted**: what the process takes for itself: the program and its encoder, the caches of the table of items, documents and
//! what was made of them until they are committed, postings and graphs while segments are merged. **What is not**: files that are
//! mapped (rows, graphs, postings of segments); their pages belong to the system, which takes them back when it needs them, so a space
//! may be far larger than memory.
//!
//! Under a limit, commits come sooner, and segments are not merged once merging them would take more than its share: there are more of
//! them, and a search looks at each.

use thiserror::Error;

use crate::write::WriterParams;

/// The program, its encoder and the batches on their way.
const BASE: u64 = 64 << 20;
/// What the rest must be at least.
const REST: u64 = 48 << 20;
/// The least that can be kept.
pub const LEAST_MEMORY: u64 = BASE + REST;

/// A limit that cannot be kept.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{} MB of memory are too few: at least {} MB are needed (the program, its encoder, one batch of documents, one commit)", .0 >> 20, LEAST_MEMORY >> 20)]
pub struct MemoryError(pub u64);

/// Bytes that a merge takes for each byte of a file that it reads, by the end of its name, as measured.
const MERGE_COST: [(&str, f64); 4] = [(".postings", 4.5), (".graph", 3.0), (".weights", 4.0), (".ids", 1.0)];
/// The same for rows that have no graph yet.
const NEW_GRAPH: f64 = 0.6;

/// About how much memory merging a segment of these files takes.
pub(crate) fn merge_cost<'f>(files: impl Iterator<Item = (&'f str, u64)> + Clone) -> u64 {
    let has_graph = files.clone().any(|(name, _)| name.ends_with(".graph"));
    let cost = |(name, bytes): (&str, u64)| {
        let new = if name.ends_with(".safetensors") && !has_graph { NEW_GRAPH } else { 0.0 };
        let each = MERGE_COST.iter().find(|(end, _)| name.ends_with(end)).map_or(new, |c| c.1);
        (bytes as f64 * each) as u64
    };
    files.map(cost).sum()
}

impl WriterParams {
    /// Parameters that keep a build, or a server of so many collections, within `bytes` of memory.
    ///
    /// # Errors
    /// [`MemoryError`] below [`LEAST_MEMORY`].
    pub fn within(bytes: u64, collections: usize) -> Result<Self, MemoryError> {
        let own = bytes.checked_sub(BASE).filter(|rest| *rest >= REST).ok_or(MemoryError(bytes))?;
        let share = own / collections.max(1) as u64;
        let default = Self::default();
        let part = |of: u64, least: usize, most: usize| ((share / of) as usize).clamp(least, most);
        Ok(Self {
            write_cache: part(8, 2 << 20, default.write_cache),
            read_cache: part(16, 2 << 20, default.read_cache),
            flush_bytes: part(24, 256 << 10, default.flush_bytes),
            flush_passages: part(24 << 10, 128, default.flush_passages),
            merge_bytes: share / 2,
            ..default
        })
    }

    /// Bytes of text that a build may encode together under these parameters.
    #[must_use]
    pub fn batch_bytes(&self, wanted: usize) -> usize {
        wanted.min((self.flush_bytes / 2).max(64 << 10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_the_limit() {
        assert_eq!(WriterParams::within(10 << 20, 1).unwrap_err(), MemoryError(10 << 20));
        assert!(MemoryError(10 << 20).to_string().contains("10 MB") && MemoryError(0).to_string().contains("112 MB"));
        let (small, large) =
            (WriterParams::within(LEAST_MEMORY, 1).unwrap(), WriterParams::within(8 << 30, 1).unwrap());
        let default = WriterParams::default();
        assert!(
            small.flush_bytes <= 2 << 20
                && small.merge_bytes == REST / 2
                && small.flush_passages < default.flush_passages
        );
        assert_eq!((large.flush_bytes, large.write_cache), (default.flush_bytes, default.write_cache));
        assert!(
            WriterParams::within(1 << 30, 10).unwrap().write_cache
                < WriterParams::within(1 << 30, 1).unwrap().write_cache
        );
    }

    #[test]
    fn rows_count_until_they_have_a_graph() {
        let cost = |files: &[(&'static str, u64)]| merge_cost(files.iter().copied());
        assert_eq!(cost(&[("a.rows.safetensors", 100), ("w.postings", 10), ("segment.json", 5)]), 105);
        assert_eq!(cost(&[("a.rows.safetensors", 100), ("a.graph", 50)]), 150);
    }
}
