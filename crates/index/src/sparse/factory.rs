//! The strings by which a sparse index is named.

use thiserror::Error;

use super::seismic::SeismicParams;

/// A sparse index, named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SparseFactory {
    /// `Sparse`, `Sparse,SQ8`, `Sparse,F32`: exact over weights of so many bits.
    Exact {
        /// 8, 16 or 32.
        bits: u32,
    },
    /// `Seismic`, `Seismic4000`: approximate; the postings that a list keeps.
    Seismic(SeismicParams),
}

/// A string that names no sparse index.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("index factory `{text}`: {why}; for sparse vectors: `Sparse[,SQ8|SQ16|F32]`, `Seismic[POSTINGS]`")]
pub struct SparseFactoryError {
    /// The string.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

/// Whether a string means one of these rather than a dense index.
#[must_use]
pub fn is_sparse(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    ["sparse", "seismic"].iter().any(|n| lower.starts_with(n))
}

impl std::str::FromStr for SparseFactory {
    type Err = SparseFactoryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = |why: String| SparseFactoryError { text: text.to_owned(), why };
        let lower = text.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split(',').map(str::trim).collect();
        match parts[..] {
            ["sparse"] | ["sparse", "sq8"] => Ok(Self::Exact { bits: 8 }),
            ["sparse", "sq16"] => Ok(Self::Exact { bits: 16 }),
            ["sparse", "f32" | "flat"] => Ok(Self::Exact { bits: 32 }),
            [one] if one.starts_with("seismic") => {
                let (count, mut params) = (&one["seismic".len()..], SeismicParams::default());
                if !count.is_empty() {
                    params.postings =
                        count.parse().map_err(|_| bad(format!("`{count}` is not a number of postings")))?;
                }
                params.check().map_err(|e| bad(e.to_string()))?;
                Ok(Self::Seismic(params))
            }
            [_, more, ..] => Err(bad(format!("`{more}` is not known here"))),
            _ => Err(bad(format!("`{}` is not a sparse index", parts[0]))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_others_refused() {
        assert_eq!("Sparse".parse(), Ok(SparseFactory::Exact { bits: 8 }));
        assert_eq!("sparse, F32".parse(), Ok(SparseFactory::Exact { bits: 32 }));
        assert!(matches!("Seismic500".parse(), Ok(SparseFactory::Seismic(p)) if p.postings == 500));
        for (text, part) in
            [("Sparse,PQ", "`pq`"), ("Seismic0", "`postings` is 0"), ("seismicx", "`x`"), ("Flat", "`flat`")]
        {
            let message = text.parse::<SparseFactory>().unwrap_err().to_string();
            assert!(message.contains(part) && message.contains("Seismic[POSTINGS]"), "{message}");
        }
    }
}
