//! The arguments of a training, as the file keeps them.

/// What was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Words from the mean of their context.
    Cbow = 1,
    /// Contexts from a word.
    SkipGram = 2,
    /// Labels from a text.
    Supervised = 3,
}

/// How outputs were scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Hierarchical softmax.
    Hierarchical = 1,
    /// Negative sampling.
    Negative = 2,
    /// Softmax.
    Softmax = 3,
    /// One logistic regression a label.
    OneVsAll = 4,
}

/// The arguments that a model file keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Args {
    /// Values a row has.
    pub dim: u32,
    /// Words on each side.
    pub window: u32,
    /// Passes over the text.
    pub epochs: u32,
    /// Rarer words were left out.
    pub min_count: u32,
    /// Negative samples.
    pub negative: u32,
    /// Longest run of words with a row of its own.
    pub word_ngrams: u32,
    /// How outputs were scored.
    pub loss: Loss,
    /// What was learned.
    pub model: Architecture,
    /// Buckets of hashed n-grams.
    pub buckets: u32,
    /// Shortest character n-gram.
    pub min_n: u32,
    /// Longest character n-gram; 0: none.
    pub max_n: u32,
    /// Words between updates of the learning rate.
    pub update_rate: u32,
    /// Threshold of subsampling.
    pub sample: f64,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            dim: 100,
            window: 5,
            epochs: 5,
            min_count: 5,
            negative: 5,
            word_ngrams: 1,
            loss: Loss::Negative,
            model: Architecture::SkipGram,
            buckets: 2_000_000,
            min_n: 3,
            max_n: 6,
            update_rate: 100,
            sample: 1e-4,
        }
    }
}
