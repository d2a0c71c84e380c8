//! What HDBSCAN is told.

use crate::VectorsRef;
use crate::cluster::ClusterError;

/// Which of the nested groups are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Those of the greatest excess of mass.
    #[default]
    ExcessOfMass,
    /// The innermost: more, smaller and more even groups.
    Leaf,
}

/// What HDBSCAN is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HdbscanParams {
    /// Fewest rows of a group, 2 or more.
    pub min_cluster_size: usize,
    /// The core distance is that to this neighbour, 1 or more; larger calls more rows noise. `None`: `min_cluster_size`.
    pub min_samples: Option<usize>,
    /// Which of the nested groups are kept.
    pub selection: Selection,
    /// Whether all rows may be one group.
    pub allow_single_cluster: bool,
}

impl Default for HdbscanParams {
    fn default() -> Self {
        Self {
            min_cluster_size: 15,
            min_samples: None,
            selection: Selection::ExcessOfMass,
            allow_single_cluster: false,
        }
    }
}

impl HdbscanParams {
    /// # Errors
    /// Names the field that is out of range, or the row that is not finite.
    pub fn check(&self, rows: VectorsRef<'_>) -> Result<(), ClusterError> {
        let bad = |field, value: usize, legal| Err(ClusterError::Param { field, value: value.to_string(), legal });
        if self.min_cluster_size < 2 {
            return bad("min_cluster_size", self.min_cluster_size, "2 or more");
        }
        if self.min_samples == Some(0) {
            return bad("min_samples", 0, "1 or more");
        }
        if rows.rows() > 0 && rows.dim() == 0 {
            return bad("dimension of the rows", 0, "1 or more");
        }
        if rows.rows() >= u32::MAX as usize / 2 {
            return bad("rows", rows.rows(), "below 2 billion");
        }
        match rows.first_non_finite() {
            Some((row, dim)) => Err(ClusterError::NonFinite { row, dim }),
            None => Ok(()),
        }
    }
}
