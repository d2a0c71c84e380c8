//! One iteration of NN-descent: the neighbours of a row, in both directions, are introduced to each other.

use rayon::prelude::*;

use super::lists::Lists;
use crate::simd::{self, Op};
use crate::{Cancelled, Context, VectorsRef, rng};

/// Rows whose joins one task makes.
const TASK: usize = 512;
/// Tasks after which what they found is offered to the lists.
const TASKS: usize = 32;
/// Groups of lists that are changed side by side.
const GROUPS: usize = 32;

/// A distance that could enter the list of `row`.
struct Offer {
    row: u32,
    id: u32,
    distance: f32,
}

/// Joins once; returns how many entries changed.
pub(super) fn improve(
    rows: VectorsRef<'_>,
    lists: &mut Lists,
    most: usize,
    iteration: u64,
    ctx: &Context,
) -> Result<usize, Cancelled> {
    let n = lists.rows();
    let [fresh, old] = draw(lists, most, rng::mix(ctx.seed ^ rng::mix(iteration)));
    for i in 0..n {
        fresh.of(i).for_each(|id| lists.joined(i, id));
    }
    let size = n.div_ceil(GROUPS).max(1);
    let starts: Vec<usize> = (0..n).step_by(TASK).collect();
    let mut changed = 0;
    for batch in starts.chunks(TASKS) {
        ctx.check()?;
        let join = |start: &usize| {
            let mut offers: Vec<Vec<Offer>> = (0..GROUPS).map(|_| vec![]).collect();
            (*start..n.min(start + TASK)).for_each(|i| meet(rows, lists, [&fresh, &old], i, size, &mut offers));
            offers
        };
        let offers: Vec<Vec<Vec<Offer>>> = batch.par_iter().map(join).collect();
        let accept = |(g, mut group): (usize, super::lists::ListsMut<'_>)| {
            let mine = offers.iter().flat_map(|task| &task[g]);
            mine.filter(|o| group.offer(o.row as usize - g * size, o.id, o.distance)).count()
        };
        changed += lists.groups(size).into_par_iter().enumerate().map(accept).sum::<usize>();
    }
    Ok(changed)
}

/// All pairs of row `i`'s fresh candidates, and of fresh with old.
fn meet(rows: VectorsRef<'_>, lists: &Lists, of: [&Drawn; 2], i: usize, size: usize, offers: &mut [Vec<Offer>]) {
    let fresh: Vec<u32> = of[0].of(i).collect();
    let all: Vec<u32> = fresh.iter().copied().chain(of[1].of(i)).collect();
    let mut distances = vec![0.0; all.len()];
    for (at, a) in fresh.iter().enumerate() {
        let others = &all[at + 1..];
        let out = &mut distances[..others.len()];
        simd::rows_at(Op::L2, rows.row(*a as usize), rows.as_slice(), others, out);
        let own = lists.worst(*a as usize);
        for (b, d) in others.iter().zip(out.iter()).filter(|(b, _)| *b != a) {
            if *d < own {
                offers[*a as usize / size].push(Offer { row: *a, id: *b, distance: *d });
            }
            if *d < lists.worst(*b as usize) {
                offers[*b as usize / size].push(Offer { row: *b, id: *a, distance: *d });
            }
        }
    }
}

/// Up to `most` candidates a row, drawn at random by a hash of the pair, so that the order of visits does not matter.
struct Drawn {
    most: usize,
    entries: Vec<(u32, u32)>,
}

impl Drawn {
    fn new(rows: usize, most: usize) -> Self {
        Self { most, entries: vec![(u32::MAX, u32::MAX); rows * most] }
    }

    fn of(&self, i: usize) -> impl Iterator<Item = u32> + '_ {
        self.entries[i * self.most..(i + 1) * self.most].iter().map(|e| e.1).take_while(|id| *id != u32::MAX)
    }

    fn offer(&mut self, i: usize, id: u32, draw: u32) {
        let list = &mut self.entries[i * self.most..(i + 1) * self.most];
        let entry = (draw, id);
        if entry >= list[list.len() - 1] || list.contains(&entry) {
            return;
        }
        let place = list.partition_point(|e| *e < entry);
        list[place..].rotate_right(1);
        list[place] = entry;
    }
}

/// Fresh and old candidates of all rows: their lists' entries and the rows whose lists they are in.
fn draw(lists: &Lists, most: usize, seed: u64) -> [Drawn; 2] {
    let n = lists.rows();
    let of = |wanted: bool| {
        let mut drawn = Drawn::new(n, most);
        for i in 0..n {
            for (id, _) in lists.marked(i).filter(|(_, fresh)| *fresh == wanted) {
                let (a, b) = (u64::from(id).min(i as u64), u64::from(id).max(i as u64));
                let draw = (rng::mix(seed ^ (a << 32 | b)) >> 33) as u32;
                drawn.offer(i, id, draw);
                drawn.offer(id as usize, i as u32, draw);
            }
        }
        drawn
    };
    let (fresh, old) = rayon::join(|| of(true), || of(false));
    [fresh, old]
}
