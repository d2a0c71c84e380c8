//! One of the parts of a build that is split among processes or machines: each takes its own documents, by a hash of their ids.

use std::fmt;
use std::str::FromStr;

use vectory_core::{hash, rng};

/// Under which setting a space remembers that it is a part.
pub(crate) const SHARD: &str = "shard";

/// A part: `2/4` is the second of four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub index: u32,
    /// Of how many.
    pub of: u32,
}

impl Shard {
    /// Whether a document of this id is its own. Every id is some part's, and only one's.
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        rng::mix(hash::fnv1a(id.as_bytes())) % u64::from(self.of) == u64::from(self.index - 1)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |t: &str| t.trim().parse::<u32>().ok();
        let parts = text.split_once('/').and_then(|(i, n)| Some((number(i)?, number(n)?)));
        match parts {
            Some((index, of)) if index >= 1 && index <= of && of <= 1 << 20 => Ok(Self { index, of }),
            _ => Err(format!("`{text}` is no part: 1/4 to 4/4 are the parts of four")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_in_one_part_and_parts_are_even() {
        let parts: Vec<Shard> = (1..=4).map(|index| Shard { index, of: 4 }).collect();
        let mut counts = [0; 4];
        for i in 0..4000 {
            let of: Vec<usize> = (0..4).filter(|p| parts[*p].holds(&format!("doc-{i}"))).collect();
            assert_eq!(of.len(), 1);
            counts[of[0]] += 1;
        }
        assert!(counts.iter().all(|c| (900..1100).contains(c)), "{counts:?}");
        assert_eq!("2/4".parse(), Ok(parts[1]));
        assert_eq!(parts[1].to_string(), "2/4");
        for bad in ["", "4", "0/4", "5/4", "1/0", "a/b", "-1/2"] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }
}
