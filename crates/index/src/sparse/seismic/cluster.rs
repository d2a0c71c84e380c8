//! One list: which items it keeps, in which blocks, under which summaries.

use rand::seq::index::sample;
use rustc_hash::FxHashMap;
use vectory_core::repr::{SparseRef, SparseSet};
use vectory_core::rng;

use super::SeismicParams;

/// A finished list.
#[derive(Default)]
pub struct List {
    /// The items, block after block.
    pub items: Vec<u32>,
    /// Where each block ends in them.
    pub ends: Vec<u32>,
    /// For each dimension of the summaries, ascending: the dimension, and where its entries end.
    pub dims: Vec<(u32, u32)>,
    /// (block, code of the weight), dimension after dimension.
    pub entries: Vec<(u16, u8)>,
    /// What one step of a code is worth.
    pub step: f32,
}

/// Most blocks of a list: their numbers have 16 bits.
const MOST: usize = 1 << 16;

/// Each item with its heaviest dimensions alone, ascending by dimension.
pub fn heaviest(item: SparseRef<'_>, n: usize, out: &mut Vec<(u32, f32)>) {
    out.clear();
    out.extend(item.dims.iter().copied().zip(item.weights.iter().copied()));
    if out.len() > n {
        out.select_nth_unstable_by(n, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        out.truncate(n);
        out.sort_unstable_by_key(|e| e.0);
    }
}

/// Groups the postings of dimension `dim` (item, weight), and summarises the groups.
pub fn list(dim: u32, mut postings: Vec<(u32, f32)>, set: &SparseSet, params: &SeismicParams, seed: u64) -> List {
    if postings.len() > params.postings {
        postings.select_nth_unstable_by(params.postings, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        postings.truncate(params.postings);
    }
    postings.sort_unstable_by_key(|p| p.0);
    let blocks = ((postings.len() as f32 * params.blocks).ceil() as usize).clamp(1, MOST).min(postings.len());
    let mut r = rng::item(seed, "seismic", u64::from(dim));
    let mut centres = sample(&mut r, postings.len(), blocks).into_vec();
    centres.sort_unstable();
    let centres: Vec<u32> = centres.iter().map(|c| postings[*c].0).collect();
    let mut groups = assign(&postings, &centres, set, params);
    groups.retain(|g| !g.is_empty());
    let mut out = List::default();
    for group in &groups {
        out.items.extend_from_slice(group);
        out.ends.push(out.items.len() as u32);
    }
    summarise(&groups, set, params.energy, &mut out);
    out
}

/// Each item to the centre with the largest product over the item's heaviest dimensions; ties to the first.
fn assign(postings: &[(u32, f32)], centres: &[u32], set: &SparseSet, params: &SeismicParams) -> Vec<Vec<u32>> {
    // The centres by dimension: (centre, weight).
    let mut by_dim: FxHashMap<u32, Vec<(u32, f32)>> = FxHashMap::default();
    let mut heavy = Vec::new();
    for (c, item) in (0..).zip(centres) {
        heaviest(set.item(*item as usize), 2 * params.item_cut, &mut heavy);
        heavy.iter().for_each(|(d, w)| by_dim.entry(*d).or_default().push((c, *w)));
    }
    let mut groups = vec![Vec::new(); centres.len()];
    let mut sums = vec![0.0f32; centres.len()];
    for (item, _) in postings {
        sums.fill(0.0);
        heaviest(set.item(*item as usize), params.item_cut, &mut heavy);
        for (d, w) in &heavy {
            for (c, v) in by_dim.get(d).map_or(&[][..], Vec::as_slice) {
                sums[*c as usize] += w * v;
            }
        }
        let best = sums.iter().enumerate().fold((0, f32::NEG_INFINITY), |b, (c, s)| if *s > b.1 { (c, *s) } else { b });
        groups[best.0].push(*item);
    }
    groups
}

/// The largest weight of each dimension in each group, the heaviest that carry `energy` of the mass, in codes of 8 bits.
fn summarise(groups: &[Vec<u32>], set: &SparseSet, energy: f32, out: &mut List) {
    let mut kept: Vec<(u32, u16, f32)> = Vec::new();
    let mut largest: FxHashMap<u32, f32> = FxHashMap::default();
    for (b, group) in groups.iter().enumerate() {
        largest.clear();
        for item in group {
            let item = set.item(*item as usize);
            for (d, w) in item.dims.iter().zip(item.weights) {
                let l = largest.entry(*d).or_insert(0.0);
                *l = l.max(*w);
            }
        }
        let mut all: Vec<(u32, f32)> = largest.iter().map(|(d, w)| (*d, *w)).collect();
        all.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let enough = energy * all.iter().map(|e| e.1).sum::<f32>();
        let mut mass = 0.0;
        for (d, w) in all {
            if mass >= enough {
                break;
            }
            mass += w;
            kept.push((d, b as u16, w));
        }
    }
    kept.sort_unstable_by_key(|e| (e.0, e.1));
    let top = kept.iter().fold(0.0f32, |m, e| m.max(e.2));
    out.step = if top > 0.0 { top / 255.0 } else { 1.0 };
    for (d, b, w) in kept {
        out.entries.push((b, (w / out.step).ceil().min(255.0) as u8));
        match out.dims.last_mut() {
            Some(last) if last.0 == d => last.1 += 1,
            _ => out.dims.push((d, out.entries.len() as u32)),
        }
    }
}
