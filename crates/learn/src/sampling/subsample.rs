//! Subsampling of frequent words (Mikolov et al., 2013).

use rand::RngExt;
use vectory_core::rng::Rng;

use crate::vocabulary::BREAK;

/// Leaves in `kept` the words of `ids` that are kept; says how many words there were. As [`sift`].
pub fn subsample(ids: &[u32], keep: &[f32], r: &mut Rng, kept: &mut Vec<u32>) -> u64 {
    kept.clear();
    sift(ids, keep, r, |_, id| kept.push(id))
}

/// Calls `each` with the places and the words of `ids` that are kept, each with its word's share `keep`; says how many words there were.
/// Breaks between sentences and lines are no words. Words of share 1 draw nothing.
pub fn sift(ids: &[u32], keep: &[f32], r: &mut Rng, mut each: impl FnMut(usize, u32)) -> u64 {
    let mut words = 0;
    for (at, id) in ids.iter().enumerate().filter(|i| *i.1 < BREAK) {
        words += 1;
        let share = keep[*id as usize];
        if share >= 1.0 || r.random::<f32>() < share {
            each(at, *id);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::subsample;
    use crate::vocabulary::{BREAK, LINE_END};

    #[test]
    fn words_stay_by_their_shares_and_breaks_do_not_count() {
        let mut r = vectory_core::rng::stream(3, "subsample");
        let ids: Vec<u32> = (0..3000).map(|i| i % 3).chain([BREAK, LINE_END]).collect();
        let mut kept = vec![7];
        assert_eq!(subsample(&ids, &[1.0, 0.25, 0.0], &mut r, &mut kept), 3000);
        let count = |id: u32| kept.iter().filter(|k| **k == id).count();
        assert_eq!((count(0), count(2), count(7), kept.len()), (1000, 0, 0, 1000 + count(1)));
        assert!((190..310).contains(&count(1)), "{}", count(1));
    }
}
