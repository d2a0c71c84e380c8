//! What a build did.

use serde::Serialize;
use vectory_io::documents::Skipped;

/// Examples that are kept of each reason for skipping.
const EXAMPLES: usize = 3;

/// What a build did and what the space holds now.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BuildSummary {
    /// Files that were read or looked at (records of one file count once).
    pub files: u64,
    /// Documents that the sources gave, unchanged ones counted.
    pub documents_read: u64,
    /// New documents.
    pub added: u64,
    /// Documents that replaced an older version.
    pub changed: u64,
    /// Documents that were as before.
    pub unchanged: u64,
    /// Documents that vanished from their source.
    pub removed: u64,
    /// Documents whose id came again later in the same run: the last one is kept.
    pub duplicates: u64,
    /// Documents with bytes that were no valid text and were repaired.
    pub repaired: u64,
    /// Passages that were encoded in this run.
    pub passages_encoded: u64,
    /// Passages of which an encoder could read only the beginning.
    pub passages_cut: u64,
    /// What was skipped, by reason.
    pub skipped: Vec<SkippedSummary>,
    /// Documents in the space.
    pub documents: u64,
    /// Passages in the space.
    pub passages: u64,
    /// Segments in the space.
    pub segments: usize,
    /// Languages of the sparse views, as they were found or given.
    pub languages: Vec<String>,
    /// Encoders of the dense views.
    pub encoders: Vec<String>,
    /// Encoders that the space learned from its own passages: `meaning by sent2vec`.
    pub learned: Vec<String>,
    /// Bytes of the space's files.
    pub bytes_on_disk: u64,
    /// How long it took.
    pub seconds: f64,
    /// Passages encoded per second.
    pub passages_per_second: f64,
}

/// What was skipped for one reason.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SkippedSummary {
    /// The reason, in words.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// The first few, each with its reason in full.
    pub examples: Vec<String>,
}

impl BuildSummary {
    pub(super) fn skip(&mut self, skipped: &Skipped) {
        let reason = skipped.why.words();
        let at = self.skipped.iter().position(|s| s.reason == reason).unwrap_or_else(|| {
            self.skipped.push(SkippedSummary { reason: reason.to_owned(), ..SkippedSummary::default() });
            self.skipped.len() - 1
        });
        let entry = &mut self.skipped[at];
        entry.count += 1;
        if entry.examples.len() < EXAMPLES {
            entry.examples.push(format!("{}: {}", skipped.what, skipped.detail));
        }
    }

    /// How many things were skipped.
    #[must_use]
    pub fn skipped_total(&self) -> u64 {
        self.skipped.iter().map(|s| s.count).sum()
    }

    /// The skipped, in words: ` (3 skipped: 2 binary, 1 empty)`; empty when there are none.
    pub(super) fn skipped_words(&self) -> String {
        if self.skipped.is_empty() {
            return String::new();
        }
        let parts: Vec<_> = self.skipped.iter().map(|s| format!("{} {}", s.count, s.reason)).collect();
        format!(" ({} skipped: {})", self.skipped_total(), parts.join(", "))
    }
}
