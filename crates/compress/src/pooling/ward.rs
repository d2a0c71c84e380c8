//! Ward's method (Ward 1963) by the nearest-neighbour chain (Benzécri 1982; Murtagh 1983).

use vectory_core::VectorsRef;
use vectory_core::simd;

/// Groups rows into `groups` (at most as many as rows): the merges that raise the sum of squared distances from the means least.
/// The group of each row, numbered by first appearance; ties go to the smaller row. O(n²) time and memory.
#[must_use]
pub fn ward(rows: VectorsRef<'_>, groups: usize) -> Vec<u32> {
    let n = rows.rows();
    let mut merges = chain(rows);
    merges.sort_by(|a, b| a.2.total_cmp(&b.2));
    let mut parent: Vec<u32> = (0..n as u32).collect();
    for (a, b, _) in merges.iter().take(n.saturating_sub(groups.max(1))) {
        let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
        parent[a.max(b) as usize] = a.min(b);
    }
    let mut number = vec![u32::MAX; n];
    let mut next = 0;
    (0..n as u32)
        .map(|i| {
            let top = root(&mut parent, i) as usize;
            if number[top] == u32::MAX {
                number[top] = next;
                next += 1;
            }
            number[top]
        })
        .collect()
}

/// All n - 1 merges: a row of each side, and what the merge costs. A cheaper merge never depends on a dearer one.
fn chain(rows: VectorsRef<'_>) -> Vec<(u32, u32, f32)> {
    let n = rows.rows();
    let mut cost = vec![f32::INFINITY; n * n];
    for i in 0..n {
        for j in 0..i {
            let d = simd::l2_sq(rows.row(i), rows.row(j)) / 2.0;
            (cost[i * n + j], cost[j * n + i]) = (d, d);
        }
    }
    let mut size = vec![1.0f32; n];
    let (mut merges, mut chain) = (Vec::with_capacity(n.saturating_sub(1)), Vec::new());
    while merges.len() + 1 < n {
        if chain.is_empty() {
            chain.push(size.iter().position(|s| *s > 0.0).unwrap_or(0));
        }
        let top = chain[chain.len() - 1];
        let before = chain.len().checked_sub(2).map(|i| chain[i]);
        let near = nearest(&cost[top * n..(top + 1) * n], before);
        if before != Some(near) {
            chain.push(near);
            continue;
        }
        chain.truncate(chain.len() - 2);
        merges.push((near as u32, top as u32, cost[top * n + near]));
        join(&mut cost, &mut size, near.min(top), near.max(top));
    }
    merges
}

/// The cheapest partner; the one before in the chain where it is as cheap, else the first.
fn nearest(row: &[f32], before: Option<usize>) -> usize {
    let best = row.iter().enumerate().fold((0, f32::INFINITY), |b, (j, c)| if *c < b.1 { (j, *c) } else { b });
    match before {
        Some(j) if row[j] <= best.1 => j,
        _ => best.0,
    }
}

/// Group `gone` joins `kept`: the new costs by Lance and Williams' formula.
fn join(cost: &mut [f32], size: &mut [f32], kept: usize, gone: usize) {
    let n = size.len();
    let (a, b, between) = (size[kept], size[gone], cost[kept * n + gone]);
    for k in (0..n).filter(|k| *k != kept && *k != gone) {
        let s = size[k];
        if s > 0.0 {
            let new = ((s + a) * cost[k * n + kept] + (s + b) * cost[k * n + gone] - s * between) / (s + a + b);
            // Rounding must not make a merge cheaper than one inside it.
            let new = new.max(0.0);
            (cost[k * n + kept], cost[kept * n + k]) = (new, new);
        }
        (cost[k * n + gone], cost[gone * n + k]) = (f32::INFINITY, f32::INFINITY);
    }
    (cost[kept * n + gone], cost[gone * n + kept]) = (f32::INFINITY, f32::INFINITY);
    (size[kept], size[gone]) = (a + b, 0.0);
}

fn root(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        parent[i as usize] = parent[parent[i as usize] as usize];
        i = parent[i as usize];
    }
    i
}
