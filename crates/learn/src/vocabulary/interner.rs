//! All distinct words with their counts, in bounded memory.

use hashbrown::HashTable;

use super::CorpusError;

pub(super) struct Entry {
    hash: u64,
    start: usize,
    len: u32,
    /// The provisional id, never given twice.
    pub id: u32,
    pub count: u64,
}

/// Words, counts, provisional ids.
#[derive(Default)]
pub(super) struct Interner {
    text: String,
    pub entries: Vec<Entry>,
    table: HashTable<u32>,
    /// Provisional ids given so far.
    pub given: u32,
    /// Words at most this frequent have been forgotten once.
    pub pruned: u64,
}

impl Interner {
    pub fn word(&self, e: &Entry) -> &str {
        &self.text[e.start..e.start + e.len as usize]
    }

    /// Counts a word `n` times more and gives its provisional id.
    pub fn add(&mut self, word: &str, hash: u64, n: u64) -> Result<u32, CorpusError> {
        let Self { text, entries, table, given, .. } = self;
        let same = |i: &u32| {
            let e = &entries[*i as usize];
            e.hash == hash && &text[e.start..e.start + e.len as usize] == word
        };
        if let Some(i) = table.find(hash, same) {
            let e = &mut entries[*i as usize];
            e.count += n;
            return Ok(e.id);
        }
        if *given >= u32::MAX - 2 {
            return Err(CorpusError::TooMany);
        }
        let entry = Entry { hash, start: text.len(), len: word.len() as u32, id: *given, count: n };
        text.push_str(word);
        table.insert_unique(hash, entries.len() as u32, |i| entries[*i as usize].hash);
        entries.push(entry);
        *given += 1;
        Ok(*given - 1)
    }

    /// Forgets the rarest words until at most half of `most` are left.
    pub fn prune(&mut self, most: usize) {
        while self.entries.len() > most / 2 {
            self.pruned += 1;
            let floor = self.pruned;
            self.entries.retain(|e| e.count > floor);
        }
        let mut text = String::with_capacity(self.text.len() / 2);
        for e in &mut self.entries {
            let start = text.len();
            text.push_str(&self.text[e.start..e.start + e.len as usize]);
            e.start = start;
        }
        self.text = text;
        self.table.clear();
        let entries = &self.entries;
        for (i, e) in entries.iter().enumerate() {
            self.table.insert_unique(e.hash, i as u32, |i| entries[*i as usize].hash);
        }
    }
}
