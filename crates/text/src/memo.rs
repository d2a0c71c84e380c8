//! A bounded memo from words to what was made of them: one hash and one probe a word, no allocation once warm.

/// A key's place and its value, in 16 bytes; `key_len` 0 marks a free slot.
#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u32,
    key_at: u32,
    value_at: u32,
    key_len: u16,
    value_len: u16,
}

impl Slot {
    fn value(&self) -> Span {
        Span { at: self.value_at, len: self.value_len }
    }
}

/// What the caller keeps about a key: a range in an arena of its own.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub at: u32,
    pub len: u16,
}

impl Span {
    pub fn range(self) -> std::ops::Range<usize> {
        self.at as usize..self.at as usize + usize::from(self.len)
    }
}

/// Longer keys are not kept: they are rare and would fill the memo.
pub(crate) const MAX_KEY: usize = 64;
const FIRST_SLOTS: usize = 1 << 10;
/// 4 MiB of slots, 131,072 words.
const MAX_SLOTS: usize = 1 << 18;
/// 32 KiB that stay in the nearest cache.
const FRONT: usize = 1 << 11;

/// Open addressing with linear probing, at most half full. Before it lies a small table of the slots used last: most words
/// of a text are few, and a probe of the large table misses the caches.
#[derive(Default)]
pub(crate) struct Memo {
    front: Vec<Slot>,
    slots: Vec<Slot>,
    keys: Vec<u8>,
    used: usize,
}

impl Memo {
    /// The value of `key`, whose [`hash`] is `h`.
    #[inline]
    pub fn get(&self, h: u64, key: &[u8]) -> Option<Span> {
        if self.slots.is_empty() {
            return None;
        }
        self.probe(h, key).map(Slot::value)
    }

    /// As [`Memo::get`], and remembers the slot.
    #[inline]
    pub fn get_near(&mut self, h: u64, key: &[u8]) -> Option<Span> {
        let near = front(h);
        match self.front.get(near) {
            Some(slot) if self.is(slot, h, key) => return Some(slot.value()),
            Some(_) => {}
            None => return None,
        }
        let slot = *self.probe(h, key)?;
        self.front[near] = slot;
        Some(slot.value())
    }

    #[inline]
    fn is(&self, slot: &Slot, h: u64, key: &[u8]) -> bool {
        slot.hash == (h >> 32) as u32
            && usize::from(slot.key_len) == key.len()
            && same(&self.keys[slot.key_at as usize..slot.key_at as usize + key.len()], key)
    }

    fn probe(&self, h: u64, key: &[u8]) -> Option<&Slot> {
        let mask = self.slots.len() - 1;
        let mut i = h as usize & mask;
        loop {
            let slot = &self.slots[i];
            if slot.key_len == 0 {
                return None;
            }
            if self.is(slot, h, key) {
                return Some(slot);
            }
            i = (i + 1) & mask;
        }
    }

    /// Whether the next [`insert`](Memo::insert) must be preceded by [`clear`](Memo::clear) (of the caller's arena too).
    pub fn is_full(&self) -> bool {
        self.used * 2 >= MAX_SLOTS
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.slots.fill(Slot::default());
        self.front.fill(Slot::default());
        self.keys.clear();
        self.used = 0;
    }

    /// Keeps a value; `key` must not be in it, nor empty, nor longer than [`MAX_KEY`].
    pub fn insert(&mut self, h: u64, key: &[u8], value: Span) {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let slot = Slot {
            hash: (h >> 32) as u32,
            key_at: self.keys.len() as u32,
            value_at: value.at,
            key_len: key.len() as u16,
            value_len: value.len,
        };
        self.keys.extend_from_slice(key);
        place(&mut self.slots, h, slot);
        self.used += 1;
    }

    fn grow(&mut self) {
        let mut slots = vec![Slot::default(); (self.slots.len() * 2).max(FIRST_SLOTS)];
        for slot in self.slots.iter().filter(|s| s.key_len > 0) {
            let at = slot.key_at as usize;
            place(&mut slots, hash(&self.keys[at..at + usize::from(slot.key_len)]), *slot);
        }
        self.slots = slots;
        self.front.resize(FRONT, Slot::default());
    }
}

fn front(h: u64) -> usize {
    (h >> 20) as usize & (FRONT - 1)
}

fn place(slots: &mut [Slot], h: u64, slot: Slot) {
    let mask = slots.len() - 1;
    let mut i = h as usize & mask;
    while slots[i].key_len != 0 {
        i = (i + 1) & mask;
    }
    slots[i] = slot;
}

/// Hash of a short byte string: two overlapping words folded by a 128-bit product (as wyhash does; Wang Yi, 2019).
/// Not for hostile input beyond slowing a bounded table.
#[inline]
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let n = bytes.len();
    let (mut a, mut b) = match n {
        8.. => (word8(bytes, 0), word8(bytes, n - 8)),
        4..8 => (word4(bytes, 0), word4(bytes, n - 4)),
        1..4 => (u64::from(bytes[0]) << 8 | u64::from(bytes[n / 2]), u64::from(bytes[n - 1])),
        0 => (0, 0),
    };
    let mut i = 8;
    while i + 8 < n {
        a = fold(a ^ 0x2d35_8dcc_aa6c_78a5, word8(bytes, i) ^ 0x8bb8_4b93_962e_acc9);
        i += 8;
    }
    b ^= (n as u64) << 56;
    fold(a ^ 0xa076_1d64_78bd_642f, b ^ 0xe703_7ed1_a0b4_28db)
}

/// Equality of two equally long strings: two loads each for most words, where `==` calls the C library.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    let n = a.len();
    match n {
        8..=16 => word8(a, 0) == word8(b, 0) && word8(a, n - 8) == word8(b, n - 8),
        4..8 => word4(a, 0) == word4(b, 0) && word4(a, n - 4) == word4(b, n - 4),
        _ => a == b,
    }
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let p = u128::from(a) * u128::from(b);
    (p as u64) ^ (p >> 64) as u64
}

#[inline]
fn word8(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk::<8>().map_or(0, |w| u64::from_le_bytes(*w))
}

#[inline]
fn word4(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk::<4>().map_or(0, |w| u64::from(u32::from_le_bytes(*w)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_put_in() {
        let mut memo = Memo::default();
        let keys: Vec<String> = (0..20_000).map(|i| format!("{}{i}", "key".repeat(i % 9))).collect();
        for (i, key) in keys.iter().enumerate() {
            let h = hash(key.as_bytes());
            assert_eq!(memo.get(h, key.as_bytes()), None);
            memo.insert(h, key.as_bytes(), Span { at: i as u32, len: 1 });
        }
        for (i, key) in keys.iter().enumerate() {
            let kept = Some(Span { at: i as u32, len: 1 });
            assert_eq!(memo.get(hash(key.as_bytes()), key.as_bytes()), kept);
            assert_eq!(memo.get_near(hash(key.as_bytes()), key.as_bytes()), kept);
            assert_eq!(memo.get_near(hash(key.as_bytes()), key.as_bytes()), kept);
        }
        memo.clear();
        assert_eq!(memo.get(hash(b"key1"), b"key1"), None);
        assert_eq!(memo.get_near(hash(b"key1"), b"key1"), None);
    }

    #[test]
    fn hashes_of_similar_words_differ() {
        let words: Vec<String> = (0..100_000).map(|i| format!("w{i}")).collect();
        let mut hashes: Vec<u64> = words.iter().map(|w| hash(w.as_bytes())).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), words.len());
        assert_ne!(hash(b"a"), hash(b"aa"));
        assert_ne!(hash(b"abcdefgh"), hash(b"abcdefghabcdefgh"));
    }
}
