//! Settings of paragraph vectors.

use serde::{Deserialize, Serialize};

use crate::word2vec::{Architecture, Documents, TrainError, WordParams};

/// What predicts a document's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The document's row (PV-DBOW).
    #[default]
    Dbow,
    /// The document's row and the words around (PV-DM), averaged.
    Dm,
}

/// Settings of paragraph vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ParagraphParams {
    /// What predicts a document's words.
    pub mode: Mode,
    /// PV-DBOW: learn word vectors along with it.
    pub words: bool,
    /// Steps over a new text (20).
    pub infer_epochs: usize,
    /// Dimensions, window, negatives, epochs (10), learning rate (0.025), subsampling.
    pub training: WordParams,
}

impl Default for ParagraphParams {
    fn default() -> Self {
        let training = WordParams { epochs: 10, rate: Some(0.025), ..WordParams::default() };
        Self { mode: Mode::Dbow, words: false, infer_epochs: 20, training }
    }
}

impl ParagraphParams {
    /// # Errors
    /// [`TrainError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), TrainError> {
        let bad = |field, value: String, legal: &str| Err(TrainError::Param { field, value, legal: legal.into() });
        if !(1..=10_000).contains(&self.infer_epochs) {
            return bad("infer_epochs", self.infer_epochs.to_string(), "1 to 10000");
        }
        if self.words && self.mode == Mode::Dm {
            return bad("words", "on".into(), "off for dm, which learns word vectors anyway");
        }
        if self.training.subwords.is_some() {
            return bad("subwords", "on".into(), "off");
        }
        self.settings().check()
    }

    /// The engine's settings.
    pub(super) fn settings(&self) -> WordParams {
        let architecture = if self.mode == Mode::Dm { Architecture::Cbow } else { Architecture::SkipGram };
        WordParams { architecture, ..self.training.clone() }
    }

    pub(super) fn documents(&self) -> Documents {
        match self.mode {
            Mode::Dm => Documents::Memory,
            Mode::Dbow => Documents::Bag { words: self.words },
        }
    }
}
