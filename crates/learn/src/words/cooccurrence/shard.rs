//! The pairs whose first word is of one range.

/// Pairs gathered before they are merged into the list.
const PENDING: usize = 1 << 15;

/// A pair that was met: first word, second word, distance.
pub(super) fn occurrence(first: u32, second: u32, distance: usize) -> u64 {
    u64::from(first) << 36 | u64::from(second) << 8 | distance as u64
}

/// The words of a key without its distance.
pub(super) fn words(key: u64) -> (u32, u32) {
    ((key >> 28) as u32, (key & 0x0fff_ffff) as u32)
}

/// A sorted list of `[pair, units]`, and what has yet to be merged into it.
#[derive(Default)]
pub(super) struct Shard {
    pub list: Vec<[u64; 2]>,
    pending: Vec<u64>,
}

impl Shard {
    pub fn add(&mut self, occurrences: &[u64], units: &[u64]) {
        self.pending.extend_from_slice(occurrences);
        if self.pending.len() > PENDING.max(self.list.len()) {
            self.settle(units);
        }
    }

    /// Bytes in use.
    pub fn bytes(&self) -> usize {
        self.list.capacity() * 16 + self.pending.capacity() * 8
    }

    /// Merges what is pending into the list.
    pub fn settle(&mut self, units: &[u64]) {
        if self.pending.is_empty() {
            return;
        }
        self.pending.sort_unstable();
        let old = std::mem::take(&mut self.list);
        let mut merged = Vec::with_capacity(old.len() + self.pending.len() / 2);
        let mut old = old.into_iter().peekable();
        for group in self.pending.chunk_by(|a, b| a >> 8 == b >> 8) {
            let key = group[0] >> 8;
            while let Some(entry) = old.next_if(|e| e[0] < key) {
                merged.push(entry);
            }
            let before = old.next_if(|e| e[0] == key).map_or(0, |e| e[1]);
            let sum: u64 = group.iter().map(|o| units[(o & 0xff) as usize - 1]).sum();
            merged.push([key, before + sum]);
        }
        merged.extend(old);
        self.list = merged;
        self.pending.clear();
        self.pending.shrink_to(PENDING.max(self.list.len()));
    }
}
