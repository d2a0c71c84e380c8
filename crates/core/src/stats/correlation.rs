//! Correlations of two lists. Lists of different lengths are cut to the shorter one.

/// Pearson's product-moment correlation; `None` for a constant list or fewer than two pairs. O(n).
#[must_use]
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n as f64;
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - ma, y - mb);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    let r = ab / (aa.sqrt() * bb.sqrt());
    (n >= 2 && r.is_finite()).then(|| r.clamp(-1.0, 1.0))
}

/// Spearman's rank correlation; ties share their mean rank. `None` as for [`pearson`]. O(n log n).
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len().min(b.len());
    pearson(&ranks(&a[..n]), &ranks(&b[..n]))
}

/// Ranks from 1, ascending; equal values share the mean of their ranks.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
    let mut out = vec![0.0; values.len()];
    let mut below = 0;
    for group in order.chunk_by(|i, j| values[*i] == values[*j]) {
        let rank = below as f64 + (group.len() as f64 + 1.0) / 2.0;
        group.iter().for_each(|i| out[*i] = rank);
        below += group.len();
    }
    out
}

/// Kendall's tau-b, with its correction for ties; `None` for a constant list. O(n log n) (Knight 1966).
#[must_use]
pub fn kendall(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len().min(b.len());
    // Adding 0 makes -0 into 0: they are equal, but sorting would part them.
    let mut pairs: Vec<(f64, f64)> = a.iter().zip(b).map(|(x, y)| (x + 0.0, y + 0.0)).collect();
    pairs.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.total_cmp(&y.1)));
    let tied = |groups: &mut dyn Iterator<Item = usize>| groups.map(|g| g * (g - 1) / 2).sum::<usize>() as f64;
    let in_a = tied(&mut pairs.chunk_by(|x, y| x.0 == y.0).map(<[_]>::len));
    let in_both = tied(&mut pairs.chunk_by(|x, y| x == y).map(<[_]>::len));
    let mut seconds: Vec<f64> = pairs.iter().map(|p| p.1).collect();
    let discordant = inversions(&mut seconds) as f64;
    let in_b = tied(&mut seconds.chunk_by(|x, y| x == y).map(<[_]>::len));
    let all = (n * n.saturating_sub(1) / 2) as f64;
    let concordant_minus = all - in_a - in_b + in_both - 2.0 * discordant;
    let tau = concordant_minus / ((all - in_a) * (all - in_b)).sqrt();
    tau.is_finite().then(|| tau.clamp(-1.0, 1.0))
}

/// Sorts ascending and counts the pairs that stood the wrong way round.
fn inversions(values: &mut [f64]) -> usize {
    let n = values.len();
    if n < 2 {
        return 0;
    }
    let (left, right) = values.split_at_mut(n / 2);
    let mut count = inversions(left) + inversions(right);
    let mut merged = Vec::with_capacity(n);
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        if right[j] < left[i] {
            count += left.len() - i;
            merged.push(right[j]);
            j += 1;
        } else {
            merged.push(left[i]);
            i += 1;
        }
    }
    merged.extend_from_slice(&left[i..]);
    merged.extend_from_slice(&right[j..]);
    values.copy_from_slice(&merged);
    count
}
