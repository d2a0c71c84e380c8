//! How good are the answers? Measures of rankings and predictions, and studies of retrieval.
//!
//! - [`ranking`]: trec_eval's measures over judgements and runs, with intervals and a test between two runs.
//! - [`ann`]: recall against queries a second of indexes, on one's own vectors.
//! - [`ann_order`]: what the order of insertion does to a graph.
//! - [`claim_data`]: readers that claims share.
//! - [`beir`]: reference runs on judged collections.
//! - [`index_growth`]: what a growing index does to dense and sparse retrieval, in theory and on data.
//! - [`leaderboard`]: results with the command that made them, signed.
//! - [`features`](mod@features): which properties of things can be read off their word vectors.
//! - [`fusion_study`]: choosing a method without looking at the set it is scored on.
//! - [`sts`](mod@sts): sentence similarity.
//! - [`similarity`]: how alike two sets of vectors of the same items are.
//! - [`mauve`]: how far two sets of vectors of different items are from one distribution.
//! - [`protocols`]: what frozen vectors are worth when they carry labels.
//! - [`url`]: uncertainties that carry over to classes never seen.
//! - [`words`]: word similarity and analogies.
#![forbid(unsafe_code)]

pub mod ann;
pub mod ann_order;
pub mod beir;
pub mod claim_data;
pub mod features;
pub mod fusion_study;
pub mod index_growth;
mod late;
pub mod leaderboard;
mod learned;
pub mod mauve;
pub mod protocols;
pub mod ranking;
pub mod similarity;
pub mod sts;
pub mod url;
pub mod words;

use vectory_core::registry::Method;

/// The published methods that live here.
pub const METHODS: &[Method] = &[
    index_growth::claim::INDEX_GROWTH,
    beir::claim::BREWING_BEIR,
    late::MUVERA,
    late::TOKEN_POOLING,
    late::ESPN,
    ann_order::claim::ORDER,
    learned::WORD2VEC,
    learned::FASTTEXT,
    learned::CBOW,
    learned::LANGUAGES,
    learned::PARAGRAPHS,
    learned::SENT2VEC,
    learned::BINARY,
    learned::LDA2VEC,
    learned::BYTES,
    learned::HASHES,
    similarity::claim::MODEL_SIMILARITY,
    mauve::claim::MAUVE,
    protocols::claim::FEET,
    url::URL,
    words::claim::RETROFITTING,
    words::claim::SWIVEL,
    words::claim::RAND_WALK,
    features::FEATURE_NORMS,
    words::claim::STUDY,
    words::claim::GLOVE_V,
    words::claim::SURVEY,
    words::claim::PU,
    words::claim::CWM,
];
