//! How membership in the map falls with distance: 1 / (1 + a · x^2b), fitted to what `min_dist` and `spread` ask for.

/// The two parameters of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    pub a: f64,
    pub b: f64,
}

impl Curve {
    /// Least squares against 1 up to `min_dist` and exp(−(x − min_dist) / spread) beyond, at 300 places up to 3 · spread,
    /// by Levenberg and Marquardt's method.
    pub fn fit(min_dist: f64, spread: f64) -> Self {
        let points: Vec<(f64, f64)> = (0..300)
            .map(|i| f64::from(i) * 3.0 * spread / 299.0)
            .map(|x| (x, if x < min_dist { 1.0 } else { (-(x - min_dist) / spread).exp() }))
            .collect();
        let mut best = Self { a: 1.0, b: 1.0 };
        let mut damping = 1e-3;
        for _ in 0..200 {
            let next = best.step(&points, damping);
            if next.a > 0.0 && next.b > 0.0 && next.error(&points) < best.error(&points) {
                best = next;
                damping /= 4.0;
            } else {
                damping *= 4.0;
            }
        }
        best
    }

    fn at(self, x: f64) -> f64 {
        1.0 / (1.0 + self.a * x.powf(2.0 * self.b))
    }

    fn error(self, points: &[(f64, f64)]) -> f64 {
        points.iter().map(|(x, y)| (self.at(*x) - y).powi(2)).sum()
    }

    fn step(self, points: &[(f64, f64)], damping: f64) -> Self {
        // Normal equations of two unknowns.
        let (mut aa, mut ab, mut bb, mut ra, mut rb) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (x, y) in points.iter().filter(|p| p.0 > 0.0) {
            let (f, power) = (self.at(*x), x.powf(2.0 * self.b));
            let (da, db) = (-power * f * f, -2.0 * self.a * x.ln() * power * f * f);
            let rest = y - f;
            aa += da * da;
            ab += da * db;
            bb += db * db;
            ra += da * rest;
            rb += db * rest;
        }
        let (aa, bb) = (aa * (1.0 + damping), bb * (1.0 + damping));
        let det = aa * bb - ab * ab;
        Self { a: self.a + (ra * bb - rb * ab) / det, b: self.b + (rb * aa - ra * ab) / det }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of umap-learn 0.5 (`find_ab_params`).
    #[test]
    fn equal_to_the_reference() {
        for (min_dist, spread, a, b) in [
            (0.1, 1.0, 1.576_943_5, 0.895_060_9),
            (0.0, 1.0, 1.932_808_4, 0.790_495_0),
            (0.5, 1.0, 0.583_030, 1.334_167),
        ] {
            let c = Curve::fit(min_dist, spread);
            assert!((c.a - a).abs() < 1e-3 && (c.b - b).abs() < 1e-3, "{min_dist}: {c:?}");
        }
    }
}
