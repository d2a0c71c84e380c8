//! Dimensions kept for a class of tasks instead of for variance.
//!
//! Weinberger and Yemini-type game of *A representation-learning game for classes of prediction tasks* (2024): tasks are linear
//! responses fᵀx with f in the ellipsoid fᵀ S⁻¹ f ≤ 1; of all ways to keep r dimensions, the one returned has the smallest worst
//! regret. S comes from auxiliary tasks (the targets): the mean of their outer products. Without tasks S is the identity and
//! the answer is PCA's. A mixture of representations does still better on average: [`Game`].

mod game;

use serde::{Deserialize, Serialize};
use vectory_core::linalg::{covariance, ridge};
use vectory_core::{Context, VectorsRef};
use vectory_linalg::{Eigen, Mat, eigen_symmetric, matmul, transpose};

pub use game::Game;

use super::{NULL, at_most, power};
use crate::models::{Affine, narrow, rows_of};
use crate::{FitTransform, Side, Transform, TransformError};

/// `minimax:16`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Minimax {
    /// Dimensions kept.
    pub dims: usize,
    /// Penalty with which the auxiliary tasks are solved, as a share of the mean variance.
    pub lambda: f64,
}

impl Default for Minimax {
    fn default() -> Self {
        Self { dims: 0, lambda: 1e-6 }
    }
}

impl FitTransform for Minimax {
    fn check(&self) -> Result<(), TransformError> {
        if self.dims == 0 {
            return Err(TransformError::param("dims", 0, "given, 1 or more: `minimax:16`"));
        }
        if !(self.lambda > 0.0 && self.lambda.is_finite()) {
            return Err(TransformError::param("lambda", self.lambda, "above 0"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        let (mean, spread) = covariance(rows, ctx)?;
        let prior = match side.targets {
            Some(tasks) => self.prior(rows, tasks, &spread, ctx)?,
            None => Mat::identity(rows.dim()),
        };
        let solved = Solved::new(&spread, &prior)?;
        at_most("dims", self.dims, solved.rank(), "the directions that some task can use")?;
        let (forth, back) = solved.maps(self.dims)?;
        Ok(Box::new(Affine::linear(narrow(&mean), rows_of(&forth), Some(rows_of(&back)))))
    }
}

impl Minimax {
    /// S: the mean of f fᵀ over the tasks' coefficients f.
    ///
    /// # Errors
    /// As [`ridge`].
    pub fn prior(
        &self,
        rows: VectorsRef<'_>,
        tasks: VectorsRef<'_>,
        spread: &Mat,
        ctx: &Context,
    ) -> Result<Mat, TransformError> {
        let trace: f64 = (0..spread.rows).map(|i| spread.at(i, i)).sum();
        let lambda = self.lambda * trace / spread.rows.max(1) as f64 * rows.rows() as f64;
        let f = ridge(rows, tasks, lambda.max(f64::MIN_POSITIVE), true, ctx)?.weights;
        let mut s = matmul(&f, &transpose(&f))?;
        s.data.iter_mut().for_each(|v| *v /= tasks.dim().max(1) as f64);
        Ok(s)
    }
}

/// The solved game: eigenpairs of K = Σ^½ S Σ^½ and the way to and from whitened rows.
pub struct Solved {
    /// λ descending, and V.
    pub eigen: Eigen,
    whiten: Mat,
    unwhiten: Mat,
}

impl Solved {
    /// Solves for a covariance and a prior.
    ///
    /// # Errors
    /// [`TransformError::Decomposition`] for matrices that are not finite.
    pub fn new(spread: &Mat, prior: &Mat) -> Result<Self, TransformError> {
        let eigen = eigen_symmetric(spread)?;
        let (whiten, unwhiten) = (power(&eigen, -0.5, NULL)?, power(&eigen, 0.5, NULL)?);
        let k = matmul(&matmul(&unwhiten, prior)?, &unwhiten)?;
        Ok(Self { eigen: eigen_symmetric(&k)?, whiten, unwhiten })
    }

    /// Directions that some task of the class can use.
    #[must_use]
    pub fn rank(&self) -> usize {
        let top = self.eigen.values.first().copied().unwrap_or(0.0);
        self.eigen.values.iter().filter(|v| **v > 1e-12 * top).count()
    }

    /// The values of the game at `r` dimensions.
    #[must_use]
    pub fn game(&self, r: usize) -> Game {
        Game::new(&self.eigen.values[..self.rank()], r)
    }

    /// R ᵀ = Vᵀ Σ^(−½) of the leading directions (r × d), and the way back (d × r).
    ///
    /// # Errors
    /// Never for the matrices of a solved game.
    pub fn maps(&self, r: usize) -> Result<(Mat, Mat), TransformError> {
        let v = super::first_rows(&self.eigen.vectors, r);
        Ok((matmul(&v, &self.whiten)?, matmul(&self.unwhiten, &transpose(&v))?))
    }
}
