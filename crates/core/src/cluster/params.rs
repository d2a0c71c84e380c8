//! What k-means is told.

use super::ClusterError;
use crate::{Vectors, VectorsRef};

/// Where the centroids start.
#[derive(Clone, Debug, Default)]
pub enum Init {
    /// k-means++: each next centroid is drawn with probability proportional to the squared distance from those before,
    /// among at most 64 rows a centroid (at least 16,384).
    #[default]
    PlusPlus,
    /// Rows drawn without replacement.
    Random,
    /// These rows.
    Centroids(Vectors),
}

/// What k-means is told.
#[derive(Clone, Debug)]
pub struct KMeansParams {
    /// Groups, 1 to the number of rows.
    pub k: usize,
    /// Where the centroids start.
    pub init: Init,
    /// Most iterations, 1 or more (of mini-batches: batches).
    pub max_iterations: usize,
    /// Stops once an iteration lowers the inertia by less than this share; 0: once no row moves.
    pub tolerance: f64,
    /// Runs with different starts, of which the best is kept; 1 or more.
    pub restarts: usize,
    /// By cosine: rows and centroids are scaled to unit length.
    pub spherical: bool,
    /// No group takes more than ⌈n / k⌉ rows.
    pub balanced: bool,
    /// Rows of a mini-batch, at least 1; `None`: all rows in each iteration.
    pub batch: Option<usize>,
}

impl Default for KMeansParams {
    fn default() -> Self {
        Self {
            k: 8,
            init: Init::PlusPlus,
            max_iterations: 50,
            tolerance: 1e-4,
            restarts: 1,
            spherical: false,
            balanced: false,
            batch: None,
        }
    }
}

impl KMeansParams {
    /// # Errors
    /// Names the field that is out of range for these rows, or the row that is not finite.
    pub fn check(&self, rows: VectorsRef<'_>) -> Result<(), ClusterError> {
        let bad = |field, value: String, legal| Err(ClusterError::Param { field, value, legal });
        match self {
            Self { k: 0, .. } => return bad("k", "0".into(), "1 or more"),
            Self { max_iterations: 0, .. } => return bad("max_iterations", "0".into(), "1 or more"),
            Self { restarts: 0, .. } => return bad("restarts", "0".into(), "1 or more"),
            Self { batch: Some(0), .. } => return bad("batch", "0".into(), "1 or more"),
            Self { batch: Some(b), balanced: true, .. } => {
                return bad("batch", b.to_string(), "absent for balanced groups");
            }
            Self { tolerance: t, .. } if !(*t >= 0.0 && *t < 1.0) => {
                return bad("tolerance", t.to_string(), "at least 0 and below 1");
            }
            _ => {}
        }
        if rows.dim() == 0 {
            return bad("dimension of the rows", "0".into(), "1 or more");
        }
        if rows.rows() < self.k {
            return Err(ClusterError::TooFew { k: self.k, rows: rows.rows() });
        }
        if let Init::Centroids(c) = &self.init {
            if c.dim() != rows.dim() {
                return Err(ClusterError::Dim { rows: rows.dim(), centroids: c.dim() });
            }
            if c.rows() != self.k {
                return bad("init", format!("{} centroids", c.rows()), "k centroids");
            }
        }
        match rows.first_non_finite() {
            Some((row, dim)) => Err(ClusterError::NonFinite { row, dim }),
            None => Ok(()),
        }
    }
}
