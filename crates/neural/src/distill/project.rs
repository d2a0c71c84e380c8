//! The teacher's space cut to the student's dimensions, so that dot products lose least.

use rayon::prelude::*;
use vectory_core::{Context, Vectors};
use vectory_linalg::{Mat, eigen_symmetric};

use crate::matmul::matmul_nt_parallel;

/// The leading directions of a sample of unit vectors. Not centred: what is to be kept is the dot product, not the variance.
pub(super) struct Projection {
    /// A direction a row.
    basis: Vectors,
}

impl Projection {
    /// The `dims` leading eigenvectors of the second moment (Eckart and Young 1936).
    pub(super) fn fit(sample: &Vectors, dims: usize, ctx: &Context) -> Result<Self, vectory_linalg::Error> {
        let d = sample.dim();
        let moment = ctx.pool().install(|| second_moment(sample));
        let eigen = eigen_symmetric(&Mat::new(d, d, moment)?)?;
        let mut basis = Vectors::zeros(dims.min(d), d);
        for i in 0..basis.rows() {
            basis.row_mut(i).iter_mut().zip(eigen.vectors.row(i)).for_each(|(b, v)| *b = *v as f32);
        }
        Ok(Self { basis })
    }

    /// The projections of vectors, one after another, not normalised. Runs on the pool that it is called in.
    pub(super) fn apply(&self, x: &[f32]) -> Vectors {
        let mut out = Vectors::zeros(x.len() / self.basis.dim(), self.basis.rows());
        matmul_nt_parallel(x, self.basis.as_slice(), self.basis.dim(), out.as_mut_slice());
        out
    }

    pub(super) fn dim(&self) -> usize {
        self.basis.rows()
    }
}

/// Σ x xᵀ. Each row of the sum is one task, so the order of the additions is fixed.
fn second_moment(sample: &Vectors) -> Vec<f64> {
    let d = sample.dim();
    let mut moment = vec![0.0; d * d];
    moment.par_chunks_mut(d).enumerate().for_each(|(i, sums)| {
        for row in sample.iter() {
            let x = f64::from(row[i]);
            sums.iter_mut().zip(row).for_each(|(s, v)| *s += x * f64::from(*v));
        }
    });
    moment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_inside_the_kept_plane_stay() {
        let ctx = Context::new(1, 1).unwrap();
        let rows: Vec<f32> = (0..40).flat_map(|i| [(i as f32).sin(), 0.0, (i as f32).cos()]).collect();
        let sample = Vectors::from_slice(&rows, 3).unwrap();
        let p = Projection::fit(&sample, 2, &ctx).unwrap();
        let projected = p.apply(sample.as_slice());
        let (a, b) = (projected.row(3), projected.row(9));
        let want: f32 = sample.row(3).iter().zip(sample.row(9)).map(|(x, y)| x * y).sum();
        let got: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
        assert!((got - want).abs() < 1e-5, "{got} {want}");
    }
}
