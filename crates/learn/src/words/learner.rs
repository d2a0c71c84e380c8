//! The learners from counts, by name.

use std::str::FromStr;

use vectory_core::Context;

use super::cooccurrence::Cooccurrences;
use super::glove::{self, Glove, GloveParams};
use super::{WordVectors, WordsError, ppmi, pu, squared_norm, swivel};
use crate::checkpoint::Checkpoint;
use crate::named::{SettingError, Settings};

/// A learner from counts, with its parameters.
#[derive(Clone, Debug)]
pub enum Learner {
    /// Weighted least squares on log counts.
    Glove(GloveParams),
    /// Every cell counts.
    Swivel(swivel::SwivelParams),
    /// Positive pointwise mutual information and its singular vectors.
    Ppmi(ppmi::PpmiParams),
    /// Squared norms.
    Sn(squared_norm::SquaredNormParams),
    /// PPMI with weighted zeros.
    Pu(pu::PuParams),
}

/// What came of it.
#[derive(Debug)]
pub enum Learned {
    /// Vectors.
    Vectors(WordVectors),
    /// GloVe's whole model.
    Glove(Glove),
}

impl Learned {
    /// The vectors.
    #[must_use]
    pub fn vectors(&self) -> &WordVectors {
        match self {
            Self::Vectors(v) => v,
            Self::Glove(g) => &g.vectors,
        }
    }
}

/// The learners' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of Learner's variants")]
pub enum LearnerKind {
    Glove,
    Swivel,
    Ppmi,
    Sn,
    Pu,
}

impl FromStr for LearnerKind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        [Self::Glove, Self::Swivel, Self::Ppmi, Self::Sn, Self::Pu].into_iter().find(|k| k.name() == name).ok_or(())
    }
}

impl LearnerKind {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Glove => "glove",
            Self::Swivel => "swivel",
            Self::Ppmi => "ppmi",
            Self::Sn => "sn",
            Self::Pu => "pu",
        }
    }

    /// What the method calls its passes.
    #[must_use]
    pub fn epochs(self) -> &'static str {
        match self {
            Self::Ppmi => "iterations",
            Self::Pu => "sweeps",
            _ => "epochs",
        }
    }
}

impl Learner {
    /// The method's defaults, with what was given put in.
    ///
    /// # Errors
    /// [`SettingError`]: a value of the wrong type.
    pub fn new(kind: LearnerKind, given: &mut Settings) -> Result<Self, SettingError> {
        Ok(match kind {
            LearnerKind::Glove => Self::Glove(given.fill(&GloveParams::default())?),
            LearnerKind::Swivel => Self::Swivel(given.fill(&swivel::SwivelParams::default())?),
            LearnerKind::Ppmi => Self::Ppmi(given.fill(&ppmi::PpmiParams::default())?),
            LearnerKind::Sn => Self::Sn(given.fill(&squared_norm::SquaredNormParams::default())?),
            LearnerKind::Pu => Self::Pu(given.fill(&pu::PuParams::default())?),
        })
    }

    /// Its parameters.
    #[must_use]
    pub fn params(&self) -> serde_json::Value {
        let value = match self {
            Self::Glove(p) => serde_json::to_value(p),
            Self::Swivel(p) => serde_json::to_value(p),
            Self::Ppmi(p) => serde_json::to_value(p),
            Self::Sn(p) => serde_json::to_value(p),
            Self::Pu(p) => serde_json::to_value(p),
        };
        value.unwrap_or_default()
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        match self {
            Self::Glove(p) => p.check(),
            Self::Swivel(p) => p.check(),
            Self::Ppmi(p) => p.check(),
            Self::Sn(p) => p.check(),
            Self::Pu(p) => p.check(),
        }
    }

    /// Learns from counts. `checkpoint` says where to write what has been reached, and whether to go on from it; PPMI has none.
    ///
    /// # Errors
    /// [`WordsError`].
    pub fn learn(&self, counts: &Cooccurrences, checkpoint: &Checkpoint, ctx: &Context) -> Result<Learned, WordsError> {
        let (m, to) = (counts.matrix()?, checkpoint);
        Ok(Learned::Vectors(match self {
            Self::Glove(p) => return Ok(Learned::Glove(glove::glove(m, p, to, ctx)?)),
            Self::Swivel(p) => swivel::swivel(m, p, to, ctx)?,
            Self::Ppmi(p) => ppmi::ppmi_svd(m, p, ctx)?,
            Self::Sn(p) => squared_norm::squared_norm(m, p, to, ctx)?,
            Self::Pu(p) => pu::pu(m, &ppmi::ppmi_values(m, 1.0, 1.0), p, to, ctx)?,
        }))
    }
}
