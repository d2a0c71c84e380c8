//! Points to named regions.

use vectory_core::cluster::{HdbscanParams, Selection, hdbscan};
use vectory_core::{Context, Vectors};
use vectory_inspect::map::keywords;
use vectory_space::Space;

use super::state::Region;

/// Up to so many points are grouped themselves; of more, a sample, and the others go by the cell they lie in.
const WHOLE: usize = 50_000;
/// Cells along an axis.
const CELLS: usize = 256;
/// Texts that are read to name groups.
const TEXTS: usize = 20_000;
/// Characters of a text that count.
const LENGTH: usize = 600;
/// Words of a name.
const WORDS: usize = 3;

/// The group of each point.
pub(super) fn find_groups(places: &Vectors, ctx: &Context) -> Result<Vec<Option<u32>>, String> {
    let n = places.rows();
    let step = n.div_ceil(WHOLE).max(1);
    let sample = Vectors::from_rows(places.iter().step_by(step)).map_err(|e| e.to_string())?;
    // The innermost groups: of about one size, where the outer ones may be half of the map.
    let params = HdbscanParams {
        min_cluster_size: (sample.rows() / 100).max(8),
        min_samples: Some(5),
        selection: Selection::Leaf,
        ..HdbscanParams::default()
    };
    let found = hdbscan(sample.view(), &params, ctx).map_err(|e| e.to_string())?;
    if step == 1 {
        return Ok(found.labels);
    }
    let cell = |p: &[f32]| {
        let at = |v: f32| (((v + 1.0) / 2.0 * CELLS as f32) as usize).min(CELLS - 1);
        at(p[1]) * CELLS + at(p[0])
    };
    // The group that most of a cell's sampled points have.
    let mut votes: Vec<Vec<(u32, u32)>> = vec![Vec::new(); CELLS * CELLS];
    for (place, label) in sample.iter().zip(&found.labels) {
        let Some(label) = label else { continue };
        let votes = &mut votes[cell(place)];
        match votes.iter_mut().find(|v| v.0 == *label) {
            Some(vote) => vote.1 += 1,
            None => votes.push((*label, 1)),
        }
    }
    Ok(places.iter().map(|p| votes[cell(p)].iter().max_by_key(|v| v.1).map(|v| v.0)).collect())
}

/// For each group the words that set its texts apart; empty where they have none.
pub(super) fn name_groups(space: &Space, passages: &[u32], groups: &[Option<u32>]) -> Result<Vec<String>, String> {
    let step = passages.len().div_ceil(TEXTS).max(1);
    let count = groups.iter().flatten().max().map_or(0, |m| *m as usize + 1);
    let (mut texts, mut labels) = (Vec::new(), Vec::new());
    for (passage, group) in passages.iter().zip(groups).step_by(step) {
        let Some(found) = space.passages(&[*passage]).map_err(|e| e.to_string())?.pop() else { continue };
        let text: String = found.text.chars().take(LENGTH).collect();
        texts.push(format!("{} {text}", found.title));
        labels.push(*group);
    }
    let mut names: Vec<String> = keywords(&texts, &labels, WORDS).into_iter().map(|w| w.join(" · ")).collect();
    names.resize(count, String::new());
    Ok(names)
}

/// Each group with its middle: the medians of its points' places.
pub(super) fn regions(places: &Vectors, groups: &[Option<u32>], names: Vec<String>) -> Vec<Region> {
    let mut members: Vec<(Vec<f32>, Vec<f32>)> = vec![Default::default(); names.len()];
    for (place, group) in places.iter().zip(groups) {
        if let Some((x, y)) = group.and_then(|g| members.get_mut(g as usize)) {
            x.push(place[0]);
            y.push(place[1]);
        }
    }
    let region = |(i, (name, (x, y))): (usize, (String, (Vec<f32>, Vec<f32>)))| Region {
        name: if name.is_empty() { format!("group {}", i + 1) } else { name },
        count: x.len(),
        x: median(x),
        y: median(y),
    };
    names.into_iter().zip(members).enumerate().map(region).collect()
}

fn median(mut values: Vec<f32>) -> f32 {
    let middle = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(middle, f32::total_cmp).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_heaps_are_two_regions() {
        let values: Vec<f32> = (0..200)
            .flat_map(|i| [(i % 2) as f32 * 1.6 - 0.8 + (i % 7) as f32 * 0.01, (i % 11) as f32 * 0.01])
            .collect();
        let places = Vectors::from_slice(&values, 2).unwrap();
        let groups = find_groups(&places, &Context::new(1, 1).unwrap()).unwrap();
        let side = |left: bool| -> std::collections::BTreeSet<u32> {
            places.iter().zip(&groups).filter(|(p, _)| (p[0] < 0.0) == left).filter_map(|(_, g)| *g).collect()
        };
        assert!(!side(true).is_empty() && !side(false).is_empty() && side(true).is_disjoint(&side(false)));
        let of_side: Vec<Option<u32>> = places.iter().map(|p| Some(u32::from(p[0] > 0.0))).collect();
        let found = regions(&places, &of_side, vec!["cats".into(), String::new()]);
        assert_eq!(found.iter().map(|r| r.count).collect::<Vec<_>>(), [100, 100]);
        assert!(found[1].x - found[0].x > 1.5);
        assert_eq!((found[0].name.as_str(), found[1].name.as_str()), ("cats", "group 2"));
    }
}
