//! Claims of the learners of words and documents: they live in `learn` and are judged here, where the tasks are.

mod documents;
mod labels;
mod score;
mod text;
mod words;

pub(crate) use documents::{PARAGRAPHS, SENT2VEC};
pub(crate) use labels::{BYTES, HASHES};
pub(crate) use words::{CBOW, FASTTEXT, LANGUAGES, WORD2VEC};
