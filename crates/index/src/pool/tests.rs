use proptest::prelude::*;

use super::key::{OPEN, id_of, key, score_of};
use super::*;

#[test]
fn keys_order_as_scores_and_give_them_back() {
    let scores = [f32::NEG_INFINITY, f32::MIN, -2.5, -1e-40, -0.0, 0.0, 1e-40, 0.5, 3.0, f32::MAX];
    for (i, a) in scores.iter().enumerate() {
        for id in [0, 1, 77, (1 << 31) - 1] {
            assert_eq!((score_of(key(*a, id)).to_bits(), id_of(key(*a, id))), (a.to_bits(), id));
            assert_eq!(id_of(key(*a, id) & !OPEN), id);
        }
        assert!(key(*a, 3) != key(*a, 4) && key(*a, 4) > 0);
        scores[i + 1..].iter().for_each(|b| assert!(key(*a, 0) < key(*b, 9), "{a} {b}"));
    }
    assert_eq!(score_of(0), f32::NEG_INFINITY);
}

proptest! {
    /// Any run of offers leaves the best of all that was offered, each once, whoever inserts.
    #[test]
    fn the_best_are_kept(blocks in 1usize..16, lists in prop::collection::vec(prop::collection::btree_set(0u32..200, 0..40), 1..12), taken in 0usize..5) {
        for (name, insert) in supported() {
            let mut keys = vec![0u64; blocks * BLOCK];
            let mut all: Vec<u64> = Vec::new();
            let mut done: Vec<u64> = Vec::new();
            for list in &lists {
                // A row's score is always the same; some rows share one.
                let new: Vec<u64> = list.iter().map(|id| key((id * 37 % 50) as f32 - 20.0, *id)).collect();
                let old = keys.clone();
                // SAFETY: the CPU has it; whole blocks.
                let first = unsafe { insert(&mut keys, &new) };
                let fresh = (0..keys.len()).find(|i| keys[*i] & OPEN != 0 && !old.contains(&keys[*i]));
                prop_assert!(fresh.is_none_or(|f| first <= f), "{}", name);
                all.extend(&new);
                all.sort_unstable();
                all.dedup();
                let best: Vec<u64> = all.iter().rev().copied().take(keys.len()).collect();
                let kept: Vec<u64> = keys.iter().take_while(|k| **k != 0).map(|k| k | OPEN).collect();
                prop_assert_eq!(&kept, &best, "{}", name);
                for i in (0..taken).filter(|i| i * 3 < kept.len()) {
                    keys[i * 3] &= !OPEN;
                    done.push(kept[i * 3]);
                }
                // What was looked around from stays so.
                prop_assert!(keys.iter().all(|k| *k == 0 || (*k & OPEN == 0) == done.contains(&(k | OPEN))), "{}", name);
            }
        }
    }
}
