//! For every processor, and for lists too long for registers.

use super::key::OPEN;

/// See [`super::Insert`].
pub unsafe fn insert(keys: &mut [u64], new: &[u64]) -> usize {
    let mut first = keys.len();
    for key in new {
        let place = keys.partition_point(|k| k > key);
        // The same row stands there: not looked around from, or else just smaller by that.
        if place == keys.len() || keys[place] | OPEN == *key {
            continue;
        }
        let last = keys.len() - 1;
        keys.copy_within(place..last, place + 1);
        keys[place] = *key;
        first = first.min(place);
    }
    first
}
