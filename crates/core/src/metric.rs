//! How two representations compare.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The metrics of the house, by the names that users know.
///
/// Inside, a comparison is a **score: larger is nearer**. [`Metric::shown`] turns a score into the value that users
/// of the metric expect (a distance for `l2`, a similarity for `cosine`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Inner product.
    Dot,
    /// Cosine similarity; a zero vector has cosine 0 with everything.
    Cosine,
    /// Euclidean distance; the score is minus the squared distance.
    L2,
    /// Manhattan distance; the score is minus the distance.
    L1,
    /// Number of differing bits; the score is minus it.
    Hamming,
    /// Shared bits over set bits of either; two empty sets have similarity 1.
    Jaccard,
    /// Distance in the Poincaré ball (Nickel and Kiela 2017); the score is minus it.
    Poincare,
    /// Sum over query tokens of the best document token (ColBERT, Khattab and Zaharia 2020).
    MaxSim,
    /// Minus the Kullback–Leibler divergence KL(query ‖ document) of diagonal Gaussians.
    Kl,
}

/// A metric name that we do not know.
#[derive(Debug, Error)]
#[error("unknown metric `{0}` (known: dot, cosine, l2, l1, hamming, jaccard, poincare, maxsim, kl)")]
pub struct UnknownMetric(pub String);

impl Metric {
    /// The name, as recipes and files spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dot => "dot",
            Self::Cosine => "cosine",
            Self::L2 => "l2",
            Self::L1 => "l1",
            Self::Hamming => "hamming",
            Self::Jaccard => "jaccard",
            Self::Poincare => "poincare",
            Self::MaxSim => "maxsim",
            Self::Kl => "kl",
        }
    }

    /// The value that users of this metric expect for an inner score: a distance where the metric is one.
    #[must_use]
    pub fn shown(self, score: f32) -> f32 {
        match self {
            Self::Dot | Self::Cosine | Self::Jaccard | Self::MaxSim => score,
            Self::L2 => (-score).max(0.0).sqrt(),
            Self::L1 | Self::Hamming | Self::Poincare | Self::Kl => -score,
        }
    }

    /// The score of items that are shown with this value: undoes [`Metric::shown`].
    #[must_use]
    pub fn score_of(self, shown: f32) -> f32 {
        match self {
            Self::Dot | Self::Cosine | Self::Jaccard | Self::MaxSim => shown,
            Self::L2 => -(shown * shown),
            Self::L1 | Self::Hamming | Self::Poincare | Self::Kl => -shown,
        }
    }

    /// Whether the shown value grows with nearness (a similarity) rather than falls (a distance).
    #[must_use]
    pub fn is_similarity(self) -> bool {
        matches!(self, Self::Dot | Self::Cosine | Self::Jaccard | Self::MaxSim)
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Metric {
    type Err = UnknownMetric;

    /// Accepts our names and the common other spellings (`ip`, `inner_product`, `euclid`, `angular`, `manhattan`, …).
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(match s.to_ascii_lowercase().as_str() {
            "dot" | "ip" | "inner_product" | "innerproduct" => Self::Dot,
            "cosine" | "cos" | "angular" => Self::Cosine,
            "l2" | "euclid" | "euclidean" => Self::L2,
            "l1" | "manhattan" | "cityblock" => Self::L1,
            "hamming" => Self::Hamming,
            "jaccard" => Self::Jaccard,
            "poincare" => Self::Poincare,
            "maxsim" | "max_sim" => Self::MaxSim,
            "kl" => Self::Kl,
            _ => return Err(UnknownMetric(s.to_owned())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for m in [Metric::Dot, Metric::Cosine, Metric::L2, Metric::L1, Metric::Hamming, Metric::Jaccard, Metric::Kl] {
            assert_eq!(m.name().parse::<Metric>().unwrap(), m);
        }
        assert!("chebyshev".parse::<Metric>().is_err());
    }

    #[test]
    fn l2_is_shown_as_a_distance() {
        assert_eq!(Metric::L2.shown(-9.0), 3.0);
        assert_eq!(Metric::Cosine.shown(0.5), 0.5);
        for m in [Metric::L2, Metric::Dot, Metric::Hamming, Metric::Jaccard, Metric::L1] {
            assert_eq!(m.shown(m.score_of(3.0)), 3.0, "{m}");
        }
    }
}
