//! Rows of int8 with a scale each, and their weighted sum.

use vectory_core::VectorsRef;

/// `n × dim` int8 values; row `i` stands for `scale[i] ×` its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    pub(super) values: Vec<i8>,
    pub(super) scales: Vec<f32>,
    pub(super) dim: usize,
}

impl Rows {
    /// Rounds f32 rows: each row's largest magnitude becomes 127. The error of a value is at most half a step, 1/254 of
    /// that magnitude.
    #[must_use]
    pub fn quantize(rows: VectorsRef<'_>) -> Self {
        let dim = rows.dim();
        let mut values = Vec::with_capacity(rows.rows() * dim);
        let mut scales = Vec::with_capacity(rows.rows());
        for row in rows.iter() {
            let peak = row.iter().fold(0.0f32, |m, v| m.max(v.abs()));
            let scale = peak / 127.0;
            let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
            scales.push(scale);
            values.extend(row.iter().map(|v| (v * inverse).round().clamp(-127.0, 127.0) as i8));
        }
        Self { values, scales, dim }
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// Values of a row.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Writes row `i` as f32.
    pub fn row(&self, i: usize, out: &mut [f32]) {
        let scale = self.scales[i];
        for (o, v) in out.iter_mut().zip(&self.values[i * self.dim..(i + 1) * self.dim]) {
            *o = f32::from(*v) * scale;
        }
    }

    /// Adds row `i` to `sum` (`dim` values).
    pub(super) fn add(&self, i: usize, sum: &mut [f32]) {
        const LANES: usize = 16;
        let scale = self.scales[i];
        let row = &self.values[i * self.dim..(i + 1) * self.dim];
        let (mut out, mut add) = (sum.chunks_exact_mut(LANES), row.chunks_exact(LANES));
        // Fixed-size pieces let the compiler widen and multiply whole registers.
        for (o, r) in (&mut out).zip(&mut add) {
            for lane in 0..LANES {
                o[lane] += f32::from(r[lane]) * scale;
            }
        }
        for (o, v) in out.into_remainder().iter_mut().zip(add.remainder()) {
            *o += f32::from(*v) * scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_core::Vectors;

    #[test]
    fn rounding_errs_by_half_a_step_and_keeps_zero_rows() {
        let v = Vectors::from_slice(&[0.5, -1.27, 0.013, 0.0, 0.0, 0.0], 3).unwrap();
        let q = Rows::quantize(v.view());
        let mut row = [0.0; 3];
        q.row(0, &mut row);
        for (a, b) in row.iter().zip(v.row(0)) {
            assert!((a - b).abs() <= 0.5 * 1.27 / 127.0 + 1e-7, "{a} {b}");
        }
        q.row(1, &mut row);
        assert_eq!(row, [0.0; 3]);
    }

    #[test]
    fn a_sum_is_the_sum_of_rows() {
        let values: Vec<f32> = (0..2 * 21).map(|i| (i as f32 * 0.37).sin()).collect();
        let q = Rows::quantize(VectorsRef::new(&values, 21).unwrap());
        let (mut sum, mut a, mut b) = (vec![0.0; 21], vec![0.0; 21], vec![0.0; 21]);
        q.add(0, &mut sum);
        q.add(1, &mut sum);
        q.row(0, &mut a);
        q.row(1, &mut b);
        for i in 0..21 {
            assert!((sum[i] - a[i] - b[i]).abs() < 1e-6);
        }
    }
}
