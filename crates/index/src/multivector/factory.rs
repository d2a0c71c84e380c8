//! The strings by which a late-interaction index is named.

use thiserror::Error;

use super::muvera::{self, MuveraParams};
use super::plaid::PlaidParams;
use super::{StoreParams, TokenCodec};
use crate::factory::{self, Factory};

/// A late-interaction index, named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MultiFactory {
    /// `MaxSim`, `MaxSim,BF16`: exact scan of the tokens in that form.
    MaxSim(StoreParams),
    /// `MUVERA`, `MUVERA20x5x16,HNSW32`, `MUVERA20x4x8,Flat,SQ8`: repetitions × k_sim × d_proj, the index over the encodings,
    /// the form of the tokens.
    Muvera(muvera::Spec),
    /// `PLAID`, `PLAID1024`, `PLAID,R2`: centroids, the form of the residuals.
    Plaid(PlaidParams),
}

/// A string that names no late-interaction index.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "index factory `{text}`: {why}; for token vectors: `MaxSim[,FORM]`, `MUVERA[RxKxD][,INDEX][,FORM]`, `PLAID[CENTROIDS][,R1|R2|R4]`, `ESPN[LISTS][,FORM]` (on disk) with FORM one of F32, F16, BF16, SQ8, R1, R2, R4 and INDEX a dense index such as Flat or HNSW32"
)]
pub struct MultiFactoryError {
    /// The string.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

/// Whether a string means one of these rather than a dense index.
#[must_use]
pub fn is_multi(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    ["maxsim", "muvera", "plaid"].iter().any(|n| lower.starts_with(n))
}

impl std::str::FromStr for MultiFactory {
    type Err = MultiFactoryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|why| MultiFactoryError { text: text.to_owned(), why })
    }
}

fn parse(text: &str) -> Result<MultiFactory, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let (name, rest) = (parts[0].to_ascii_lowercase(), &parts[1..]);
    let form = |rest: &[&str], default| -> Result<StoreParams, String> {
        match rest {
            [] => Ok(StoreParams { codec: default, ..StoreParams::default() }),
            [one] => Ok(StoreParams { codec: one.parse::<TokenCodec>()?, ..StoreParams::default() }),
            [_, more, ..] => Err(format!("`{more}` is one part too many")),
        }
    };
    if name == "maxsim" {
        return Ok(MultiFactory::MaxSim(form(rest, TokenCodec::F32)?));
    }
    if let Some(shape) = name.strip_prefix("muvera") {
        let params = encodings(shape)?;
        let (candidates, codec) = over_encodings(rest)?;
        let store = form(codec, TokenCodec::F32)?;
        return Ok(MultiFactory::Muvera(muvera::Spec { params, candidates, store }));
    }
    if let Some(count) = name.strip_prefix("plaid") {
        let mut params = PlaidParams { store: form(rest, TokenCodec::Residual { bits: 4 })? };
        if !matches!(params.store.codec, TokenCodec::Residual { .. }) {
            return Err(format!("PLAID takes residual codes (R1, R2, R4), not {}", params.store.codec));
        }
        if !count.is_empty() {
            params.store.residual.centroids =
                count.parse().map_err(|_| format!("`{count}` is not a number of centroids"))?;
        }
        return Ok(MultiFactory::Plaid(params));
    }
    Err(format!("`{}` is not an index of token vectors", parts[0]))
}

/// The index over the encodings, and the form of the tokens: the last part, where it is one and an index stands before it.
fn over_encodings<'a>(rest: &'a [&'a str]) -> Result<(Factory, &'a [&'a str]), String> {
    let Some((last, before)) = rest.split_last() else { return Ok((Factory::Flat, &[])) };
    if last.parse::<TokenCodec>().is_ok()
        && !before.is_empty()
        && let Ok(index) = factory::parse(&before.join(","))
    {
        return Ok((index, &rest[rest.len() - 1..]));
    }
    factory::parse(&rest.join(",")).map(|whole| (whole, &rest[..0])).map_err(|e| e.to_string())
}

/// `20x5x16`, or nothing for the default.
fn encodings(shape: &str) -> Result<MuveraParams, String> {
    let mut params = MuveraParams::default();
    if !shape.is_empty() {
        let numbers: Result<Vec<usize>, _> = shape.split('x').map(str::parse).collect();
        let Ok([r, k, d]) = numbers.as_deref() else {
            return Err(format!("`{shape}` is not repetitions x k_sim x d_proj, such as 20x5x16"));
        };
        (params.repetitions, params.k_sim, params.d_proj) = (*r, *k as u32, *d);
    }
    params.check().map_err(|e| e.to_string())?;
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let parse = |t: &str| t.parse::<MultiFactory>().unwrap();
        assert_eq!(parse("MaxSim"), MultiFactory::MaxSim(StoreParams::default()));
        assert!(matches!(parse("maxsim, sq8"), MultiFactory::MaxSim(p) if p.codec == TokenCodec::Int8));
        let MultiFactory::Muvera(m) = parse("MUVERA20x4x8,HNSW32,BF16") else { panic!() };
        assert_eq!((m.params.k_sim, m.params.d_proj, m.store.codec), (4, 8, TokenCodec::Bf16));
        assert!(matches!(m.candidates, Factory::Graph(_)));
        assert!(matches!(parse("MUVERA,SQ8"), MultiFactory::Muvera(m) if m.store.codec == TokenCodec::F32));
        assert!(matches!(parse("MUVERA"), MultiFactory::Muvera(m) if m.candidates == Factory::Flat));
        assert!(matches!(parse("PLAID512,R2"), MultiFactory::Plaid(p)
            if p.store.residual.centroids == 512 && p.store.codec == TokenCodec::Residual { bits: 2 }));
    }

    #[test]
    fn others_are_named_with_what_is_supported() {
        for (text, part) in [
            ("MaxSim,PQ8", "`PQ8` is not a form of tokens"),
            ("MUVERA20x5", "20x5x16"),
            ("MUVERA0x5x16", "`repetitions` is 0"),
            ("MUVERA,IVFx,Flat", "`x` is not a number of lists"),
            ("PLAID,SQ8", "residual codes"),
            ("PLAIDx", "not a number"),
            ("HNSW32", "not an index of token vectors"),
        ] {
            let message = text.parse::<MultiFactory>().unwrap_err().to_string();
            assert!(message.contains(part) && message.contains("MUVERA[RxKxD]"), "{message}");
        }
    }
}
