//! Buffers that one search leaves for the next.

use std::sync::{Mutex, PoisonError};

/// As many sets of buffers as searches ran at once.
#[derive(Default)]
pub struct Kept<T>(Mutex<Vec<T>>);

impl<T: Default> Kept<T> {
    /// Runs `work` with buffers of an earlier search, or with new ones.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut buffers = kept.unwrap_or_default();
        let result = work(&mut buffers);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffers);
        result
    }
}
