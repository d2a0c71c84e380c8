//! Thinning candidates to links that lead in different directions.

use std::cmp::Ordering;

use super::beam::Near;
use super::space::Rows;

/// Best first, ties by row.
pub fn by_score(a: &Near, b: &Near) -> Ordering {
    b.score.total_cmp(&a.score).then(a.id.cmp(&b.id))
}

/// Keeps at most `degree` of `candidates` (best first, without repetition): one that is nearer, by the factor `alpha`, to
/// a kept one than to the row itself is left out, for the walk reaches it through that one.
pub fn prune(rows: &Rows<'_>, candidates: &[Near], degree: usize, alpha: f32, kept: &mut Vec<u32>) {
    let ceiling = rows.ceiling();
    kept.clear();
    for c in candidates {
        if kept.len() == degree {
            return;
        }
        let query = rows.row_query(c.id);
        let distance = ceiling - c.score;
        let covered = kept.iter().any(|k| alpha * (ceiling - rows.score(&query, *k)) <= distance);
        if !covered {
            kept.push(c.id);
        }
    }
}
