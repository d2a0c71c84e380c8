//! All rows above a score: the walk goes on where it found some (as Manohar et al. 2025 go on from a beam to everything that
//! is linked within the range).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use vectory_core::Hit;

use super::beam::Start;

/// A row to look around from, the best first.
struct Open(Hit);

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        Hit::best_first(&other.0, &self.0)
    }
}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Open {}

/// What is looked for.
#[derive(Clone, Copy)]
pub struct Flood {
    /// The least score.
    pub floor: f32,
    /// Rows below the floor that are looked around from, best first, without finding one above it, before the walk ends; as many
    /// as were found, where that is more.
    pub patience: usize,
    /// Rows of the graph.
    pub rows: usize,
}

/// All rows that score at least the floor, as far as links lead to them from the seeds and from where walks start (which lie in
/// groups that the seeds may not have met), in no order.
pub fn flood(start: Start<'_>, seeds: Vec<Hit>, to: Flood, mut score: impl FnMut(&[u32], &mut [f32])) -> Vec<Hit> {
    let Start { links, entries } = start;
    let mut met = vec![false; to.rows];
    seeds.iter().for_each(|h| met[h.id as usize] = true);
    let mut open: BinaryHeap<Open> = seeds.into_iter().map(Open).collect();
    let (mut found, mut scores, mut dry) = (Vec::new(), Vec::new(), 0);
    let mut fresh: Vec<u32> =
        entries.iter().copied().filter(|id| !std::mem::replace(&mut met[*id as usize], true)).collect();
    scores.resize(fresh.len(), 0.0);
    score(&fresh, &mut scores);
    open.extend(fresh.iter().zip(&scores).map(|(id, score)| Open(Hit { id: *id, score: *score })));
    while let Some(Open(next)) = open.pop() {
        if next.score >= to.floor {
            found.push(next);
        } else if dry >= to.patience.max(found.len()) {
            break;
        }
        fresh.clear();
        fresh.extend(links.of(next.id).filter(|id| !std::mem::replace(&mut met[*id as usize], true)));
        scores.resize(fresh.len(), 0.0);
        score(&fresh, &mut scores);
        dry = if scores.iter().any(|s| *s >= to.floor) { 0 } else { dry + 1 };
        open.extend(fresh.iter().zip(&scores).map(|(id, score)| Open(Hit { id: *id, score: *score })));
    }
    found
}
