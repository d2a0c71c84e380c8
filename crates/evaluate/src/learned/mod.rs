//! Claims of the learners of words and documents: they live in `learn` and are judged here, where the tasks are.

mod codes;
mod documents;
mod labels;
mod mixtures;
mod score;
mod senses;
mod text;
mod words;

pub(crate) use codes::BINARY;
pub(crate) use documents::{PARAGRAPHS, SENT2VEC};
pub(crate) use labels::{BYTES, HASHES};
pub(crate) use mixtures::LDA2VEC;
pub(crate) use words::{CBOW, FASTTEXT, LANGUAGES, WORD2VEC};
