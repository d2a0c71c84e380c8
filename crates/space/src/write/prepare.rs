//! Documents to passages, passages to what the views make of them. The work of a build: done in parallel.

use rayon::prelude::*;
use vectory_core::{Context, Vectors};
use vectory_io::documents::Document;
use vectory_text::{Analyzer, PassageParams, passages};

use super::WriteError;
use crate::engine::{Engine, EngineKind};
use crate::recipe::SourceRecipe;
use crate::store::pack_text;

/// Passages that an encoder is given at once: bounds memory, and how long a request to stop waits.
const BATCH: usize = 2048;

/// A document, cut.
pub(crate) struct Prepared {
    pub passages: Vec<PreparedPassage>,
}

/// A passage, ready to be stored.
pub(crate) struct PreparedPassage {
    pub range: std::ops::Range<u64>,
    pub heading: String,
    /// As [`pack_text`] gives it.
    pub packed: Vec<u8>,
    /// What the views see: title, headings and text.
    pub seen: String,
}

/// The terms of a passage, end to end in one text.
#[derive(Default)]
pub(crate) struct Terms {
    text: String,
    ends: Vec<u32>,
}

impl Terms {
    pub fn of(analyzer: &Analyzer, text: &str) -> Self {
        let mut out = Self::default();
        analyzer.terms(text, &mut |term: &str| {
            out.text.push_str(term);
            out.ends.push(out.text.len() as u32);
        });
        out
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(a, b)| &self.text[a as usize..*b as usize])
    }
}

/// What one view makes of all passages of a batch.
pub(crate) enum Made {
    Terms(Vec<Terms>),
    Rows(Vec<Vectors>),
    /// The view takes no texts.
    Nothing,
}

impl Made {
    /// What it made of passage `i`.
    pub fn get(&self, i: usize) -> super::pending::Represented<'_> {
        match self {
            Self::Terms(list) => super::pending::Represented::Terms(&list[i]),
            Self::Rows(batches) => super::pending::Represented::Rows(batches[i / BATCH].row(i % BATCH)),
            Self::Nothing => super::pending::Represented::Nothing,
        }
    }
}

/// Cuts documents into passages.
pub(crate) fn cut(documents: &[&Document], source: &SourceRecipe, ctx: &Context) -> Vec<Prepared> {
    ctx.pool().install(|| documents.par_iter().map(|d| cut_one(d, source)).collect())
}

fn cut_one(document: &Document, source: &SourceRecipe) -> Prepared {
    let text = document.text.as_str();
    let cut = if source.max_words == 0 {
        vec![(0..text.len(), String::new())]
    } else {
        let params = PassageParams {
            max_words: source.max_words,
            overlap_words: source.overlap_words,
            ..PassageParams::default()
        };
        passages(text, document.format, &params).into_iter().map(|p| (p.range, p.heading)).collect()
    };
    // A document without text still has a title to be found by.
    let cut: Vec<_> = if cut.is_empty() { vec![(0..0, String::new())] } else { cut };
    let passage = |(range, heading): (std::ops::Range<usize>, String)| {
        let part = &text[range.clone()];
        PreparedPassage {
            range: range.start as u64..range.end as u64,
            packed: pack_text(part),
            seen: seen(&document.title, &heading, part),
            heading,
        }
    };
    Prepared { passages: cut.into_iter().map(passage).collect() }
}

/// What the views see of a passage. A title or heading that the text begins with is not said twice.
pub(crate) fn seen(title: &str, heading: &str, text: &str) -> String {
    let mut out = String::with_capacity(title.len() + heading.len() + text.len() + 2);
    let begins = |part: &str| text.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(part);
    for part in [title, heading] {
        if !part.is_empty() && !begins(part) && !out.contains(part) {
            out.push_str(part);
            out.push('\n');
        }
    }
    out.push_str(text);
    out
}

/// What every view makes of the passages.
pub(crate) fn represent(engines: &[Engine], seen: &[&str], ctx: &Context) -> Result<Vec<Made>, WriteError> {
    engines.iter().map(|engine| represent_one(engine, seen, ctx)).collect()
}

/// What one view makes of them.
pub(crate) fn represent_one(engine: &Engine, seen: &[&str], ctx: &Context) -> Result<Made, WriteError> {
    match &engine.kind {
        EngineKind::Sparse { analyzer, .. } => {
            ctx.check()?;
            let terms = ctx.pool().install(|| seen.par_iter().map(|t| Terms::of(analyzer, t)).collect());
            Ok(Made::Terms(terms))
        }
        EngineKind::Weights { .. } | EngineKind::Dense { encoder: None, .. } => Ok(Made::Nothing),
        EngineKind::Dense { encoder: Some(encoder), .. } => {
            let encode = |texts: &[&str]| {
                ctx.check()?;
                let rows = encoder
                    .encode(texts, ctx)
                    .map_err(|source| WriteError::Encode { view: engine.name.clone(), source })?;
                check_rows(engine, &rows, texts.len(), encoder.dim())?;
                Ok(rows)
            };
            Ok(Made::Rows(seen.chunks(BATCH).map(encode).collect::<Result<_, WriteError>>()?))
        }
    }
}

/// An encoder from outside may be wrong: its rows are stored for long.
fn check_rows(engine: &Engine, rows: &Vectors, count: usize, dim: usize) -> Result<(), WriteError> {
    let bad = |why: String| {
        let source = vectory_core::EncodeError::Model(why);
        Err(WriteError::Encode { view: engine.name.clone(), source })
    };
    if rows.rows() != count || (rows.dim() != dim && count > 0) {
        return bad(format!("gave {} × {} values, expected {count} × {dim}", rows.rows(), rows.dim()));
    }
    match rows.view().first_non_finite() {
        Some((row, column)) => bad(format!("gave a value that is not finite: passage {row}, value {column}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_headings_are_seen_once() {
        assert_eq!(seen("Tea", "", "is hot"), "Tea\nis hot");
        assert_eq!(seen("Tea", "", "# Tea\nis hot"), "# Tea\nis hot");
        assert_eq!(seen("Tea", "Tea > Green", "is hot"), "Tea\nTea > Green\nis hot");
        assert_eq!(seen("Tea", "Tea", "is hot"), "Tea\nis hot");
        assert_eq!(seen("", "", ""), "");
    }

    #[test]
    fn terms_come_back_in_order() {
        let analyzer = Analyzer::new(vectory_text::AnalyzerParams { stem: false, ..Default::default() });
        let terms = Terms::of(&analyzer, "Green tea, green cups");
        assert_eq!(terms.iter().collect::<Vec<_>>(), ["green", "tea", "green", "cups"]);
        assert_eq!(Terms::of(&analyzer, "").iter().count(), 0);
    }
}
