//! The strings that name a codec, in FAISS's style where FAISS has the codec.

use std::str::FromStr;

use thiserror::Error;
use vectory_core::{Context, Metric, VectorsRef};

use crate::full::FullParams;
use crate::half::HalfParams;
use crate::leanvec::LeanvecParams;
use crate::lvq::LvqParams;
use crate::pq::PqParams;
use crate::rabitq::RabitqParams;
use crate::rq::RqParams;
use crate::scalar::ScalarParams;
use crate::sign::SignParams;
use crate::{AnyCodec, CodecError, FitCodec};

/// A codec, named but not fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spec {
    /// `F32`: full rows.
    Full(FullParams),
    /// `SQfp16`, `SQbf16` (also `f16`, `bf16`).
    Half(HalfParams),
    /// `SQ8`, `SQ4`.
    Scalar(ScalarParams),
    /// `LVQ8`, `LVQ4`, `LVQ4x4`, `LVQ4x8`, `LVQ8x8`.
    Lvq(LvqParams),
    /// `PQ16` (256 centroids), `PQ16x4fs` (16), `OPQ16,PQ16`, `OPQ16,PQ16x4fs`.
    Pq(PqParams),
    /// `RQ8x8`, `RQ16x4fs`.
    Rq(RqParams),
    /// `RaBitQ`, `RaBitQ4`.
    Rabitq(RabitqParams),
    /// `Sign`.
    Sign(SignParams),
    /// `LeanVec128`, `LeanVec128,LVQ4`, `LeanVec128,LVQ8,LVQ8`.
    Leanvec(LeanvecParams),
}

/// What the strings may be, for messages.
pub const SUPPORTED: &str = "F32, SQ8, SQ4, SQfp16, SQbf16, LVQ8, LVQ4, LVQ4x4, LVQ4x8, LVQ8x8, PQ<m>, PQ<m>x4fs, OPQ<m>,PQ<m>, \
     OPQ<m>,PQ<m>x4fs, RQ<m>x8, RQ<m>x4fs, RaBitQ, RaBitQ<bits>, Sign, LeanVec<d>, LeanVec<d>,LVQ8|LVQ4";

/// A string that names no codec of ours.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("codec `{text}`: {why} (known: {SUPPORTED})")]
pub struct SpecError {
    /// The string.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl FromStr for Spec {
    type Err = SpecError;

    /// Case does not matter, spaces neither.
    fn from_str(text: &str) -> Result<Self, SpecError> {
        let clean: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        let words: Vec<&str> = clean.split(',').collect();
        read(&words).map_err(|why| SpecError { text: text.to_owned(), why })
    }
}

fn read(words: &[&str]) -> Result<Spec, String> {
    match words {
        [opq, pq] if opq.starts_with("opq") => turned(opq, pq),
        [lean, levels @ ..] if lean.starts_with("leanvec") => leanvec(lean, levels),
        [one] => single(one),
        [_, extra, ..] => Err(format!("`{extra}` has no place here")),
        [] => Err("is empty".to_owned()),
    }
}

fn single(word: &str) -> Result<Spec, String> {
    match word {
        "" => Err("is empty".to_owned()),
        "f32" => Ok(Spec::Full(FullParams {})),
        "sqfp16" | "f16" | "fp16" => Ok(Spec::Half(HalfParams::F16)),
        "sqbf16" | "bf16" => Ok(Spec::Half(HalfParams::Bf16)),
        "sq8" => Ok(Spec::Scalar(ScalarParams { bits: 8 })),
        "sq4" => Ok(Spec::Scalar(ScalarParams { bits: 4 })),
        "sign" | "binary" => Ok(Spec::Sign(SignParams {})),
        _ if word.starts_with("lvq") => lvq(word).map(Spec::Lvq),
        _ if word.starts_with("pq") => pq(word).map(Spec::Pq),
        _ if word.starts_with("rq") => rq(word).map(Spec::Rq),
        _ if word.starts_with("rabitq") => rabitq(word),
        _ => Err(format!("`{word}` is not a codec")),
    }
}

fn number<T: FromStr>(word: &str, what: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("`{word}` is not a number of {what}"))
}

fn lvq(word: &str) -> Result<LvqParams, String> {
    let bits = word.strip_prefix("lvq").ok_or_else(|| format!("`{word}` is not LVQ"))?;
    let (bits, residual_bits) = bits.split_once('x').unwrap_or((bits, "0"));
    let params = LvqParams { bits: number(bits, "bits")?, residual_bits: number(residual_bits, "bits")? };
    params.check().map(|()| params).map_err(|e| e.to_string())
}

/// `8` after a count, or `x8`, `x4`, `x4fs`.
fn bits(tail: Option<&str>) -> Result<u8, String> {
    match tail {
        None | Some("8") => Ok(8),
        Some("4fs" | "4") => Ok(4),
        Some(other) => Err(format!("`x{other}` is neither x8 nor x4fs")),
    }
}

fn pq(word: &str) -> Result<PqParams, String> {
    let count = word.strip_prefix("pq").ok_or_else(|| format!("`{word}` is not PQ"))?;
    let (m, tail) = count.split_once('x').map_or((count, None), |(m, t)| (m, Some(t)));
    Ok(PqParams { m: number(m, "parts")?, bits: bits(tail)?, ..PqParams::default() })
}

fn turned(opq: &str, word: &str) -> Result<Spec, String> {
    let params = pq(word)?;
    let m: usize = number(&opq[3..], "parts")?;
    if m != params.m {
        return Err(format!("the turn is for {m} parts, the codes have {}", params.m));
    }
    Ok(Spec::Pq(PqParams { rotate: true, ..params }))
}

fn rq(word: &str) -> Result<RqParams, String> {
    let (m, tail) = word[2..].split_once('x').map_or((&word[2..], None), |(m, t)| (m, Some(t)));
    let params = RqParams { m: number(m, "levels")?, bits: bits(tail)?, ..RqParams::default() };
    params.check().map(|()| params).map_err(|e| e.to_string())
}

fn rabitq(word: &str) -> Result<Spec, String> {
    let bits = &word["rabitq".len()..];
    let params = RabitqParams { bits: if bits.is_empty() { 1 } else { number(bits, "bits")? } };
    params.check().map(|()| Spec::Rabitq(params)).map_err(|e| e.to_string())
}

fn leanvec(word: &str, levels: &[&str]) -> Result<Spec, String> {
    let mut params = LeanvecParams { dim: number(&word["leanvec".len()..], "dimensions")?, ..LeanvecParams::default() };
    match levels {
        [] => {}
        [first] => params.primary = lvq(first)?,
        [first, second] => (params.primary, params.secondary) = (lvq(first)?, lvq(second)?),
        [_, _, more, ..] => return Err(format!("`{more}` has no place here")),
    }
    if params.primary.residual_bits + params.secondary.residual_bits > 0 {
        return Err("LeanVec has its own second level: give LVQ8 or LVQ4".to_owned());
    }
    Ok(Spec::Leanvec(params))
}

impl Spec {
    /// Fits the named codec.
    ///
    /// # Errors
    /// As [`FitCodec::fit`].
    pub fn fit(&self, rows: VectorsRef<'_>, metric: Metric, ctx: &Context) -> Result<AnyCodec, CodecError> {
        Ok(match self {
            Self::Full(p) => p.fit(rows, metric, ctx)?.into(),
            Self::Half(p) => p.fit(rows, metric, ctx)?.into(),
            Self::Scalar(p) => p.fit(rows, metric, ctx)?.into(),
            Self::Lvq(p) => p.fit(rows, metric, ctx)?.into(),
            Self::Pq(p) => p.fit(rows, metric, ctx)?.into(),
            Self::Rq(p) => p.fit(rows, metric, ctx)?.into(),
            Self::Rabitq(p) => p.fit(rows, metric, ctx)?.into(),
            Self::Sign(p) => p.fit(rows, metric, ctx)?.into(),
            Self::Leanvec(p) => p.fit(rows, metric, ctx)?.into(),
        })
    }

    /// Fits it for queries that are spread otherwise than the rows: LeanVec learns from them, the others need not.
    ///
    /// # Errors
    /// As [`FitCodec::fit`].
    pub fn fit_for(
        &self,
        rows: VectorsRef<'_>,
        queries: VectorsRef<'_>,
        metric: Metric,
        ctx: &Context,
    ) -> Result<AnyCodec, CodecError> {
        match self {
            Self::Leanvec(p) => Ok(p.fit_for(rows, queries, metric, ctx)?.into()),
            _ => self.fit(rows, metric, ctx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_given_back() {
        let ctx = Context::new(1, 2).unwrap();
        let rows = crate::testing::cloud(40, 16, 1);
        for (text, name) in [
            ("lvq 4x8", "LVQ4x8"),
            ("SQfp16", "SQfp16"),
            ("bf16", "SQbf16"),
            ("sq4", "SQ4"),
            ("PQ4", "PQ4"),
            ("PQ8x4", "PQ8x4fs"),
            ("PQ4x8", "PQ4"),
            ("OPQ4,PQ4x4fs", "OPQ4,PQ4x4fs"),
            ("RQ2x4fs", "RQ2x4fs"),
            ("RaBitQ", "RaBitQ"),
            ("rabitq5", "RaBitQ5"),
            ("Sign", "Sign"),
            ("LeanVec8", "LeanVec8,LVQ8,LVQ8"),
            ("LeanVec8,LVQ4", "LeanVec8,LVQ4,LVQ8"),
        ] {
            use crate::Codec;
            let codec = text.parse::<Spec>().unwrap().fit(rows.view(), Metric::L2, &ctx).unwrap();
            assert_eq!(codec.name(), name);
            assert_eq!(name.parse::<Spec>().unwrap(), text.parse::<Spec>().unwrap());
        }
    }

    #[test]
    fn others_are_refused_with_what_is_known() {
        for text in [
            "",
            "LVQ5",
            "LVQ",
            "LVQ4x",
            "XYZ8",
            "PQ",
            "PQ8x5",
            "OPQ8,PQ4",
            "RaBitQ9",
            "LeanVec",
            "LeanVec8,LVQ4x4",
            "SQ8,SQ8",
        ] {
            let message = text.parse::<Spec>().unwrap_err().to_string();
            assert!(message.contains("known: F32, SQ8"), "{message}");
        }
    }
}
