//! Cluster-based isotropy enhancement: each group of rows loses its own mean and leading directions.
//!
//! Rajaee and Pilehvar, *A Cluster-based Approach for Improving Isotropy in Contextual Embedding Space*, 2021; used for
//! multilingual encoders by Hämmerl and others, *Exploring Anisotropy and Outliers in Multilingual Language Models*, 2023. It
//! removes what holds a group together, so it helps fine similarities and hurts where the groups are what is looked for. Rows
//! that come later belong to the nearest centroid.

use serde::{Deserialize, Serialize};
use vectory_core::cluster::{KMeansParams, kmeans};
use vectory_core::linalg::covariance;
use vectory_core::{Context, Vectors, VectorsRef};
use vectory_linalg::eigen_symmetric;

use super::at_most;
use crate::models::Groups;
use crate::{FitTransform, Side, Transform, TransformError};

/// `isotropy`, `isotropy:10,components=12`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Isotropy {
    /// Groups.
    pub clusters: usize,
    /// Leading directions removed in each (fewer where a group has not so many rows).
    pub components: usize,
}

impl Default for Isotropy {
    fn default() -> Self {
        Self { clusters: 10, components: 12 }
    }
}

impl FitTransform for Isotropy {
    fn check(&self) -> Result<(), TransformError> {
        if self.clusters == 0 {
            return Err(TransformError::param("clusters", 0, "1 or more"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, _: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        at_most("clusters", self.clusters, rows.rows(), "the number of rows")?;
        if self.components >= rows.dim() {
            let legal = format!("below the {} dimensions", rows.dim());
            return Err(TransformError::param("components", self.components, legal));
        }
        let groups = kmeans(rows, &KMeansParams { k: self.clusters, ..KMeansParams::default() }, ctx)?;
        let mut directions = Vectors::zeros(self.clusters * self.components, rows.dim());
        for group in 0..self.clusters {
            let members = rows.iter().zip(&groups.assignment).filter(|(_, g)| **g as usize == group).map(|m| m.0);
            let members =
                Vectors::from_rows(members).map_err(|e| TransformError::param("rows", e, "rows of one length"))?;
            if members.rows() < 2 {
                continue;
            }
            let eigen = eigen_symmetric(&covariance(members.view(), ctx)?.1)?;
            // A group of r rows spans r − 1 directions; the others would be rounding.
            for p in 0..self.components.min(members.rows() - 1) {
                let row = directions.row_mut(group * self.components + p);
                row.iter_mut().zip(eigen.vectors.row(p)).for_each(|(o, v)| *o = *v as f32);
            }
        }
        Ok(Box::new(Groups { centroids: groups.centroids, directions }))
    }
}
