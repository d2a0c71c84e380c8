//! The divergence curve, and the numbers that sum it up.

/// The family of scores.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Divergence {
    /// Area under the curve, 0 to 1: 1 for equal distributions.
    pub mauve: f64,
    /// The same of histograms with half a vector more in each group (Krichevsky and Trofimov): less biased for few vectors.
    pub mauve_star: f64,
    /// Frontier integral, 0 (equal) to 1.
    pub frontier: f64,
    /// The frontier integral of the smoothed histograms.
    pub frontier_star: f64,
    /// Mean of both divergences from the even mixture (Jensen and Shannon), in nats.
    pub middle: f64,
    /// (exp(−c KL(q | r)), exp(−c KL(p | r))) for mixtures r.
    pub curve: Vec<(f64, f64)>,
}

/// The scores of two histograms (counts), with scale c and so many mixtures.
#[must_use]
pub fn of_histograms(p: &[f64], q: &[f64], scale: f64, points: usize) -> Divergence {
    let shares = |counts: &[f64], extra: f64| -> Vec<f64> {
        let total = counts.iter().sum::<f64>() + extra * counts.len() as f64;
        counts.iter().map(|c| (c + extra) / total).collect()
    };
    let divergences = |extra: f64| {
        let (p, q) = (shares(p, extra), shares(q, extra));
        let kl = |a: &[f64], share: f64| -> f64 {
            let mix = p.iter().zip(&q).map(|(p, q)| share * p + (1.0 - share) * q);
            a.iter().zip(mix).filter(|(a, _)| **a > 0.0).map(|(a, r)| a * (a / r).ln()).sum()
        };
        let curve: Vec<(f64, f64)> = mixtures(points).map(|s| (kl(&q, s), kl(&p, s))).collect();
        let frontier = p.iter().zip(&q).map(|(p, q)| frontier_term(*p, *q)).sum::<f64>();
        (curve, frontier, f64::midpoint(kl(&q, 0.5), kl(&p, 0.5)))
    };
    let (plain, frontier, middle) = divergences(0.0);
    let (smooth, frontier_star, _) = divergences(0.5);
    let curve = scaled(&plain, scale);
    Divergence {
        mauve: area(&curve),
        mauve_star: area(&scaled(&smooth, scale)),
        frontier,
        frontier_star,
        middle,
        curve,
    }
}

/// The scores from the chance of each vector of p, and of each of q, to be of p.
#[must_use]
pub fn of_posteriors(of_p: &[f64], of_q: &[f64], scale: f64, points: usize) -> Divergence {
    let mean = |all: &[f64], f: &dyn Fn(f64) -> f64| all.iter().map(|c| f(*c)).sum::<f64>() / all.len().max(1) as f64;
    let of_mix = |c: f64, share: f64| share * c + (1.0 - share) * (1.0 - c);
    let kls = |share: f64| {
        let q = mean(of_q, &|c| ((1.0 - c) / of_mix(c, share)).ln());
        let p = mean(of_p, &|c| (c / of_mix(c, share)).ln());
        (q.max(0.0), p.max(0.0))
    };
    let curve = scaled(&mixtures(points).map(kls).collect::<Vec<_>>(), scale);
    let term = |c: f64| frontier_term(c, 1.0 - c) * 2.0;
    let frontier = f64::midpoint(mean(of_p, &term), mean(of_q, &term));
    let (q, p) = kls(0.5);
    let mauve = area(&curve);
    Divergence { mauve, mauve_star: mauve, frontier, frontier_star: frontier, middle: f64::midpoint(p, q), curve }
}

/// Shares of p in the mixtures, without the ends.
fn mixtures(points: usize) -> impl Iterator<Item = f64> {
    let (low, high) = (1e-6, 1.0 - 1e-6);
    (0..points).map(move |i| low + (high - low) * i as f64 / (points - 1) as f64)
}

/// A term of the frontier integral in closed form.
fn frontier_term(p: f64, q: f64) -> f64 {
    let mean = f64::midpoint(p, q);
    if p == 0.0 || q == 0.0 {
        return mean;
    }
    // Near p = q the quotient is the mean itself, up to rounding.
    if ((p - q) / mean).abs() < 1e-6 { 0.0 } else { mean - p * q * (p.ln() - q.ln()) / (p - q) }
}

/// exp(−c · divergence), with the ends (1, 0) and (0, 1).
fn scaled(divergences: &[(f64, f64)], scale: f64) -> Vec<(f64, f64)> {
    let inner = divergences.iter().map(|(q, p)| ((-scale * q).exp(), (-scale * p).exp()));
    std::iter::once((1.0, 0.0)).chain(inner).chain(std::iter::once((0.0, 1.0))).collect()
}

/// The mean of the areas under the curve along both axes.
fn area(curve: &[(f64, f64)]) -> f64 {
    let under = |mut points: Vec<(f64, f64)>| {
        // Of points above each other the highest comes first: equal distributions fill the square.
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
        points.windows(2).map(|w| (w[1].0 - w[0].0) * f64::midpoint(w[0].1, w[1].1)).sum::<f64>()
    };
    let turned = curve.iter().map(|(x, y)| (*y, *x)).collect();
    f64::midpoint(under(curve.to_vec()), under(turned))
}
