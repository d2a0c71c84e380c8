//! From a file's text to what a reader reads: title, text, form, and fields found in the text itself.

mod code;
mod entities;
mod html;
mod markdown;
mod rst;
mod tex;

use serde_json::{Map, Value};
use vectory_text::TextFormat;

/// A text made ready.
#[derive(Debug, Default, PartialEq)]
pub struct Clean {
    /// The title found in the text, or nothing.
    pub title: String,
    /// The text.
    pub text: String,
    /// The form of `text`.
    pub format: TextFormat,
    /// Fields from a front matter or from HTML meta elements.
    pub fields: Map<String, Value>,
}

/// Makes a text of the given form ready: HTML becomes Markdown-like text, TeX loses comments and preamble, reStructuredText its
/// directives, Markdown its front matter. Plain text stays as it is, and so does code unless only its documentation is wanted.
pub fn clean(text: String, format: TextFormat, code_docs: bool) -> Clean {
    match format {
        TextFormat::Code if code_docs => {
            Clean { text: code::docs(&text), format: TextFormat::Markdown, ..Clean::default() }
        }
        TextFormat::Html => html::clean(&text),
        TextFormat::Markdown => markdown::clean(text),
        TextFormat::Rst => rst::clean(&text),
        TextFormat::Tex => tex::clean(&text),
        TextFormat::Plain | TextFormat::Code => Clean { text, format, ..Clean::default() },
    }
}
