//! What BM25 is told.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The published forms of BM25 (compared by Kamphuis et al. 2020). `N` documents, `df` of them hold the term; `B = 1 - b
/// + b·dl/avgdl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bm25Variant {
    /// Lucene's: `ln(1 + (N - df + ½)/(df + ½)) · tf/(tf + k1·B)`.
    #[default]
    Lucene,
    /// Robertson's: `max(0, ln((N - df + ½)/(df + ½))) · tf/(tf + k1·B)`.
    Robertson,
    /// ATIRE's: `ln(N/df) · (k1 + 1)·tf/(tf + k1·B)` (Trotman et al. 2014).
    Atire,
    /// BM25L: `ln((N + 1)/(df + ½)) · (k1 + 1)(c + δ)/(k1 + c + δ)`, `c = tf/B` (Lv and Zhai 2011).
    Bm25L,
    /// BM25+: `ln((N + 1)/df) · ((k1 + 1)·tf/(tf + k1·B) + δ)` (Lv and Zhai 2011).
    #[serde(rename = "bm25+")]
    Bm25Plus,
}

/// The options of BM25, by the names that users know.
///
/// The default, k1 1.4 and b 0.6, has the best mean nDCG@10 (0.519) over six test collections (SciFact, Cranfield, CISI,
/// CACM, MED, NPL) on a grid of k1 0.9–1.8 and b 0.4–0.75; the widespread 1.2 and 0.75 has 0.517, 0.9 and 0.4 has 0.504.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bm25Params {
    /// How slowly repeated words saturate; 0: only presence counts.
    pub k1: f32,
    /// How much long documents are held back: 0 not, 1 in full.
    pub b: f32,
    /// The floor of [`Bm25Variant::Bm25L`] and [`Bm25Variant::Bm25Plus`]; others ignore it.
    pub delta: f32,
    /// Which form.
    pub variant: Bm25Variant,
}

impl Default for Bm25Params {
    fn default() -> Self {
        Self { k1: 1.4, b: 0.6, delta: 0.5, variant: Bm25Variant::Lucene }
    }
}

/// A parameter outside its range.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error("bm25 `{field}` is {value}, must be {range}")]
pub struct Bm25ParamsError {
    /// Which.
    pub field: &'static str,
    /// What it is.
    pub value: f32,
    /// What is legal.
    pub range: &'static str,
}

impl Bm25Params {
    /// Whether every field is in its range.
    ///
    /// # Errors
    /// [`Bm25ParamsError`] names the first that is not.
    pub fn check(&self) -> Result<(), Bm25ParamsError> {
        let bad = |field, value, range| Err(Bm25ParamsError { field, value, range });
        if !(0.0..=1000.0).contains(&self.k1) {
            return bad("k1", self.k1, "in 0..=1000");
        }
        if !(0.0..=1.0).contains(&self.b) {
            return bad("b", self.b, "in 0..=1");
        }
        if !(0.0..=1000.0).contains(&self.delta) {
            return bad("delta", self.delta, "in 0..=1000");
        }
        Ok(())
    }

    /// How rare a term is, as the variant weighs it. 0 for a term that no document holds.
    #[must_use]
    pub fn idf(&self, documents: u64, df: u64) -> f64 {
        if df == 0 {
            return 0.0;
        }
        let (n, df) = (documents.max(df) as f64, df as f64);
        match self.variant {
            Bm25Variant::Lucene => ((n - df + 0.5) / (df + 0.5)).ln_1p(),
            Bm25Variant::Robertson => ((n - df + 0.5) / (df + 0.5)).max(1.0).ln(),
            Bm25Variant::Atire => (n / df).ln(),
            Bm25Variant::Bm25L => ((n + 1.0) / (df + 0.5)).ln(),
            Bm25Variant::Bm25Plus => ((n + 1.0) / df).ln(),
        }
    }

    /// All variants' term-frequency part as one expression; see [`Saturation`].
    #[must_use]
    pub(crate) fn saturation(&self) -> Saturation {
        let (k1, delta) = (self.k1, self.delta);
        let plain = |factor, add| Saturation { factor, add, slope: k1, lift: 0.0 };
        match self.variant {
            Bm25Variant::Lucene | Bm25Variant::Robertson => plain(1.0, 0.0),
            Bm25Variant::Atire => plain(k1 + 1.0, 0.0),
            Bm25Variant::Bm25Plus => plain(k1 + 1.0, delta),
            Bm25Variant::Bm25L => {
                let slope = k1 + delta;
                let lift = if slope > 0.0 { delta / slope } else { 0.0 };
                Saturation { factor: k1 + 1.0, add: 0.0, slope, lift }
            }
        }
    }

    /// `slope·B` of a document of the given length: the number that its length puts into every score.
    #[must_use]
    pub(crate) fn norm(&self, length: u32, average: f64) -> f32 {
        let b = f64::from(self.b);
        let relative = if average > 0.0 { f64::from(length) / average } else { 1.0 };
        (f64::from(self.saturation().slope) * (1.0 - b + b * relative)) as f32
    }
}

/// `factor · (tf + lift·norm)/(tf + norm) + add`: what every variant does with a term frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Saturation {
    pub factor: f32,
    pub add: f32,
    pub slope: f32,
    pub lift: f32,
}

impl Saturation {
    /// The value for `tf` in a document with the given norm.
    #[inline]
    pub fn at(self, tf: f32, norm: f32) -> f32 {
        self.factor * ((tf + self.lift * norm) / (tf + norm)) + self.add
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked() {
        assert!(Bm25Params::default().check().is_ok());
        let wrong = Bm25Params { b: 1.5, ..Bm25Params::default() };
        assert_eq!(wrong.check().unwrap_err().to_string(), "bm25 `b` is 1.5, must be in 0..=1");
        assert!(Bm25Params { k1: f32::NAN, ..Bm25Params::default() }.check().is_err());
    }

    #[test]
    fn variants_follow_their_formulas() {
        let (tf, dl, avg) = (3.0f32, 20, 10.0);
        for (variant, delta, expected) in [
            (Bm25Variant::Lucene, 0.5, 3.0 / (3.0 + 1.2 * 1.75)),
            (Bm25Variant::Atire, 0.5, 2.2 * 3.0 / (3.0 + 1.2 * 1.75)),
            (Bm25Variant::Bm25Plus, 0.5, 2.2 * 3.0 / (3.0 + 1.2 * 1.75) + 0.5),
            (Bm25Variant::Bm25L, 0.5, 2.2 * (3.0 / 1.75 + 0.5) / (1.2 + 3.0 / 1.75 + 0.5)),
        ] {
            let p = Bm25Params { k1: 1.2, b: 0.75, variant, delta };
            let got = p.saturation().at(tf, p.norm(dl, avg));
            assert!((got - expected).abs() < 1e-6, "{variant:?}: {got} {expected}");
        }
    }
}
