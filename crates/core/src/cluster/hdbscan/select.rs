//! Which groups of the condensed tree are kept, and what belongs to them.

use super::condense::{Child, Leaving};
use super::{Hdbscan, HdbscanParams, Selection};

pub(super) fn select(n: usize, tree: &[Leaving], params: &HdbscanParams) -> Hdbscan {
    let groups = Groups::new(tree);
    let chosen = groups.chosen(params);
    // The label of the nearest chosen group at or above each group.
    let mut label: Vec<Option<u32>> = vec![None; groups.born.len()];
    let mut stability = Vec::new();
    for g in 0..label.len() {
        label[g] = if chosen[g] {
            stability.push(groups.stability[g]);
            Some(stability.len() as u32 - 1)
        } else {
            groups.parent[g].and_then(|p| label[p])
        };
    }
    // A row of a single group that is all rows counts only while it stays as long as the group does.
    let only_root = chosen.first() == Some(&true);
    let mut found = Hdbscan { labels: vec![None; n], strength: vec![0.0; n], stability };
    let mut deepest = vec![0.0f64; found.stability.len()];
    // How deep the group itself goes, not what it holds: rows of inner groups belong to it fully.
    for l in tree.iter().filter(|l| chosen[l.parent as usize]) {
        if let Some(g) = label[l.parent as usize] {
            let at = &mut deepest[g as usize];
            *at = at.max(l.lambda.min(f64::MAX));
        }
    }
    let enough = if only_root { groups.last_row_of_root(tree) } else { 0.0 };
    for l in tree {
        let (Child::Row(row), Some(g)) = (l.child, label[l.parent as usize]) else { continue };
        if only_root && l.lambda < enough {
            continue;
        }
        let most = deepest[g as usize];
        found.labels[row as usize] = Some(g);
        found.strength[row as usize] = if most > 0.0 { (l.lambda / most).min(1.0) } else { 0.0 };
    }
    found
}

/// What is known of each group; children have larger numbers than their parents.
struct Groups {
    parent: Vec<Option<usize>>,
    /// 1 / distance at which it appears.
    born: Vec<f64>,
    stability: Vec<f64>,
}

impl Groups {
    fn new(tree: &[Leaving]) -> Self {
        let (mut parent, mut born) = (vec![None], vec![0.0]);
        for l in tree {
            if let Child::Group(g) = l.child {
                debug_assert_eq!(g as usize, parent.len());
                parent.push(Some(l.parent as usize));
                born.push(l.lambda);
            }
        }
        let mut stability = vec![0.0; parent.len()];
        for l in tree {
            let g = l.parent as usize;
            // Rows that coincide never leave; a finite number keeps sums and orders defined.
            let lambda = l.lambda.min(f64::MAX / 1e9);
            stability[g] += (lambda - born[g].min(f64::MAX / 1e9)) * f64::from(l.size);
        }
        Self { parent, born, stability }
    }

    fn chosen(&self, params: &HdbscanParams) -> Vec<bool> {
        let n = self.parent.len();
        let mut chosen = vec![false; n];
        let mut inner = vec![0.0; n];
        let mut has_children = vec![false; n];
        for g in (0..n).rev() {
            let allowed = g > 0 || params.allow_single_cluster;
            let keep = match params.selection {
                Selection::ExcessOfMass => allowed && (!has_children[g] || self.stability[g] >= inner[g]),
                Selection::Leaf => allowed && !has_children[g],
            };
            chosen[g] = keep;
            let mass = if keep { self.stability[g] } else { inner[g] };
            if let Some(p) = self.parent[g] {
                inner[p] += mass;
                has_children[p] = true;
            }
        }
        // Of nested chosen groups the outermost stays.
        let mut covered = vec![false; n];
        for g in 0..n {
            covered[g] = self.parent[g].is_some_and(|p| covered[p] || chosen[p]);
            chosen[g] &= !covered[g];
        }
        chosen
    }

    /// The largest 1 / distance at which something leaves the group of all rows.
    fn last_row_of_root(&self, tree: &[Leaving]) -> f64 {
        tree.iter().filter(|l| l.parent == 0).map(|l| l.lambda).fold(0.0, f64::max)
    }
}
