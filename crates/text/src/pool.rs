//! Working memory that calls on a shared object lend from it, one piece for each thread that is inside.

use std::sync::{Mutex, PoisonError};

/// Idle pieces of working memory.
pub(crate) struct Pool<T> {
    idle: Mutex<Vec<T>>,
}

impl<T: Default> Pool<T> {
    pub fn new() -> Self {
        Self { idle: Mutex::new(Vec::new()) }
    }

    /// Runs `work` on an idle piece (or a new one) and takes it back; what a panic held is dropped.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let lent = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut piece = lent.unwrap_or_default();
        let result = work(&mut piece);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
        result
    }
}
