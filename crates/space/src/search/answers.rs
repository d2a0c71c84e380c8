//! What a space answers.

use std::ops::Range;

use serde::Serialize;
use serde_json::{Map, Value};

/// The answers to one question.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answers {
    /// Best first.
    pub hits: Vec<Answer>,
    /// The views that were asked.
    pub views: Vec<String>,
    /// How many passages were judged by all views.
    pub candidates: usize,
    /// How long it took.
    pub milliseconds: f64,
}

/// One found document with its best passage (or one passage, where hits are not grouped).
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answer {
    /// The document's id.
    pub id: String,
    /// Its title; empty where it has none.
    pub title: String,
    /// The file it came from.
    pub path: Option<String>,
    /// The fused score: comparable within one answer only.
    pub score: f32,
    /// Number of the passage.
    pub passage: u32,
    /// Place of the passage in the document's text, in bytes.
    pub range: Range<u64>,
    /// The headings above the passage.
    pub heading: String,
    /// The passage.
    pub text: String,
    /// The part of it to show.
    pub snippet: Snippet,
    /// The document's payload.
    pub payload: Map<String, Value>,
    /// How many other passages of the document are among the candidates.
    pub more: usize,
    /// How each view judged it; empty unless asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explain: Vec<Explained>,
}

/// A part of a passage, with the words that matched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The text; `…` stands for what was left out.
    pub text: String,
    /// Byte ranges in `text` of the words that matched.
    pub highlights: Vec<Range<usize>>,
}

/// How one view judged a hit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Explained {
    /// The view.
    pub view: String,
    /// Its place in the view's own list, from 1; none when another view found it.
    pub rank: Option<u32>,
    /// The view's score.
    pub score: f32,
    /// What the view added to the fused score.
    pub part: f32,
    /// The words of the passage that matched.
    pub matched: Vec<String>,
}

/// A document in a ranking, without its texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ranked {
    /// The document's id.
    pub id: String,
    /// Number of its best passage.
    pub passage: u32,
    /// The fused score.
    pub score: f32,
}
