//! Texts of many requests, encoded together.
//!
//! Whoever comes while nobody encodes goes at once, and takes along what has come together by then; the others wait. So a single
//! request is never held back, and the more there are the larger the batches grow: a neural encoder fills its matrix products.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use vectory_core::{Context, Encode, Vectors};

use crate::error::ApiError;

/// Texts that are encoded together at most (a request with more goes alone).
const TOGETHER: usize = 512;
/// Texts that may wait.
const WAITING: usize = 16_384;

/// The texts of a request, and what became of them.
struct Slot {
    texts: Vec<String>,
    done: Mutex<Option<Result<Vectors, String>>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Arc<Slot>>,
    texts: usize,
    busy: bool,
}

/// The queue before an encoder.
#[derive(Default)]
pub(crate) struct Batcher {
    queue: Mutex<Queue>,
    changed: Condvar,
    batches: AtomicU64,
    texts: AtomicU64,
}

impl Batcher {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows of these texts, in their order.
    pub fn encode(&self, encoder: &dyn Encode, texts: Vec<String>, ctx: &Context) -> Result<Vectors, ApiError> {
        let slot = Arc::new(Slot { texts, done: Mutex::new(None) });
        let mut queue = self.queue();
        if queue.texts > 0 && queue.texts + slot.texts.len() > WAITING {
            return Err(ApiError::busy("too many texts wait to be encoded; try again in a moment"));
        }
        queue.texts += slot.texts.len();
        queue.waiting.push_back(Arc::clone(&slot));
        loop {
            if let Some(done) = slot.done.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return done.map_err(|e| ApiError::new(500, format!("Service internal error: {e}")));
            }
            if queue.busy {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let batch = take(&mut queue);
            queue.busy = true;
            drop(queue);
            // Whatever happens, the next one must be let in.
            let free = Free(self, &batch);
            self.run(encoder, &batch, ctx);
            drop(free);
            queue = self.queue();
        }
    }

    fn run(&self, encoder: &dyn Encode, batch: &[Arc<Slot>], ctx: &Context) {
        let texts: Vec<&str> = batch.iter().flat_map(|s| s.texts.iter().map(String::as_str)).collect();
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.texts.fetch_add(texts.len() as u64, Ordering::Relaxed);
        let rows = encoder.encode(&texts, ctx).map_err(|e| e.to_string());
        let mut at = 0;
        for slot in batch {
            let end = at + slot.texts.len();
            let own = rows.as_ref().map_err(Clone::clone).and_then(|r| {
                Vectors::from_slice(r.view().slice(at, end).as_slice(), r.dim()).map_err(|e| e.to_string())
            });
            *slot.done.lock().unwrap_or_else(PoisonError::into_inner) = Some(own);
            at = end;
        }
    }

    /// Texts that wait; batches and texts since the start.
    pub fn counts(&self) -> (usize, u64, u64) {
        (self.queue().texts, self.batches.load(Ordering::Relaxed), self.texts.load(Ordering::Relaxed))
    }
}

/// Lets the next one in, even after a panic.
struct Free<'a>(&'a Batcher, &'a [Arc<Slot>]);

impl Drop for Free<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let failed = || Some(Err("the encoder's thread failed; this is a bug".to_owned()));
            self.1.iter().for_each(|s| *s.done.lock().unwrap_or_else(PoisonError::into_inner) = failed());
        }
        self.0.queue().busy = false;
        self.0.changed.notify_all();
    }
}

/// The next batch, in the order of coming.
fn take(queue: &mut Queue) -> Vec<Arc<Slot>> {
    let (mut batch, mut texts) = (Vec::new(), 0);
    while let Some(next) = queue.waiting.front() {
        if !batch.is_empty() && texts + next.texts.len() > TOGETHER {
            break;
        }
        texts += next.texts.len();
        batch.extend(queue.waiting.pop_front());
    }
    queue.texts -= texts;
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_core::{EncodeError, Metric};

    /// The length of each text, slowly.
    struct Slow;

    impl Encode for Slow {
        fn name(&self) -> &str {
            "slow"
        }
        fn dim(&self) -> usize {
            1
        }
        fn metric(&self) -> Metric {
            Metric::Dot
        }
        fn fingerprint(&self) -> String {
            "slow".into()
        }
        fn encode(&self, texts: &[&str], _: &Context) -> Result<Vectors, EncodeError> {
            std::thread::sleep(std::time::Duration::from_millis(20));
            if texts.iter().any(|t| t.contains("bad")) {
                return Err(EncodeError::Model("cannot read it".into()));
            }
            let rows: Vec<f32> = texts.iter().map(|t| t.len() as f32).collect();
            Vectors::from_slice(&rows, 1).map_err(|e| EncodeError::Model(e.to_string()))
        }
    }

    #[test]
    fn requests_share_batches_and_get_their_own_rows() {
        let (batcher, ctx) = (Batcher::default(), Context::new(1, 1).unwrap());
        std::thread::scope(|scope| {
            for i in 0..40usize {
                let (batcher, ctx) = (&batcher, &ctx);
                scope.spawn(move || {
                    let texts = vec!["x".repeat(i), "y".repeat(2 * i)];
                    let rows = batcher.encode(&Slow, texts, ctx).unwrap();
                    assert_eq!(rows.as_slice(), [i as f32, 2.0 * i as f32]);
                });
            }
        });
        let (waiting, batches, texts) = batcher.counts();
        assert_eq!((waiting, texts), (0, 80));
        assert!(batches < 20, "{batches} batches for 40 requests");
        let error = batcher.encode(&Slow, vec!["bad".into()], &ctx).unwrap_err();
        assert!(error.status == 500 && error.message.contains("cannot read it"));
        assert!(batcher.encode(&Slow, vec!["good".into()], &ctx).is_ok(), "one failure is no end");
    }

    #[test]
    fn a_full_queue_says_when_to_come_again() {
        let batcher = Batcher::default();
        batcher.queue().texts = WAITING;
        let refused = batcher.encode(&Slow, vec!["a".into()], &Context::new(1, 1).unwrap()).unwrap_err();
        assert_eq!((refused.status, refused.retry_after), (503, Some(1)));
    }
}
