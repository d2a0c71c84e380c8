//! What UMAP is told.

use serde::{Deserialize, Serialize};
use vectory_core::{Metric, VectorsRef};

use super::UmapError;

/// Where rows start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// The principal components.
    #[default]
    Pca,
    /// The principal components, smoothed over the graph until they are near its leading eigenvectors; where a few rows hang on
    /// the others by weak edges, these directions tell them from all others and little more.
    Spectral,
    /// At random.
    Random,
}

/// What UMAP is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UmapParams {
    /// Dimensions of the map, 1 to 128.
    pub dims: usize,
    /// Neighbours of a row, itself included, 2 or more: small shows detail, large shows the whole.
    pub n_neighbors: usize,
    /// How near rows may lie in the map, 0 to `spread`; 0 for clustering.
    pub min_dist: f64,
    /// The scale of the map, above 0.
    pub spread: f64,
    /// `l2` or `cosine`.
    #[serde(with = "metric_name")]
    pub metric: Metric,
    /// Rounds over the edges; `None`: 500 up to 10,000 rows, else 200.
    pub epochs: Option<usize>,
    /// Rows that a sampled edge's ends are pushed away from.
    pub negatives: usize,
    /// First step, above 0; falls to 0.
    pub learning_rate: f64,
    /// Where rows start.
    pub init: Init,
}

impl Default for UmapParams {
    fn default() -> Self {
        Self {
            dims: 2,
            n_neighbors: 15,
            min_dist: 0.1,
            spread: 1.0,
            metric: Metric::L2,
            epochs: None,
            negatives: 5,
            learning_rate: 1.0,
            init: Init::Pca,
        }
    }
}

/// A metric by its name.
mod metric_name {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use vectory_core::Metric;

    pub fn serialize<S: Serializer>(m: &Metric, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&m.to_string())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Metric, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}

impl UmapParams {
    /// # Errors
    /// Names the field that is out of range, or the row that is not finite.
    pub fn check(&self, rows: VectorsRef<'_>) -> Result<(), UmapError> {
        let bad = |field, value: String, legal| Err(UmapError::Param { field, value, legal });
        match self {
            Self { dims: d, .. } if !(1..=128).contains(d) => bad("dims", d.to_string(), "between 1 and 128"),
            Self { n_neighbors: n @ 0..2, .. } => bad("n_neighbors", n.to_string(), "2 or more"),
            Self { spread: s, .. } if !(*s > 0.0 && s.is_finite()) => bad("spread", s.to_string(), "above 0"),
            Self { min_dist: m, .. } if !(0.0..=self.spread).contains(m) => {
                bad("min_dist", m.to_string(), "between 0 and spread")
            }
            Self { metric: m, .. } if !matches!(m, Metric::L2 | Metric::Cosine) => {
                bad("metric", m.to_string(), "l2 or cosine")
            }
            Self { epochs: Some(0), .. } => bad("epochs", "0".into(), "1 or more"),
            Self { learning_rate: l, .. } if !(*l > 0.0 && l.is_finite()) => {
                bad("learning_rate", l.to_string(), "above 0")
            }
            _ if rows.rows() > 0 && rows.dim() == 0 => bad("dimension of the rows", "0".into(), "1 or more"),
            _ => match rows.first_non_finite() {
                Some((row, dim)) => Err(UmapError::NonFinite { row, dim }),
                None => Ok(()),
            },
        }
    }

    /// Rounds over the edges for so many rows.
    pub(super) fn rounds(&self, rows: usize) -> usize {
        self.epochs.unwrap_or(if rows <= 10_000 { 500 } else { 200 })
    }
}
