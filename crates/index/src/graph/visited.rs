//! The rows that a walk met.

/// Which rows were met; cleaned by undoing only what was set.
#[derive(Default)]
pub struct Visited {
    words: Vec<u64>,
    met: Vec<u32>,
}

impl Visited {
    pub(super) fn reset(&mut self, rows: usize) {
        for &id in &self.met {
            self.words[(id / 64) as usize] = 0;
        }
        self.met.clear();
        self.words.resize(rows.div_ceil(64).max(self.words.len()), 0);
    }

    /// Marks a row; whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, id: u32) -> bool {
        let (word, bit) = ((id / 64) as usize, 1u64 << (id % 64));
        let old = self.words[word];
        self.words[word] = old | bit;
        let new = old & bit == 0;
        if new {
            self.met.push(id);
        }
        new
    }
}
