//! Languages that we can stem, and finding out which one a text is in.

use std::fmt;
use std::str::FromStr;

use rust_stemmers::Algorithm;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use whatlang::Lang;

/// A language with a Snowball stemmer (Porter, 2001). Written as its ISO 639-1 code; names are read too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names of languages need no description")]
pub enum Language {
    /// To be found out from a sample: see [`AnalyzerParams::resolve`](crate::AnalyzerParams::resolve).
    #[default]
    Auto,
    Arabic,
    Danish,
    Dutch,
    English,
    Finnish,
    French,
    German,
    Greek,
    Hungarian,
    Italian,
    Norwegian,
    Portuguese,
    Romanian,
    Russian,
    Spanish,
    Swedish,
    Tamil,
    Turkish,
}

struct Row {
    language: Language,
    code: &'static str,
    name: &'static str,
    stemmer: Algorithm,
    detected: Lang,
}

macro_rules! rows {
    ($($name:ident $code:literal $text:literal $detected:ident;)*) => {
        &[$(Row { language: Language::$name, code: $code, name: $text, stemmer: Algorithm::$name, detected: Lang::$detected }),*]
    };
}

const ROWS: &[Row] = rows! {
    Arabic "ar" "arabic" Ara;
    Danish "da" "danish" Dan;
    Dutch "nl" "dutch" Nld;
    English "en" "english" Eng;
    Finnish "fi" "finnish" Fin;
    French "fr" "french" Fra;
    German "de" "german" Deu;
    Greek "el" "greek" Ell;
    Hungarian "hu" "hungarian" Hun;
    Italian "it" "italian" Ita;
    Norwegian "no" "norwegian" Nob;
    Portuguese "pt" "portuguese" Por;
    Romanian "ro" "romanian" Ron;
    Russian "ru" "russian" Rus;
    Spanish "es" "spanish" Spa;
    Swedish "sv" "swedish" Swe;
    Tamil "ta" "tamil" Tam;
    Turkish "tr" "turkish" Tur;
};

impl Language {
    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|r| r.language == self)
    }

    /// Every language, without `Auto`.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|r| r.language)
    }

    /// Its ISO 639-1 code; `auto` for [`Language::Auto`].
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().map_or("auto", |r| r.code)
    }

    pub(crate) fn stemmer(self) -> Option<Algorithm> {
        self.row().map(|r| r.stemmer)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A name that is no language of ours.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("language `{0}` is unknown; use `auto` or one of: ar da nl en fi fr de el hu it no pt ro ru es sv ta tr")]
pub struct ParseLanguageError(String);

impl FromStr for Language {
    type Err = ParseLanguageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.to_ascii_lowercase();
        if lower == "auto" {
            return Ok(Self::Auto);
        }
        let found = ROWS.iter().find(|r| r.code == lower || r.name == lower).map(|r| r.language);
        found.ok_or_else(|| ParseLanguageError(text.to_owned()))
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How much of a text is looked at: more changes the answer rarely.
const SAMPLE_BYTES: usize = 8192;

/// Less says nothing; what is at stake is a stemmer, not a translation.
const MIN_CONFIDENCE: f64 = 0.4;

/// The language of a text, judged by its script and letter triples on at most 8 KiB; `None` where the text is too short
/// or too mixed to tell, or in a language without a stemmer here.
#[must_use]
pub fn detect_language(text: &str) -> Option<Language> {
    let info = whatlang::detect(&text[..text.floor_char_boundary(SAMPLE_BYTES)])?;
    let found = ROWS.iter().find(|r| r.detected == info.lang())?.language;
    (info.confidence() >= MIN_CONFIDENCE).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_read_back() {
        for language in Language::all().chain([Language::Auto]) {
            assert_eq!(language.code().parse(), Ok(language));
            let json = serde_json::to_string(&language).unwrap();
            assert_eq!(serde_json::from_str::<Language>(&json).unwrap(), language);
        }
        assert_eq!("English".parse(), Ok(Language::English));
        assert!("klingon".parse::<Language>().unwrap_err().to_string().contains("klingon"));
    }

    #[test]
    fn languages_are_told_apart() {
        let of = detect_language;
        assert_eq!(
            of("The quick brown fox jumps over the lazy dog, and then it runs away from the house that stands there."),
            Some(Language::English)
        );
        assert_eq!(of("Der schnelle braune Fuchs springt über den faulen Hund und läuft weg."), Some(Language::German));
        assert_eq!(of("Съешь же ещё этих мягких французских булок, да выпей чаю."), Some(Language::Russian));
        assert_eq!(of(""), None);
    }
}
