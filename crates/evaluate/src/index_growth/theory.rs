//! The chance that a random vector beats the right one.

use vectory_core::stats::{ln_regularised_beta, normal_tail};

/// ln of the chance that a uniformly random unit vector of `dim` dimensions has a cosine above `cosine` with a given one:
/// p = ½ I₁₋ₜ²((d - 1)/2, ½) for t ≥ 0, 1 minus that of -t below. Needs `dim` ≥ 2; `dim` 1 counts as 2.
///
/// In logarithms: at t = 0.9 and 768 dimensions p is about e^-640.
#[must_use]
pub fn ln_exceeds(cosine: f64, dim: usize) -> f64 {
    let t = cosine.clamp(-1.0, 1.0);
    let tail = |t: f64| (1.0 - t) * (1.0 + t);
    let half = ln_regularised_beta(tail(t.abs()), (dim.max(2) - 1) as f64 / 2.0, 0.5) - std::f64::consts::LN_2;
    if t >= 0.0 { half } else { (-half.exp()).ln_1p() }
}

/// The Gaussian approximation of the same chance, 1 - Φ(t √d): good in the middle, far too large in the tail.
#[must_use]
pub fn exceeds_gaussian(cosine: f64, dim: usize) -> f64 {
    normal_tail(cosine * (dim as f64).sqrt())
}

/// The chance that at least one of `n` independent random vectors beats the right one: 1 - (1 - p)ⁿ, from ln p.
#[must_use]
pub fn any_of(ln_p: f64, n: f64) -> f64 {
    let p = ln_p.exp();
    // Below the smallest double, (1 - p)ⁿ is 1 - n p to all digits.
    let ln_none = if p > 0.0 { n * (-p).ln_1p() } else { -(n.ln() + ln_p).exp() };
    -ln_none.exp_m1()
}

/// ln of the number of random vectors at which the chance of a false positive reaches `chance`: the tipping point.
/// It grows exponentially with the dimension, and for every dimension there is one.
#[must_use]
pub fn ln_tipping_point(cosine: f64, dim: usize, chance: f64) -> f64 {
    let ln_p = ln_exceeds(cosine, dim);
    let p = ln_p.exp();
    // n = ln(1 - chance) / ln(1 - p)
    let ln_step = if p > 1e-12 { (-(-p).ln_1p()).ln() } else { ln_p };
    (-(-chance).ln_1p()).ln() - ln_step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_and_three_dimensions_by_geometry() {
        // On the circle the share beyond an angle is the angle over π; on the sphere it is linear in the cosine.
        for t in [-0.9, -0.2, 0.0, 0.3, 0.99f64] {
            assert!((ln_exceeds(t, 2).exp() - t.acos() / std::f64::consts::PI).abs() < 1e-12, "{t}");
            assert!((ln_exceeds(t, 3).exp() - (1.0 - t) / 2.0).abs() < 1e-12, "{t}");
        }
    }

    #[test]
    fn tails_neither_underflow_nor_exceed_one() {
        let ln_p = ln_exceeds(0.9, 768);
        assert!((-700.0..-600.0).contains(&ln_p), "{ln_p}");
        assert!(any_of(ln_p, 1e9) > 0.0 && any_of(ln_p, 1e9) < 1e-200);
        // p itself is below the smallest double here: n p = e^-800 · 10³⁰⁰ is not.
        let expected = (300.0 * std::f64::consts::LN_10 - 800.0).exp();
        assert!((any_of(-800.0, 1e300) / expected - 1.0).abs() < 1e-9);
        assert!((any_of((1e-6f64).ln(), 1e6) - (1.0 - (-1.0f64).exp())).abs() < 1e-6);
        assert!(any_of((0.5f64).ln(), 1e6) == 1.0);
    }

    #[test]
    fn the_tipping_point_inverts_the_chance_and_grows_with_the_dimension() {
        let mut last = f64::NEG_INFINITY;
        for dim in [8, 32, 128] {
            let ln_n = ln_tipping_point(0.5, dim, 0.05);
            assert!((any_of(ln_exceeds(0.5, dim), ln_n.exp()) - 0.05).abs() < 1e-9, "{dim}");
            assert!(ln_n > last + 1.0);
            last = ln_n;
        }
        assert!((exceeds_gaussian(0.1, 100) - 0.158_655_253_931_457).abs() < 1e-12);
    }
}
