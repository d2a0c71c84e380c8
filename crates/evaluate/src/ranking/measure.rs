//! The measures by name.

use std::str::FromStr;

use thiserror::Error;

use super::judged::Judged;

/// A measure of one query's ranking. `Some(k)` looks at the first k documents only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RankMeasure {
    /// Normalised discounted cumulative gain, linear gains.
    Ndcg(Option<usize>),
    /// Average precision (its mean over queries is MAP).
    Map(Option<usize>),
    /// Reciprocal rank of the first relevant document.
    Mrr(Option<usize>),
    /// Relevant documents among the first k, over k.
    Precision(usize),
    /// Relevant documents among the first k, over all relevant ones.
    Recall(usize),
    /// Precision at the number of relevant documents.
    RPrecision,
    /// Preference of judged relevant over judged non-relevant documents; ignores what nobody judged.
    Bpref,
    /// 1 when a relevant document is among the first k.
    Success(usize),
    /// Judged documents among the first k retrieved ones (not of trec_eval: how far the judgements reach).
    Judged(usize),
    /// Retrieved documents (summed over queries).
    NumRet,
    /// Relevant documents (summed over queries).
    NumRel,
    /// Relevant retrieved documents (summed over queries).
    NumRelRet,
}

/// A measure name that we do not know.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "unknown measure `{0}` (known: ndcg, ndcg@10, map, mrr@10, p@10, recall@100, rprec, bpref, success@1, judged@10, num_ret, …)"
)]
pub struct UnknownMeasure(pub String);

impl RankMeasure {
    /// What `evaluate retrieval` prints: nDCG@10, MAP, MRR@10, P@10, Recall@100.
    pub const USUAL: [Self; 5] =
        [Self::Ndcg(Some(10)), Self::Map(None), Self::Mrr(Some(10)), Self::Precision(10), Self::Recall(100)];

    /// Whether the queries' values are added up rather than averaged.
    #[must_use]
    pub fn is_count(self) -> bool {
        matches!(self, Self::NumRet | Self::NumRel | Self::NumRelRet)
    }

    pub(super) fn of(self, j: &Judged) -> f64 {
        match self {
            Self::Ndcg(k) => j.ndcg(k),
            Self::Map(k) => j.average_precision(k),
            Self::Mrr(k) => j.reciprocal_rank(k),
            Self::Precision(k) => over(j.relevant_in(k), k),
            Self::Recall(k) => over(j.relevant_in(k), j.relevant),
            Self::RPrecision => over(j.relevant_in(j.relevant), j.relevant),
            Self::Bpref => j.bpref(),
            Self::Success(k) => f64::from(u8::from(j.relevant_in(k) > 0)),
            Self::Judged(k) => j.judged_in(k),
            Self::NumRet => j.retrieved() as f64,
            Self::NumRel => j.relevant as f64,
            Self::NumRelRet => j.relevant_in(usize::MAX) as f64,
        }
    }
}

fn over(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl std::fmt::Display for RankMeasure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, k) = match *self {
            Self::Ndcg(k) => ("ndcg", k),
            Self::Map(k) => ("map", k),
            Self::Mrr(k) => ("mrr", k),
            Self::Precision(k) => ("p", Some(k)),
            Self::Recall(k) => ("recall", Some(k)),
            Self::Success(k) => ("success", Some(k)),
            Self::Judged(k) => ("judged", Some(k)),
            Self::RPrecision => ("rprec", None),
            Self::Bpref => ("bpref", None),
            Self::NumRet => ("num_ret", None),
            Self::NumRel => ("num_rel", None),
            Self::NumRelRet => ("num_rel_ret", None),
        };
        match k {
            Some(k) => write!(f, "{name}@{k}"),
            None => f.write_str(name),
        }
    }
}

impl FromStr for RankMeasure {
    type Err = UnknownMeasure;

    /// Reads `ndcg@10` as well as trec_eval's `ndcg_cut_10` (and its `.` form), `P_10`, `recip_rank`, `Rprec`.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownMeasure(s.to_owned());
        let lower = s.to_ascii_lowercase();
        let (name, k) = match lower.rsplit_once(['@', '.', '_']) {
            Some((name, digits)) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                let k: usize = digits.parse().map_err(|_| unknown())?;
                if k == 0 {
                    return Err(unknown());
                }
                (name, Some(k))
            }
            _ => (lower.as_str(), None),
        };
        Ok(match (name, k) {
            ("ndcg" | "ndcg_cut", k) => Self::Ndcg(k),
            ("map" | "map_cut" | "ap", k) => Self::Map(k),
            ("mrr" | "recip_rank" | "rr", k) => Self::Mrr(k),
            ("p" | "precision", Some(k)) => Self::Precision(k),
            ("recall" | "r", Some(k)) => Self::Recall(k),
            ("success", Some(k)) => Self::Success(k),
            ("judged", Some(k)) => Self::Judged(k),
            ("rprec" | "r-precision", None) => Self::RPrecision,
            ("bpref", None) => Self::Bpref,
            ("num_ret", None) => Self::NumRet,
            ("num_rel", None) => Self::NumRel,
            ("num_rel_ret", None) => Self::NumRelRet,
            _ => return Err(unknown()),
        })
    }
}
