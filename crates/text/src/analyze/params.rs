//! What an analyzer is told.

use serde::{Deserialize, Serialize};

use crate::{Language, detect_language};

/// Switches of an [`Analyzer`](crate::Analyzer). Part of what an index was built with: queries need the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnalyzerParams {
    /// Whose stemmer and stop words.
    pub language: Language,
    /// Reduce words to stems.
    pub stem: bool,
    /// Drop function words (lists for da de en es fi fr it nl no pt ru sv).
    pub stop_words: bool,
    /// Drop accents: `café` is found by `cafe`.
    pub fold_diacritics: bool,
    /// Give `snake_case`, `CamelCase` and `paths::like::this` as a whole and in parts.
    pub split_identifiers: bool,
}

impl Default for AnalyzerParams {
    fn default() -> Self {
        Self {
            language: Language::Auto,
            stem: true,
            stop_words: true,
            fold_diacritics: false,
            split_identifiers: false,
        }
    }
}

impl AnalyzerParams {
    /// Puts a definite language in the place of [`Language::Auto`]: the one that most of the sample's texts are in,
    /// weighed by length, English where none can be told. Store the result: an index and its queries must agree.
    #[must_use]
    pub fn resolve<'a>(mut self, sample: impl IntoIterator<Item = &'a str>) -> Self {
        if self.language != Language::Auto {
            return self;
        }
        let mut votes = [(Language::English, 0usize); 1].to_vec();
        for text in sample {
            let Some(language) = detect_language(text) else { continue };
            match votes.iter_mut().find(|(l, _)| *l == language) {
                Some((_, bytes)) => *bytes += text.len(),
                None => votes.push((language, text.len())),
            }
        }
        // Ties go to the first seen, English before all.
        let best = votes.iter().rev().max_by_key(|(_, bytes)| *bytes);
        self.language = best.map_or(Language::English, |(l, _)| *l);
        self
    }
}
