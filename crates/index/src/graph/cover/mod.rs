//! Whether rows are nearer to each other than to a third: by their codes where these are sure of it, else by their values.
//!
//! Thinning asks this of some hundred pairs for every link, which makes it most of the work of building. A pair of codes is read
//! and multiplied in a fifth of the time of a pair of rows, and its score is known but for an error that is measured on rows
//! that are linked to the same row. Only pairs within that error of the bar are looked at in full.

use vectory_core::VectorsRef;

use super::code::{CodeQuery, Codes};
use super::model::Parts;
use super::prune::{Between, any_by_fours, at_least};
use super::space::Rows;
use crate::pool::BATCH;

/// Rows that the error is measured around, and pairs around each.
const SAMPLE: usize = 500;
const PAIRS: usize = 4;
/// Standard deviations of the error within which codes are not believed.
const DEVIATIONS: f64 = 1.5;
/// Codes are not asked where what they do not know is more than this part of the distance in question. Nearer to each other,
/// rows have the same codes and so the same errors, which then do not cancel.
const USEFUL: f32 = 0.25;

/// How sure codes are of the scores of two rows.
#[derive(Clone, Copy, Debug)]
pub struct Doubt {
    /// What one unit of the estimates is worth in scores.
    worth: f32,
    /// What estimates lack.
    constant: f32,
    /// An estimate this far from the bar is sure, in units of the estimates.
    margin: f32,
}

/// Rows, and codes of them as far as they can be believed.
pub struct Judge<'a> {
    pub rows: Rows<'a>,
    codes: Option<(Codes<'a>, Doubt)>,
    ceiling: f32,
}

/// A row made ready to be compared with others. Reuse it: its buffers are kept.
#[derive(Default)]
pub struct Ready {
    id: u32,
    query: CodeQuery,
    bias: f32,
}

impl Parts {
    pub(super) fn judge<'a>(&'a self, rows: VectorsRef<'a>) -> Judge<'a> {
        let rows = self.seen(rows);
        Judge { rows, codes: self.codes().zip(self.doubt), ceiling: rows.ceiling() }
    }

    /// Measures how far codes can be believed, on rows that are linked to the same row.
    pub(super) fn measure_doubt(&mut self, rows: VectorsRef<'_>) {
        self.doubt = self.codes().and_then(|codes| measure(self, &self.seen(rows), codes));
    }
}

fn measure(parts: &Parts, rows: &Rows<'_>, codes: Codes<'_>) -> Option<Doubt> {
    let linked: Vec<&[u32]> = (0..parts.rows as u32).map(|id| parts.links().list(id)).filter(|l| l.len() > 1).collect();
    let (ceiling, worth) = (f64::from(rows.ceiling()), if rows.is_l2() { 2.0 } else { 1.0 });
    let (mut ready, mut out) = (Ready::default(), [0.0; BATCH]);
    let (mut count, mut sum, mut squares, mut distance) = (0.0, 0.0, 0.0, 0.0);
    for i in 0..SAMPLE.min(linked.len()) {
        let list = linked[i * linked.len() / SAMPLE.min(linked.len())];
        let others = &list[1..list.len().min(1 + PAIRS)];
        ready.set(&codes, list[0]);
        codes.scores(&ready.query, others, f32::INFINITY, &mut out);
        let query = rows.row_query(list[0]);
        for (id, estimate) in others.iter().zip(&out) {
            let exact = f64::from(rows.score(&query, *id));
            let error = exact - f64::from(worth * (estimate - ready.bias));
            (count, distance) = (count + 1.0, distance + ceiling - exact);
            (sum, squares) = (sum + error, squares + error * error);
        }
    }
    let mean = sum / count;
    let margin = DEVIATIONS * (squares / count - mean * mean).max(0.0).sqrt();
    let believed = margin < f64::from(USEFUL) * distance / count;
    believed.then_some(Doubt { worth, constant: mean as f32, margin: margin as f32 / worth })
}

impl Doubt {
    /// Whether codes can tell a distance from others.
    #[inline]
    fn is_small(&self, distance: f32) -> bool {
        self.margin * self.worth < USEFUL * distance
    }
}

impl Ready {
    fn set(&mut self, codes: &Codes<'_>, id: u32) {
        self.id = id;
        self.bias = codes.row_query(id, &mut self.query);
    }
}

impl Judge<'_> {
    /// Codes that can be asked for a score of at least this.
    #[inline]
    fn codes_for(&self, floor: f32) -> Option<&(Codes<'_>, Doubt)> {
        self.codes.as_ref().filter(|(_, doubt)| doubt.is_small(self.ceiling - floor))
    }

    fn exact(&self, ready: &Ready, id: u32) -> f32 {
        self.rows.score(&self.rows.row_query(ready.id), id)
    }
}

impl Between for Judge<'_> {
    type Ready = Ready;

    fn ceiling(&self) -> f32 {
        self.ceiling
    }

    fn ready(&self, id: u32, ready: &mut Ready) {
        match &self.codes {
            Some((codes, _)) => ready.set(codes, id),
            None => ready.id = id,
        }
    }

    #[inline]
    fn nearer(&self, ready: &Ready, others: &[u32], lowest: f32, floor: impl Fn(usize) -> f32) -> u64 {
        let mut out = [0.0; BATCH];
        let Some((codes, doubt)) = self.codes_for(lowest) else {
            let out = &mut out[..others.len()];
            self.rows.scores(&self.rows.row_query(ready.id), others, out);
            return at_least(out, floor);
        };
        let bar = |floor: f32| (floor - doubt.constant) / doubt.worth + ready.bias;
        let mut open = codes.scores(&ready.query, others, bar(lowest) - doubt.margin, &mut out);
        let mut nearer = 0;
        while open != 0 {
            let j = open.trailing_zeros() as usize;
            open &= open - 1;
            let (floor, above) = (floor(j), out[j] - bar(floor(j)));
            let sure = above.abs() > doubt.margin && doubt.is_small(self.ceiling - floor);
            let is_nearer = if sure { above > 0.0 } else { self.exact(ready, others[j]) >= floor };
            nearer |= u64::from(is_nearer) << j;
        }
        nearer
    }

    #[inline]
    fn any_nearer(&self, ready: &Ready, others: &[u32], floor: f32) -> bool {
        let Some((codes, doubt)) = self.codes_for(floor) else {
            return any_by_fours(self, ready, others, floor);
        };
        let bar = (floor - doubt.constant) / doubt.worth + ready.bias;
        let (mut out, mut unsure) = ([0.0; BATCH], 0u64);
        for (block, some) in others.chunks(16).enumerate() {
            let mut open = codes.scores(&ready.query, some, bar - doubt.margin, &mut out);
            unsure |= open << (16 * block);
            while open != 0 {
                if out[open.trailing_zeros() as usize] > bar + doubt.margin {
                    return true;
                }
                open &= open - 1;
            }
        }
        while unsure != 0 {
            if self.exact(ready, others[unsure.trailing_zeros() as usize]) >= floor {
                return true;
            }
            unsure &= unsure - 1;
        }
        false
    }
}

#[cfg(test)]
mod tests;
