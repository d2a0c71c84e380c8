//! The generalised Gaussian: beta / (2 alpha Γ(1/beta)) exp(-(|z - centre| / alpha)^beta), a dimension at a time.
//!
//! A net's row holds centres, then ln alpha, then what beta follows from. Residuals are clamped, so that neither a tiny one with
//! beta below 1 nor a huge one throws the fit off.

use vectory_core::stats::ln_gamma;

/// What a batch is fitted to.
pub(super) struct Targets<'a> {
    pub own: &'a [f32],
    pub partner: &'a [f32],
    /// Weight of the partner.
    pub cross: f32,
    /// Weight of |centre - own|.
    pub draw: f32,
}

/// Range of |z - centre| / alpha.
const RESIDUAL: (f64, f64) = (1e-4, 1e2);
/// Steepest slope of one value's loss: a residual of many widths would otherwise throw a whole step off.
const STEEPEST: f64 = 20.0;
/// Range of beta: from heavy tails over Laplace (1) and Gauss (2) to nearly flat.
const SHAPES: (f64, f64) = (0.5, 4.0);

/// Alpha and its logarithm, from what the net says.
fn width(raw: f32) -> (f64, f64) {
    let log = f64::from(raw).clamp(-5.0, 3.0);
    (log.exp(), log)
}

/// Beta, and its slope in what the net says; 2, the Gaussian, at 0.
fn shape(raw: f32) -> (f64, f64) {
    let (low, high) = SHAPES;
    let middle = ((2.0 - low) / (high - 2.0)).ln();
    let s = 1.0 / (1.0 + (-f64::from(raw) - middle).exp());
    (low + (high - low) * s, (high - low) * s * (1.0 - s))
}

/// The mean loss a value, and its slope in the net's output.
pub(super) fn loss(output: &[f32], dim: usize, t: &Targets<'_>) -> (f64, Vec<f32>) {
    let count = t.own.len() as f64;
    let mut slope = vec![0.0f32; output.len()];
    let mut sum = 0.0;
    for (i, (row, back)) in output.chunks_exact(3 * dim).zip(slope.chunks_exact_mut(3 * dim)).enumerate() {
        for j in 0..dim {
            let (alpha, log) = width(row[dim + j]);
            let (beta, of_beta) = shape(row[2 * dim + j]);
            let centre = f64::from(row[j]);
            let (mut to_centre, mut to_log, mut to_beta) = (0.0, 0.0, 0.0);
            // What does not depend on the target is paid once a target.
            let (gamma, psi) = (ln_gamma(1.0 / beta), digamma(1.0 / beta));
            for (target, weight) in [(t.own, 1.0), (t.partner, f64::from(t.cross))] {
                let away = f64::from(target[i * dim + j]) - centre;
                let r = (away.abs() / alpha).clamp(RESIDUAL.0, RESIDUAL.1);
                let power = r.powf(beta);
                sum += weight * (power - beta.ln() + log + gamma);
                to_centre -= weight * beta * power / r * away.signum() / alpha;
                to_log += weight * (1.0 - beta * power);
                to_beta += weight * (power * r.ln() - 1.0 / beta - psi / (beta * beta));
            }
            let off = centre - f64::from(t.own[i * dim + j]);
            sum += f64::from(t.draw) * off.abs();
            to_centre += f64::from(t.draw) * off.signum();
            let gentle = |slope: f64| (slope.clamp(-STEEPEST, STEEPEST) / count) as f32;
            back[j] = gentle(to_centre);
            back[dim + j] = gentle(to_log);
            back[2 * dim + j] = gentle(to_beta * of_beta);
        }
    }
    (sum / count, slope)
}

/// The mean variance of a row's dimensions: alpha² Γ(3/beta) / Γ(1/beta).
pub(super) fn variance(row: &[f32], dim: usize) -> f64 {
    let one = |j: usize| {
        let (alpha, (beta, _)) = (width(row[dim + j]).0, shape(row[2 * dim + j]));
        alpha * alpha * (ln_gamma(3.0 / beta) - ln_gamma(1.0 / beta)).exp()
    };
    (0..dim).map(one).sum::<f64>() / dim as f64
}

/// The slope of ln Γ, for x above 0: recurrence, then the asymptotic series.
fn digamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 12.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    sum + x.ln() - 0.5 / x - y * (1.0 / 12.0 - y * (1.0 / 120.0 - y / 252.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digamma_has_its_known_values() {
        assert!((digamma(1.0) + 0.577_215_664_901_532_9).abs() < 1e-9);
        assert!((digamma(0.5) + 1.963_510_026_021_423_5).abs() < 1e-9);
        assert!((digamma(5.0) - 1.506_117_668_431_8).abs() < 1e-9);
    }

    #[test]
    fn a_gaussian_is_the_shape_at_zero() {
        assert!((shape(0.0).0 - 2.0).abs() < 1e-9);
        // exp(-(z/alpha)²) is a Gaussian of variance alpha² / 2.
        assert!((variance(&[0.0, 1.0, 0.0], 1) - 0.5 * (2.0f64).exp()).abs() < 1e-6);
    }

    #[test]
    fn slopes_are_those_of_finite_differences() {
        let (own, partner) = ([0.3, -0.8], [1.1, -0.2]);
        let t = Targets { own: &own, partner: &partner, cross: 0.7, draw: 0.2 };
        let mut at = [0.1f32, -0.5, 0.2, -0.4, 0.6, -0.3];
        let (_, slope) = loss(&at, 2, &t);
        for i in 0..6 {
            let h = 1e-3;
            let middle = at[i];
            at[i] = middle + h;
            let up = loss(&at, 2, &t).0;
            at[i] = middle - h;
            let down = loss(&at, 2, &t).0;
            at[i] = middle;
            let want = (up - down) / (2.0 * f64::from(h));
            assert!((f64::from(slope[i]) - want).abs() < 2e-3 * (1.0 + want.abs()), "{i}: {} {want}", slope[i]);
        }
    }
}
