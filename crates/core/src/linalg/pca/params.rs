//! What is fitted.

use crate::linalg::LinalgError;

/// From this dimension on, `Method::Auto` is randomized where few components are asked for.
const LARGE: usize = 2048;

/// How components are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Randomized for 2,048 dimensions and more when at most an eighth of them is kept, else exact.
    #[default]
    Auto,
    /// By the covariance matrix.
    Exact,
    /// By random projections and power iterations.
    Randomized,
}

/// What is fitted.
#[derive(Clone, Debug)]
pub struct PcaParams {
    /// Components kept: 1 to the dimension.
    pub dims: usize,
    /// Whether projections are scaled to unit variance.
    pub whiten: bool,
    /// How components are found.
    pub method: Method,
    /// Power iterations of the randomized method: more for a flat spectrum; 0 to 20.
    pub iterations: usize,
}

impl Default for PcaParams {
    fn default() -> Self {
        Self { dims: 64, whiten: false, method: Method::Auto, iterations: 6 }
    }
}

impl PcaParams {
    /// # Errors
    /// Names the field that is out of range for rows of `dim`.
    pub fn check(&self, dim: usize) -> Result<(), LinalgError> {
        let bad = |field, value: usize, legal| Err(LinalgError::Param { field, value: value.to_string(), legal });
        if self.dims == 0 || self.dims > dim {
            return bad("dims", self.dims, "between 1 and the dimension of the rows");
        }
        if self.iterations > 20 {
            return bad("iterations", self.iterations, "between 0 and 20");
        }
        Ok(())
    }

    pub(super) fn randomized(&self, dim: usize) -> bool {
        self.method == Method::Randomized || (self.method == Method::Auto && dim >= LARGE && self.dims * 8 <= dim)
    }
}
