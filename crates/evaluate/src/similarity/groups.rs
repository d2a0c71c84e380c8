//! Groups of models by their distances, and whether two groupings agree.

/// Average-linkage clustering of items by a symmetric matrix of distances, cut into `groups`: the group of each item, in
/// the order of first appearance. O(n³), for tens of items.
#[must_use]
pub fn average_linkage(distances: &[Vec<f64>], groups: usize) -> Vec<usize> {
    let mut sets: Vec<Vec<usize>> = (0..distances.len()).map(|i| vec![i]).collect();
    let between = |a: &[usize], b: &[usize]| {
        let sum: f64 = a.iter().flat_map(|i| b.iter().map(move |j| (*i, *j))).map(|(i, j)| distances[i][j]).sum();
        sum / (a.len() * b.len()) as f64
    };
    while sets.len() > groups.max(1) {
        let pairs = (0..sets.len()).flat_map(|i| (i + 1..sets.len()).map(move |j| (i, j)));
        let nearest =
            pairs.min_by(|(a, b), (c, d)| between(&sets[*a], &sets[*b]).total_cmp(&between(&sets[*c], &sets[*d])));
        let Some((i, j)) = nearest else { break };
        let joined = sets.remove(j);
        sets[i].extend(joined);
    }
    sets.sort_by_key(|s| s.iter().min().copied());
    let mut out = vec![0; distances.len()];
    sets.iter().enumerate().for_each(|(g, s)| s.iter().for_each(|i| out[*i] = g));
    out
}

/// Adjusted Rand index (Hubert and Arabie 1985) of two labellings: 1 when they are one partition, about 0 by chance.
#[must_use]
pub fn adjusted_rand(a: &[usize], b: &[usize]) -> f64 {
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let counts = |keys: Vec<(usize, usize)>| {
        let mut table = std::collections::BTreeMap::<(usize, usize), f64>::new();
        keys.into_iter().for_each(|k| *table.entry(k).or_default() += 1.0);
        table.into_values().map(pairs).sum::<f64>()
    };
    let both = counts(a.iter().copied().zip(b.iter().copied()).collect());
    let of = |l: &[usize]| counts(l.iter().map(|g| (*g, 0)).collect());
    let (one, two, all) = (of(a), of(b), pairs(a.len().min(b.len()) as f64));
    let expected = if all > 0.0 { one * two / all } else { 0.0 };
    let most = f64::midpoint(one, two);
    if most == expected { 1.0 } else { (both - expected) / (most - expected) }
}
