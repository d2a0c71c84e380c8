//! Recipes: a pipeline written down in TOML. What is cut into passages, which views see them, how the views are fused.
//!
//! A recipe is resolved (every default filled in) and kept in `space.toml`, so that a space says how it was made. An
//! unknown key is an error that names the key, its line and the known keys: a typing slip must not become a default.

mod given;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vectory_text::AnalyzerParams;

pub use given::{GivenRecipe, MAX_SIZE};

use crate::fusion::FusionParams;

/// Why a recipe could not be used.
#[derive(Debug, Error)]
pub enum RecipeError {
    /// The file could not be read; the text names it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Not TOML, an unknown key, or a value of the wrong type: the text shows the line and the known keys.
    #[error("{place}: {why}")]
    Parse {
        /// The file, or `recipe` for a text.
        place: String,
        /// What the reader said, with line and column.
        why: String,
    },
    /// A value that cannot work.
    #[error("{place}: `{field}` is {got}; it must be {expected}")]
    Value {
        /// The file, or `recipe` for a text.
        place: String,
        /// Which field, as a path: `view.words.bm25.b`.
        field: String,
        /// What it is.
        got: String,
        /// What would be right.
        expected: String,
    },
}

/// A pipeline: source → passages → views → fusion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// How documents are read and cut.
    pub source: SourceRecipe,
    /// How passages are represented and searched; at least one.
    #[serde(rename = "view")]
    pub views: Vec<View>,
    /// How the views' answers become one list.
    pub fusion: FusionParams,
}

/// How documents are read and cut into passages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceRecipe {
    /// Most words of a passage; 0 keeps each document whole.
    pub max_words: usize,
    /// Words that a passage repeats from the end of the one before.
    pub overlap_words: usize,
    /// Column or key of the external id, for tables and JSON lines; empty: the usual names are tried.
    pub id: String,
    /// Columns or keys whose texts are joined; empty: the usual names are tried.
    pub text: Vec<String>,
    /// Column or key of the title; empty: the usual names are tried.
    pub title: String,
}

impl Default for SourceRecipe {
    fn default() -> Self {
        Self { max_words: 200, overlap_words: 30, id: String::new(), text: Vec::new(), title: String::new() }
    }
}

/// The two kinds of views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ViewKind {
    /// Weighted terms in an inverted index: BM25.
    Sparse,
    /// Dense rows of an encoder, in a flat or graph index.
    Dense,
}

/// One way of seeing the passages. Which of the four tables apply depends on `kind`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Its name: letters, digits, `-` and `_`; a view of given vectors may have any name. Names its files, and `--view`.
    pub name: String,
    /// `sparse` or `dense`.
    pub kind: ViewKind,
    /// Sparse: how text becomes terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyzer: Option<AnalyzerParams>,
    /// Sparse: the weights of BM25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bm25: Option<Bm25Recipe>,
    /// Dense: the encoder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encode: Option<EncodeRecipe>,
    /// Dense: the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexRecipe>,
    /// The client gives the vectors; with `encode`, texts can be given as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<GivenRecipe>,
}

/// The weights of BM25 (Robertson and Zaragoza 2009); the defaults are the index's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bm25Recipe {
    /// How soon repeated terms stop counting, ≥ 0.
    pub k1: f32,
    /// How much long passages are discounted, 0 to 1.
    pub b: f32,
}

impl Default for Bm25Recipe {
    fn default() -> Self {
        let p = vectory_index::inverted::Bm25Params::default();
        Self { k1: p.k1, b: p.b }
    }
}

/// Which encoder makes the rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncodeRecipe {
    /// `default` (the encoder shipped inside), or a path to a model, relative to the recipe's file. Where the encoder is learned: the
    /// name of its file in the space.
    pub model: String,
    /// The learner that makes the encoder of the passages themselves, when the space is built: `sent2vec`, `sgns`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learn: Option<String>,
    /// The learner's parameters by name.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub params: serde_json::Map<String, serde_json::Value>,
    /// A fitted chain (`vectory transform … --save`) that rows and questions pass through, relative to the recipe's file. The
    /// space keeps a copy of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transform: Option<String>,
}

impl Default for EncodeRecipe {
    fn default() -> Self {
        Self { model: "default".into(), learn: None, params: serde_json::Map::new(), transform: None }
    }
}

/// What the model of a view that learns its encoder is called, in the folder of the space.
pub(crate) fn learned_name(view: &str) -> String {
    format!("{view}{LEARNED}")
}

/// What such names end with.
pub(crate) const LEARNED: &str = ".learned.safetensors";

/// Which index finds the nearest rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IndexRecipe {
    /// A factory string: `Flat`, `GraphM`, `HNSWM` (M links a row in each direction, as in Graph16).
    pub factory: String,
    /// Candidates kept while a graph is built.
    pub ef_construct: usize,
    /// Candidates kept while a graph is searched; never below the number of hits asked for.
    pub ef: usize,
    /// Segments with fewer rows are searched exactly, without a graph.
    pub graph_from: usize,
}

impl Default for IndexRecipe {
    fn default() -> Self {
        Self { factory: "Graph16".into(), ef_construct: 100, ef: 200, graph_from: 8192 }
    }
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            source: SourceRecipe::default(),
            views: vec![View::words(), View::meaning()],
            fusion: FusionParams::default(),
        }
    }
}

impl View {
    /// The default sparse view, `words`.
    #[must_use]
    pub fn words() -> Self {
        Self {
            name: "words".into(),
            kind: ViewKind::Sparse,
            analyzer: Some(AnalyzerParams::default()),
            bm25: Some(Bm25Recipe::default()),
            encode: None,
            index: None,
            given: None,
        }
    }

    /// The default dense view, `meaning`.
    #[must_use]
    pub fn meaning() -> Self {
        Self {
            name: "meaning".into(),
            kind: ViewKind::Dense,
            analyzer: None,
            bm25: None,
            encode: Some(EncodeRecipe::default()),
            index: Some(IndexRecipe::default()),
            given: None,
        }
    }

    /// A view of dense vectors that the client gives.
    #[must_use]
    pub fn given(name: &str, given: GivenRecipe, index: IndexRecipe) -> Self {
        let meaning = Self { encode: None, index: Some(index), given: Some(given), ..Self::meaning() };
        Self { name: name.to_owned(), ..meaning }
    }

    /// A view of sparse vectors that the client gives.
    #[must_use]
    pub fn given_sparse(name: &str, idf: bool) -> Self {
        let given = Some(GivenRecipe { idf, ..GivenRecipe::default() });
        Self { name: name.to_owned(), analyzer: None, bm25: None, given, ..Self::words() }
    }

    fn resolve(&mut self) {
        if let Some(encode) = self.encode.as_mut().filter(|e| e.learn.is_some() && e.model == "default") {
            encode.model = learned_name(&self.name);
        }
        match self.kind {
            ViewKind::Sparse if self.given.is_some() => {}
            ViewKind::Dense if self.given.is_some() => {
                self.index.get_or_insert_default();
            }
            ViewKind::Sparse => {
                self.analyzer.get_or_insert_default();
                self.bm25.get_or_insert_default();
            }
            ViewKind::Dense => {
                self.encode.get_or_insert_default();
                self.index.get_or_insert_default();
            }
        }
    }
}

impl Recipe {
    /// Reads a recipe file and fills in every default. Model paths become relative to the file's folder.
    ///
    /// # Errors
    /// [`RecipeError`] naming the file and the place in it.
    pub fn read(path: &Path) -> Result<Self, RecipeError> {
        let text = fs_err::read_to_string(path)?;
        let mut recipe = Self::parse_at(&text, &path.display().to_string())?;
        recipe.anchor(path.parent().unwrap_or(Path::new("")));
        Ok(recipe)
    }

    /// Reads a recipe and fills in every default.
    ///
    /// # Errors
    /// [`RecipeError`] naming the line, the key and the known keys.
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        Self::parse_at(text, "recipe")
    }

    fn parse_at(text: &str, place: &str) -> Result<Self, RecipeError> {
        let mut recipe: Self = toml::from_str(text)
            .map_err(|e| RecipeError::Parse { place: place.to_owned(), why: e.to_string().trim_end().to_owned() })?;
        recipe.views.iter_mut().for_each(View::resolve);
        recipe.check(place)?;
        Ok(recipe)
    }

    /// The recipe with every default written out, as TOML that parses to the same recipe.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The view of that name.
    #[must_use]
    pub fn view(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|v| v.name == name)
    }

    fn anchor(&mut self, folder: &Path) {
        for encode in self.views.iter_mut().filter_map(|v| v.encode.as_mut()) {
            if let Some(chain) = &mut encode.transform
                && Path::new(chain).is_relative()
                && folder.join(&*chain).exists()
            {
                *chain = folder.join(&*chain).display().to_string();
            }
            let path = folder.join(&encode.model);
            if encode.model != "default"
                && encode.learn.is_none()
                && Path::new(&encode.model).is_relative()
                && path.exists()
            {
                // The space must find it from any working folder.
                encode.model = std::path::absolute(&path).unwrap_or(path).display().to_string();
            }
        }
    }

    /// Checks every value; `place` names the recipe in errors.
    ///
    /// # Errors
    /// [`RecipeError::Value`] with the field and what would be right.
    pub fn check(&self, place: &str) -> Result<(), RecipeError> {
        let bad = |field: &str, got: String, expected: &str| {
            Err(RecipeError::Value {
                place: place.to_owned(),
                field: field.to_owned(),
                got,
                expected: expected.to_owned(),
            })
        };
        let s = &self.source;
        if s.max_words > 0 && s.overlap_words * 2 > s.max_words {
            return bad("source.overlap_words", s.overlap_words.to_string(), "at most half of source.max_words");
        }
        if self.views.is_empty() {
            return bad("view", "an empty list".into(), "at least one [[view]]");
        }
        let mut names = BTreeMap::new();
        for (i, view) in self.views.iter().enumerate() {
            if names.insert(view.name.as_str(), i).is_some() {
                return bad("view.name", format!("`{}` twice", view.name), "different for each view");
            }
            view.check(&bad)?;
        }
        if let Some(name) = self.fusion.weights.keys().find(|n| !names.contains_key(n.as_str())) {
            let known: Vec<_> = names.keys().copied().collect();
            return bad("fusion.weights", format!("for `{name}`"), &format!("for a view: {}", known.join(", ")));
        }
        self.fusion.check().or_else(|(field, got, expected)| bad(&format!("fusion.{field}"), got, expected))
    }
}

impl View {
    fn check<E>(&self, bad: &impl Fn(&str, String, &str) -> Result<(), E>) -> Result<(), E> {
        let field = |f: &str| format!("view.{}.{f}", self.name);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.given.is_none() && (self.name.is_empty() || !self.name.chars().all(plain)) {
            return bad("view.name", format!("`{}`", self.name), "made of letters, digits, `-` and `_`");
        }
        if self.name.len() > 80 {
            return bad("view.name", format!("{} bytes long", self.name.len()), "at most 80 bytes long");
        }
        if let Some((name, got, right)) =
            self.given.filter(|_| self.kind == ViewKind::Dense).and_then(|g| g.check_dense())
        {
            return bad(&field(&format!("given.{name}")), got, right);
        }
        let foreign = match self.kind {
            ViewKind::Sparse => [("encode", self.encode.is_some()), ("index", self.index.is_some())],
            ViewKind::Dense => [("analyzer", self.analyzer.is_some()), ("bm25", self.bm25.is_some())],
        };
        if let Some((name, _)) = foreign.iter().find(|f| f.1) {
            let right = match self.kind {
                ViewKind::Sparse => "absent: a sparse view takes analyzer and bm25",
                ViewKind::Dense => "absent: a dense view takes encode and index",
            };
            return bad(&field(name), "given".into(), right);
        }
        self.check_learned(bad)?;
        if let Some(p) = &self.bm25 {
            if !(p.k1 >= 0.0 && p.k1.is_finite()) {
                return bad(&field("bm25.k1"), p.k1.to_string(), "a number from 0");
            }
            if !(0.0..=1.0).contains(&p.b) {
                return bad(&field("bm25.b"), p.b.to_string(), "from 0 to 1");
            }
        }
        if let Some(p) = &self.index {
            if p.ef == 0 {
                return bad(&field("index.ef"), "0".into(), "at least 1");
            }
            if p.ef_construct == 0 {
                return bad(&field("index.ef_construct"), "0".into(), "at least 1");
            }
        }
        Ok(())
    }

    fn check_learned<E>(&self, bad: &impl Fn(&str, String, &str) -> Result<(), E>) -> Result<(), E> {
        let Some(encode) = &self.encode else { return Ok(()) };
        let field = |f: &str| format!("view.{}.encode.{f}", self.name);
        if encode.learn.is_none() {
            let wrong = !encode.params.is_empty();
            return if wrong {
                bad(&field("params"), "given".into(), "absent, but beside encode.learn")
            } else {
                Ok(())
            };
        }
        if let Some((name, _)) = encode.params.iter().find(|(_, v)| depth(v) > DEEPEST) {
            return bad(&field(&format!("params.{name}")), "nested".into(), "at most 8 tables or lists deep");
        }
        if let Some((name, _)) = encode.params.iter().find(|(_, v)| !written(v)) {
            return bad(&field(&format!("params.{name}")), "not finite".into(), "a finite number");
        }
        if encode.model != learned_name(&self.name) {
            return bad(&field("model"), format!("`{}`", encode.model), "absent, where encode.learn is given");
        }
        if self.given.is_some() {
            return bad(&field("learn"), "given".into(), "absent in a view of given vectors");
        }
        if encode.transform.is_some() {
            return bad(
                &field("transform"),
                "given".into(),
                "absent, where encode.learn is given: it was fitted on another encoder's rows",
            );
        }
        Ok(())
    }
}

/// Most tables and lists within each other in a learner's parameter. TOML's reader has a limit of its own, and what was just within it may
/// not be once it is written again.
const DEEPEST: usize = 8;

/// Whether a parameter can be written as it was read: NaN and infinities are read as nothing.
fn written(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => false,
        serde_json::Value::Array(a) => a.iter().all(written),
        serde_json::Value::Object(o) => o.values().all(written),
        _ => true,
    }
}

fn depth(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(a) => 1 + a.iter().map(depth).max().unwrap_or(0),
        serde_json::Value::Object(o) => 1 + o.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
