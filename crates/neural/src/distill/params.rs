//! Settings of a distillation.

use std::path::PathBuf;

use super::DistillError;
use super::keywords::KeywordParams;
use super::pieces::PieceParams;
use super::train::TrainParams;
use super::vocabulary::VocabularyParams;

/// How a static encoder is made from a teacher.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct DistillParams {
    /// Values of a vector, at most the teacher's.
    pub dim: usize,
    /// Most pieces of articles that the teacher reads; articles are drawn in an order of their own until so many are gathered.
    pub max_texts: usize,
    /// Share of the texts that is only used to measure.
    pub held_out: f64,
    /// Frequency weighting of the initial rows: a / (a + p) with the token's share p (Arora et al. 2017).
    pub sif: f64,
    /// How articles are cut into texts.
    pub pieces: PieceParams,
    /// Lists of words that are learned beside the pieces.
    pub keywords: KeywordParams,
    /// Which tokens the student has.
    pub vocabulary: VocabularyParams,
    /// How the rows are fitted.
    pub train: TrainParams,
    /// Where the teacher's vectors are kept between runs.
    pub cache: Option<PathBuf>,
}

impl Default for DistillParams {
    fn default() -> Self {
        Self {
            dim: 256,
            max_texts: 700_000,
            held_out: 0.02,
            sif: 1e-3,
            pieces: PieceParams::default(),
            keywords: KeywordParams::default(),
            vocabulary: VocabularyParams::default(),
            train: TrainParams::default(),
            cache: None,
        }
    }
}

impl DistillParams {
    /// Checks every range against a teacher of `teacher_dim` values.
    ///
    /// # Errors
    /// [`DistillError::Params`] with the field and what is legal.
    pub fn check(&self, teacher_dim: usize) -> Result<(), DistillError> {
        let share = |v: f64| (0.0..=1.0).contains(&v);
        let ordered = |r: (usize, usize)| r.0 >= 1 && r.0 <= r.1;
        let pieces = &self.pieces;
        let rules = [
            ("dim", (1..=teacher_dim).contains(&self.dim), "from 1 to the teacher's dimension"),
            ("max_texts", self.max_texts >= 10, "10 or more"),
            ("held_out", (0.0..0.9).contains(&self.held_out), "from 0 to below 0.9"),
            ("sif", self.sif > 0.0 && self.sif.is_finite(), "above 0"),
            ("pieces.sentences", share(pieces.sentences), "from 0 to 1"),
            ("pieces.passages", share(pieces.passages), "from 0 to 1"),
            ("pieces.fragments", share(pieces.fragments), "from 0 to 1"),
            ("pieces.sentence_words", ordered(pieces.sentence_words), "1 or more, the smaller first"),
            ("pieces.passage_words", ordered(pieces.passage_words), "1 or more, the smaller first"),
            ("pieces.fragment_words", ordered(pieces.fragment_words), "1 or more, the smaller first"),
            ("keywords.words", ordered(self.keywords.words), "1 or more, the smaller first"),
            ("keywords.power", (0.0..=2.0).contains(&self.keywords.power), "from 0 to 2"),
            ("train.batch", self.train.batch >= 2, "2 or more"),
            ("train.rate", self.train.rate > 0.0 && self.train.rate < 1.0, "between 0 and 1"),
            ("train.loss.temperature", self.train.loss.temperature > 0.0, "above 0"),
        ];
        match rules.into_iter().find(|(_, good, _)| !good) {
            None => Ok(()),
            Some((field, _, legal)) => Err(DistillError::Params { field, legal }),
        }
    }
}
