//! For every processor, and for lists too long for registers.

use super::BATCH;
use super::key::OPEN;

/// See [`super::Insert`].
pub unsafe fn insert(keys: &mut [u64], new: &[u64]) -> usize {
    new.chunks(BATCH).fold(keys.len(), |first, some| first.min(merge(keys, some)))
}

/// Where each goes is sought in the list as it was, so that no search waits for another; then what lies between two new ones is
/// moved once, however many there are.
fn merge(keys: &mut [u64], new: &[u64]) -> usize {
    let len = keys.len();
    let mut fresh = [(0u64, 0usize); BATCH];
    let mut count = 0;
    for key in new {
        let place = keys.partition_point(|k| k > key);
        // The same row may stand there: not looked around from, or else just smaller by that.
        if place < len && keys[place] | OPEN != *key {
            fresh[count] = (*key, place);
            count += 1;
        }
    }
    let fresh = &mut fresh[..count];
    fresh.sort_unstable_by(|a, b| b.cmp(a));
    let mut end = len;
    for (before, (key, place)) in fresh.iter().enumerate().rev() {
        let to = place + before;
        if to < len {
            keys.copy_within(*place..end.min(len - before - 1).max(*place), to + 1);
            keys[to] = *key;
        }
        end = *place;
    }
    fresh.first().map_or(len, |f| f.1)
}
