//! Thinning candidates to links that lead in different directions.

use std::cmp::Ordering;

use super::space::Rows;
use crate::pool::Near;

/// Best first, ties by row.
pub fn by_score(a: &Near, b: &Near) -> Ordering {
    b.score.total_cmp(&a.score).then(a.id.cmp(&b.id))
}

/// What links are thinned by: how near rows are to each other.
pub trait Between {
    /// The score of a row with itself at best: turns scores into distances.
    fn ceiling(&self) -> f32;
    /// The scores of row `id` with others, at most four.
    fn between(&self, id: u32, others: &[u32], out: &mut [f32]);
}

impl Between for Rows<'_> {
    fn ceiling(&self) -> f32 {
        self.ceiling()
    }

    #[inline]
    fn between(&self, id: u32, others: &[u32], out: &mut [f32]) {
        self.scores(&self.row_query(id), others, out);
    }
}

/// Adds `new` to a list of links (best first) that is full: it is left out when a nearer link covers it, else it takes the
/// place of those that it covers, or of the farthest.
pub fn replace(rows: &impl Between, links: &mut Vec<Near>, new: Near, alpha: f32) {
    let ceiling = rows.ceiling();
    let place = links.partition_point(|n| by_score(n, &new) == Ordering::Less);
    let between = |id: u32| {
        let mut score = [0.0];
        rows.between(new.id, &[id], &mut score);
        alpha * (ceiling - score[0])
    };
    if links[..place].iter().any(|n| between(n.id) <= ceiling - new.score) {
        return;
    }
    let before = links.len();
    let mut at = 0;
    links.retain(|n| {
        at += 1;
        at <= place || between(n.id) > ceiling - n.score
    });
    if links.len() == before {
        if place == before {
            return;
        }
        links.pop();
    }
    links.insert(place, new);
}

/// Keeps at most `degree` of `candidates` (best first, without repetition): one that is nearer, by the factor `alpha`, to
/// a kept one than to the row itself is left out, for the walk reaches it through that one.
pub fn prune(rows: &impl Between, candidates: &[Near], degree: usize, alpha: f32, kept: &mut Vec<u32>) {
    let ceiling = rows.ceiling();
    kept.clear();
    for c in candidates {
        if kept.len() == degree {
            return;
        }
        let distance = ceiling - c.score;
        let covers = |score: &f32| alpha * (ceiling - score) <= distance;
        let covered = kept.chunks(4).any(|some| {
            let mut scores = [0.0; 4];
            rows.between(c.id, some, &mut scores[..some.len()]);
            scores[..some.len()].iter().any(covers)
        });
        if !covered {
            kept.push(c.id);
        }
    }
}
