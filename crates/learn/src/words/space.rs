//! Words as points: nearest words, analogies, the odd one out, and vectors of words that were never seen.

use std::sync::OnceLock;

use rayon::prelude::*;
use thiserror::Error;
use vectory_core::vectors::normalize;
use vectory_core::{Context, Hit, TopK, Vectors, simd};

use super::spelling::Spelling;
use crate::embedding::Embedding;
use crate::vocabulary::Vocabulary;

/// What makes a vector of a word's parts, for models that can.
pub type Parts<'a> = Box<dyn Fn(&str) -> Option<Vec<f32>> + Send + Sync + 'a>;

/// What to do with words that have no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// They have no vector.
    Skip,
    /// From their character n-grams, where the model has such; else none.
    #[default]
    Parts,
    /// From the words that are spelled most alike (Magnitude's way), where the model has no n-grams.
    Spelling,
}

impl std::str::FromStr for Unknown {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "skip" => Ok(Self::Skip),
            "parts" => Ok(Self::Parts),
            "spelling" => Ok(Self::Spelling),
            other => Err(format!("unknown policy `{other}`, expected skip, parts or spelling")),
        }
    }
}

/// Where a vector came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The word's own row.
    Row(u32),
    /// The row of the word in another case.
    OtherCase(u32),
    /// Its character n-grams.
    Parts,
    /// Words that are spelled alike.
    Alike(Vec<u32>),
}

/// A question with a word that has no vector.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{word}` is not among the {words} words of the model{hint}")]
pub struct UnknownWord {
    /// The word.
    pub word: String,
    /// How many there are.
    pub words: usize,
    /// What would help.
    pub hint: String,
}

/// How the three words of an analogy `a : b = c : ?` are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Analogy {
    /// Largest cos(x, b) − cos(x, a) + cos(x, c) (Mikolov et al. 2013).
    #[default]
    Add,
    /// Largest cos(x, b) cos(x, c) / cos(x, a), cosines moved to 0 to 1 (Levy and Goldberg 2014).
    Mul,
}

impl Analogy {
    /// The score of a candidate from its cosines with a, b and c.
    #[inline]
    #[must_use]
    pub fn score(self, a: f32, b: f32, c: f32) -> f32 {
        match self {
            Self::Add => b - a + c,
            Self::Mul => (1.0 + b) * (1.0 + c) / (2.0 * (1.0 + a) + 4e-3),
        }
    }
}

/// A vocabulary with a unit row a word.
pub struct WordSpace<'a> {
    vocabulary: Vocabulary,
    rows: Vectors,
    parts: Option<Parts<'a>>,
    spelling: OnceLock<Spelling>,
}

impl<'a> WordSpace<'a> {
    /// Rows are scaled to unit length; a word whose row is zero is never an answer. Panics when there is not a row a word.
    #[must_use]
    pub fn new(vocabulary: Vocabulary, mut rows: Vectors, parts: Option<Parts<'a>>) -> Self {
        assert_eq!(vocabulary.len(), rows.rows(), "a row a word");
        rows.normalize();
        Self { vocabulary, rows, parts, spelling: OnceLock::new() }
    }

    /// The words of any model; those it does not know get the vector of their parts, where it has such.
    #[must_use]
    pub fn of(model: &'a Embedding) -> Self {
        let parts = model.params().subwords.is_some();
        let of_parts = move |word: &str| model.vector(word);
        Self::new(model.vocabulary().clone(), model.word_vectors(), if parts { Some(Box::new(of_parts)) } else { None })
    }

    /// The words.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Unit rows, one a word.
    #[must_use]
    pub fn rows(&self) -> &Vectors {
        &self.rows
    }

    /// The id of a word as it is, else in lower case, else with a capital.
    #[must_use]
    pub fn id(&self, word: &str) -> Option<Origin> {
        if let Some(id) = self.vocabulary.id(word) {
            return Some(Origin::Row(id));
        }
        let lower = word.to_lowercase();
        let mut letters = lower.chars();
        let capital: String = letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default();
        [lower, capital, word.to_uppercase()].iter().find_map(|w| self.vocabulary.id(w)).map(Origin::OtherCase)
    }

    /// The unit vector of a word, and where it came from.
    ///
    /// # Errors
    /// [`UnknownWord`] where the policy gives none.
    pub fn vector(&self, word: &str, unknown: Unknown) -> Result<(Vec<f32>, Origin), UnknownWord> {
        if let Some(origin) = self.id(word) {
            let (Origin::Row(id) | Origin::OtherCase(id)) = origin else { return Err(self.none(word, "")) };
            return Ok((self.rows.row(id as usize).to_vec(), origin));
        }
        let made = match (unknown, &self.parts) {
            (Unknown::Skip, _) => None,
            (_, Some(parts)) => parts(word).map(|v| (v, Origin::Parts)),
            (Unknown::Parts, None) => None,
            (Unknown::Spelling, None) => self.by_spelling(word),
        };
        let (mut v, origin) = made.ok_or_else(|| {
            self.none(
                word,
                if self.parts.is_none() && unknown != Unknown::Spelling { " (--oov spelling guesses)" } else { "" },
            )
        })?;
        normalize(&mut v);
        Ok((v, origin))
    }

    fn by_spelling(&self, word: &str) -> Option<(Vec<f32>, Origin)> {
        let spelling = self.spelling.get_or_init(|| Spelling::new(self.vocabulary.words()));
        let (v, alike) = spelling.vector(word, &self.rows)?;
        Some((v, Origin::Alike(alike)))
    }

    fn none(&self, word: &str, hint: &str) -> UnknownWord {
        UnknownWord { word: word.to_owned(), words: self.vocabulary.len(), hint: hint.to_owned() }
    }

    /// The `k` words nearest to a vector by cosine, those in `without` left out.
    #[must_use]
    pub fn nearest(&self, vector: &[f32], k: usize, without: &[u32], ctx: &Context) -> Vec<Hit> {
        let mut unit = vector.to_vec();
        normalize(&mut unit);
        self.best(k, without, ctx, |row| simd::dot(row, &unit))
    }

    /// The `k` best answers to `a : b = c : ?`, never one of the three.
    ///
    /// # Errors
    /// [`UnknownWord`] for the first of the three that has no vector.
    pub fn analogy(
        &self,
        [a, b, c]: [&str; 3],
        (how, k): (Analogy, usize),
        unknown: Unknown,
        ctx: &Context,
    ) -> Result<Vec<Hit>, UnknownWord> {
        let (mut vectors, mut without) = (Vec::new(), Vec::new());
        for word in [a, b, c] {
            let (v, origin) = self.vector(word, unknown)?;
            if let Origin::Row(id) | Origin::OtherCase(id) = origin {
                without.push(id);
            }
            vectors.push(v);
        }
        let score = |row: &[f32]| {
            how.score(simd::dot(row, &vectors[0]), simd::dot(row, &vectors[1]), simd::dot(row, &vectors[2]))
        };
        Ok(self.best(k, &without, ctx, score))
    }

    /// The word that is farthest from the mean of all; with the cosine of each.
    ///
    /// # Errors
    /// [`UnknownWord`] for the first that has no vector.
    pub fn odd_one_out(&self, words: &[&str], unknown: Unknown) -> Result<(usize, Vec<f32>), UnknownWord> {
        let vectors = words.iter().map(|w| self.vector(w, unknown).map(|v| v.0)).collect::<Result<Vec<_>, _>>()?;
        let mut mean = vec![0.0; self.rows.dim()];
        vectors.iter().for_each(|v| simd::axpy(1.0, v, &mut mean));
        let cosines: Vec<f32> = vectors.iter().map(|v| simd::cosine(v, &mean)).collect();
        let odd = (0..cosines.len()).min_by(|i, j| cosines[*i].total_cmp(&cosines[*j])).unwrap_or(0);
        Ok((odd, cosines))
    }

    fn best(&self, k: usize, without: &[u32], ctx: &Context, score: impl Fn(&[f32]) -> f32 + Sync) -> Vec<Hit> {
        const ROWS: usize = 4096;
        let (n, k) = (self.rows.rows(), k.min(self.rows.rows()));
        let part = |start: usize| {
            let mut top = TopK::new(k);
            for i in start..n.min(start + ROWS) {
                let row = self.rows.row(i);
                if !without.contains(&(i as u32)) && row.iter().any(|v| *v != 0.0) {
                    top.push(i as u32, score(row));
                }
            }
            top.into_sorted()
        };
        let starts: Vec<usize> = (0..n).step_by(ROWS).collect();
        let mut all: Vec<Hit> = ctx.pool().install(|| starts.into_par_iter().flat_map_iter(part).collect());
        all.sort_by(Hit::best_first);
        all.truncate(k);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> WordSpace<'static> {
        // Two directions: royal and female.
        let words = [
            ("man", [1.0, 0.0, 0.0]),
            ("woman", [1.0, 1.0, 0.0]),
            ("king", [1.0, 0.0, 1.0]),
            ("queen", [1.0, 1.0, 1.0]),
            ("sand", [-1.0, 0.1, -0.3]),
        ];
        let rows = Vectors::from_rows(words.iter().map(|(_, v)| &v[..])).unwrap();
        WordSpace::new(Vocabulary::new(words.iter().map(|(w, _)| (*w, 1))), rows, None)
    }

    #[test]
    fn questions_are_answered() {
        let (s, ctx) = (space(), Context::new(1, 2).unwrap());
        for how in [Analogy::Add, Analogy::Mul] {
            let hits = s.analogy(["man", "woman", "king"], (how, 2), Unknown::Skip, &ctx).unwrap();
            assert_eq!(s.vocabulary().word(hits[0].id), "queen");
        }
        assert_eq!(s.odd_one_out(&["king", "queen", "sand", "woman"], Unknown::Skip).unwrap().0, 2);
        let near = s.nearest(s.rows().row(2), 10, &[2], &ctx);
        assert_eq!((near.len(), s.vocabulary().word(near[0].id)), (4, "queen"));
    }

    #[test]
    fn unknown_words_are_errors_or_guesses_but_never_zero() {
        let s = space();
        let e = s.vector("quen", Unknown::Parts).unwrap_err();
        assert!(e.to_string().contains("`quen`") && e.to_string().contains("spelling"), "{e}");
        let (v, origin) = s.vector("quen", Unknown::Spelling).unwrap();
        assert_eq!(origin, Origin::Alike(vec![3]));
        assert!(simd::cosine(&v, s.rows().row(3)) > 0.7);
        assert_eq!(s.vector("King", Unknown::Skip).unwrap().1, Origin::OtherCase(2));
        assert!(s.vector("zzzzzz", Unknown::Spelling).is_err());
    }
}
