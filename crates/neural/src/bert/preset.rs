//! Which layers make a text's vector, and how: `cls`, `mean:1+12`, `mean:last2`, `mean:all`.
//!
//! Huang and others, *WhiteningBERT: An Easy Unsupervised Sentence Embedding Approach*, 2021: of models that were not tuned on sentences,
//! the mean over tokens beats the first token, the mean of the first and last layers beats the last, and whitening (`vectory transform
//! --with whiten`) adds to both. A model tuned on sentences is best as it was tuned.

use std::str::FromStr;

use super::config::Pooling;

/// How hidden states become one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Of which tokens.
    pub pooling: Pooling,
    /// Of which layers the mean is taken.
    pub layers: Layers,
}

/// Layers, 0 being the token embeddings and 1 the first of the transformer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layers {
    /// The last so many.
    Last(usize),
    /// All, the token embeddings among them.
    All,
    /// These.
    These(Vec<usize>),
}

impl Layers {
    /// The numbers of the layers of a model that has `count`.
    ///
    /// # Errors
    /// Names the layer that there is not.
    pub fn of(&self, count: usize) -> Result<Vec<usize>, String> {
        match self {
            Self::Last(n) if *n <= count + 1 => Ok((count + 1 - n..=count).collect()),
            Self::All => Ok((0..=count).collect()),
            Self::These(all) if all.iter().all(|l| *l <= count) => Ok(all.clone()),
            other => Err(format!("{other:?} of a model with layers 0 to {count}")),
        }
    }
}

impl FromStr for Preset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no pooling: `cls` or `mean`, then maybe `:1+12`, `:last2` or `:all`");
        let (pooling, layers) = text.split_once(':').unwrap_or((text, "last1"));
        let pooling = match pooling {
            "cls" => Pooling::Cls,
            "mean" => Pooling::Mean,
            _ => return Err(bad()),
        };
        let layers = match (layers, layers.strip_prefix("last")) {
            ("all", _) => Layers::All,
            (_, Some(n)) => Layers::Last(n.parse().ok().filter(|n| *n > 0).ok_or_else(bad)?),
            _ => {
                let mut all =
                    layers.split('+').map(str::parse).collect::<Result<Vec<usize>, _>>().map_err(|_| bad())?;
                all.sort_unstable();
                all.dedup();
                Layers::These(all)
            }
        };
        Ok(Self { pooling, layers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_read_and_resolved() {
        let of = |text: &str| text.parse::<Preset>().map(|p| (p.pooling, p.layers.of(6)));
        assert_eq!(of("cls").unwrap(), (Pooling::Cls, Ok(vec![6])));
        assert_eq!(of("mean:6+1").unwrap(), (Pooling::Mean, Ok(vec![1, 6])));
        assert_eq!(of("mean:last2").unwrap().1.unwrap(), [5, 6]);
        assert_eq!(of("mean:all").unwrap().1.unwrap(), [0, 1, 2, 3, 4, 5, 6]);
        assert!(of("mean:7").unwrap().1.unwrap_err().contains("0 to 6") && of("mean:last9").unwrap().1.is_err());
        for text in ["max", "mean:", "mean:1-2", "mean:last", "mean:last0", ""] {
            assert!(of(text).unwrap_err().contains("last2"), "{text}");
        }
    }
}
