//! What reading cost.

use std::time::Duration;

use serde::Serialize;

/// What one search, or several together, read and waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct DiskStats {
    /// Searches.
    pub queries: u64,
    /// Documents whose tokens were needed.
    pub wanted: u64,
    /// Of these, how many had been asked for ahead of time.
    pub hits: u64,
    /// Records that were read, needed or not.
    pub reads: u64,
    /// Bytes of these reads.
    pub bytes: u64,
    /// Seconds of all searches together.
    pub seconds: f64,
    /// Of these, seconds in which the search only waited for reads.
    pub waited: f64,
}

impl DiskStats {
    /// The share of the needed documents that had been asked for ahead of time.
    #[must_use]
    pub fn hit_rate(&self) -> f64 {
        if self.wanted == 0 { 0.0 } else { self.hits as f64 / self.wanted as f64 }
    }

    /// Adds another search.
    pub fn add(&mut self, o: &Self) {
        self.queries += o.queries;
        self.wanted += o.wanted;
        self.hits += o.hits;
        self.reads += o.reads;
        self.bytes += o.bytes;
        self.seconds += o.seconds;
        self.waited += o.waited;
    }

    pub(super) fn time(&mut self, all: Duration, waited: Duration) {
        (self.seconds, self.waited) = (all.as_secs_f64(), waited.as_secs_f64());
    }
}
