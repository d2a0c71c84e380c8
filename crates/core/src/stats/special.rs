//! Special functions, in logarithms where the values themselves would vanish.

use std::f64::consts::PI;

/// ln Γ(x) for x > 0, by Stirling's series after shifting x up to at least 10. Relative error below 1e-14.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    // Γ(x) = Γ(x + m) / (x (x + 1) … (x + m - 1))
    let (mut x, mut product) = (x, 1.0f64);
    while x < 10.0 {
        product *= x;
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    // Bernoulli numbers B₂ₖ / (2k (2k - 1)).
    let series = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];
    let tail = series.iter().rev().fold(0.0, |sum, c| sum * square + c) * inverse;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * PI).ln() + tail - product.ln()
}

/// ln B(a, b).
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// ln Iₓ(a, b): logarithm of the regularised incomplete beta function, a, b > 0, 0 ≤ x ≤ 1 (outside: clamped).
///
/// By its continued fraction (modified Lentz); in logarithms, so that values down to e^-10⁸ keep their digits.
#[must_use]
pub fn ln_regularised_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if x >= 1.0 {
        return 0.0;
    }
    let front = |x: f64, a: f64, b: f64| a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b) - a.ln();
    if x < (a + 1.0) / (a + b + 2.0) {
        front(x, a, b) + fraction(x, a, b).ln()
    } else {
        // The fraction converges fast on the other side: Iₓ(a, b) = 1 - I₁₋ₓ(b, a).
        let other = front(1.0 - x, b, a) + fraction(1.0 - x, b, a).ln();
        (-other.exp()).ln_1p()
    }
}

/// The continued fraction of the incomplete beta function.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let safe = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / safe(1.0 - (a + b) * x / (a + 1.0));
    let mut out = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / safe(1.0 + term * d);
            c = safe(1.0 + term / c);
            step = d * c;
            out *= step;
        }
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    out
}

/// The complementary error function for x ≥ 0 by its relation to the incomplete gamma function's continued fraction or
/// series; for x < 0 by symmetry. Relative error below 1e-13.
#[must_use]
pub fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x < 2.0 {
        return 1.0 - erf_series(x);
    }
    // erfc(x) = exp(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))), from the far end.
    let tail = (1..=120).rev().fold(x, |t, k| x + f64::from(k) / 2.0 / t);
    (-x * x).exp() / PI.sqrt() / tail
}

fn erf_series(x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > 1e-17 * sum.abs() {
        n += 1.0;
        term *= -x * x / n;
        sum += term / (2.0 * n + 1.0);
        if n > 200.0 {
            break;
        }
    }
    sum * 2.0 / PI.sqrt()
}

/// The chance that a standard normal variable exceeds x.
#[must_use]
pub fn normal_tail(x: f64) -> f64 {
    erfc(x / std::f64::consts::SQRT_2) / 2.0
}
