//! Which candidates of a range search are looked at again.

use vectory_core::Hit;

/// Candidates below the floor that are looked at again at a time, at least.
const BATCH: usize = 256;

/// All that score at least `floor` when looked at again, best first. First scores are estimates: the candidates below the floor
/// are looked at, too, the best first, until none of a whole batch comes out above it.
pub(crate) fn settle(mut first: Vec<Hit>, floor: f32, mut rank: impl FnMut(Vec<Hit>) -> Vec<Hit>) -> Vec<Hit> {
    first.retain(|h| !h.score.is_nan());
    first.sort_unstable_by_key(|h| std::cmp::Reverse(h.score >= floor));
    let mut rest = first.split_off(first.partition_point(|h| h.score >= floor));
    let mut found = rank(first);
    found.retain(|h| h.score >= floor);
    while !rest.is_empty() {
        let size = BATCH.max(found.len() / 4).min(rest.len());
        if size < rest.len() {
            rest.select_nth_unstable_by(size, Hit::best_first);
        }
        let after = rest.split_off(size);
        let mut more = rank(std::mem::replace(&mut rest, after));
        more.retain(|h| h.score >= floor);
        if more.is_empty() {
            break;
        }
        found.append(&mut more);
    }
    found.sort_unstable_by(Hit::best_first);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_below_the_floor_get_a_second_look() {
        // The true score is the number of the row; the first one errs by up to 40.
        let first: Vec<Hit> =
            (0..2000u32).map(|id| Hit { id, score: id as f32 + ((id * 7919) % 81) as f32 - 40.0 }).collect();
        let mut looks = 0;
        let found = settle(first, 1500.0, |hits| {
            looks += hits.len();
            hits.into_iter().map(|h| Hit { score: h.id as f32, ..h }).collect()
        });
        assert_eq!(found.iter().map(|h| h.id).collect::<Vec<_>>(), (1500..2000).rev().collect::<Vec<_>>());
        assert!(looks < 1200, "{looks}");
        assert!(settle(Vec::new(), 0.0, |h| h).is_empty());
    }
}
