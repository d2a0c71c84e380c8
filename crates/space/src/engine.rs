//! What makes a view: the analyzer of a sparse one, the encoder and the index of a dense one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use vectory_core::{Context, Encode, Metric};
use vectory_index::factory::{self, Factory};
use vectory_index::graph::GraphParams;
use vectory_index::inverted::Bm25Params;
use vectory_text::Analyzer;
use vectory_transform::{Chain, Transformed};

use crate::recipe::{EncodeRecipe, IndexRecipe, Recipe, View, ViewKind};
use crate::store::{CHAIN, EncoderEntry, Form, Manifest, SegmentView};

/// Gives the encoders that recipes name. The binary's knows the encoder shipped inside and the neural ones.
pub trait EncoderProvider: Send + Sync {
    /// Opens the encoder of a recipe: `default`, or a path; a relative path is taken from `base` if it is there, else
    /// from the working folder.
    ///
    /// # Errors
    /// What is wrong with the model, in one sentence that names it.
    fn open(&self, spec: &str, base: &Path) -> Result<Arc<dyn Encode>, String>;

    /// The learner of a recipe (`encode.learn`), its parameters checked.
    ///
    /// # Errors
    /// What is wrong, in one sentence.
    fn learner(
        &self,
        kind: &str,
        params: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Box<dyn EncoderLearner>, String> {
        let _ = params;
        Err(format!("there is no learner `{kind}` here"))
    }
}

/// Makes an encoder out of texts.
pub trait EncoderLearner {
    /// Learns from the file `text`, a passage a line, and writes a model to `to` that [`EncoderProvider::open`] opens. The same text
    /// and seed give the same model.
    ///
    /// # Errors
    /// What is wrong, in one sentence; also when interrupted.
    fn learn(&self, text: &Path, to: &Path, ctx: &Context) -> Result<(), String>;
}

/// Why the parts of a view could not be made.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The encoder cannot be opened.
    #[error("view `{view}`: encoder `{model}`: {why}")]
    Encoder {
        /// Which view.
        view: String,
        /// What the recipe names.
        model: String,
        /// What is wrong.
        why: String,
    },
    /// The encoder cannot be learned.
    #[error("view `{view}`: encode.learn `{kind}`: {why}")]
    Learn {
        /// Which view.
        view: String,
        /// What the recipe names.
        kind: String,
        /// What is wrong.
        why: String,
    },
    /// The chain cannot be opened, or is of another dimension than the encoder.
    #[error("view `{view}`: encode.transform `{chain}`: {why}")]
    Transform {
        /// Which view.
        view: String,
        /// What the recipe names.
        chain: String,
        /// What is wrong.
        why: String,
    },
    /// The index string is not known.
    #[error("view `{view}`: index.factory `{factory}`: {why}")]
    Factory {
        /// Which view.
        view: String,
        /// What the recipe names.
        factory: String,
        /// What is wrong.
        why: String,
    },
    /// Another encoder than the one that made the rows.
    #[error(transparent)]
    Changed(Box<ChangedEncoder>),
}

/// Another encoder was given than the one that made the rows of a view.
#[derive(Debug, Error)]
#[error(
    "view `{view}` was made by encoder `{made_by}` ({made}), but `{model}` is now `{now_by}` ({now}): \
     their vectors do not compare; give the encoder it was made with, or build a new space"
)]
pub struct ChangedEncoder {
    /// Which view.
    pub view: String,
    /// What the recipe names.
    pub model: String,
    /// Name of the encoder that made the rows.
    pub made_by: String,
    /// Its fingerprint.
    pub made: String,
    /// Name of the encoder that was given.
    pub now_by: String,
    /// Its fingerprint.
    pub now: String,
}

/// One view, ready to work.
pub(crate) struct Engine {
    pub name: String,
    pub kind: EngineKind,
}

/// What makes it.
pub(crate) enum EngineKind {
    Sparse {
        analyzer: Analyzer,
        bm25: Bm25Params,
    },
    /// Sparse vectors that the client gives.
    Weights {
        idf: bool,
    },
    /// Rows of an encoder, or vectors that the client gives; with both, either.
    Dense {
        encoder: Option<Arc<dyn Encode>>,
        shape: Shape,
        index: DenseIndex,
    },
}

/// What the vectors of a dense view look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub dim: usize,
    pub metric: Metric,
    /// Several vectors an item.
    pub multi: bool,
    /// Whether the client may give them.
    pub given: bool,
}

/// How dense rows are indexed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DenseIndex {
    /// `None`: always searched exactly.
    pub graph: Option<GraphParams>,
    pub graph_from: usize,
    pub ef: usize,
}

impl Engine {
    /// The engines of all views, in the recipe's order.
    pub fn all(recipe: &Recipe, base: &Path, encoders: &dyn EncoderProvider) -> Result<Vec<Self>, EngineError> {
        recipe.views.iter().map(|view| Self::of(view, base, encoders)).collect()
    }

    /// The engine of one view.
    pub fn of(view: &View, base: &Path, encoders: &dyn EncoderProvider) -> Result<Self, EngineError> {
        let kind = match view.kind {
            ViewKind::Sparse if view.given.is_some() => EngineKind::Weights { idf: view.given.is_some_and(|g| g.idf) },
            ViewKind::Sparse => {
                let analyzer = Analyzer::new(view.analyzer.clone().unwrap_or_default());
                let bm25 = view.bm25.unwrap_or_default();
                EngineKind::Sparse { analyzer, bm25: Bm25Params { k1: bm25.k1, b: bm25.b, ..Bm25Params::default() } }
            }
            ViewKind::Dense => {
                let encoder = match (&view.encode, view.given) {
                    (None, Some(_)) => None,
                    (encode, _) => {
                        let EncodeRecipe { model, learn, .. } = encode.clone().unwrap_or_default();
                        let fail = |why| EngineError::Encoder { view: view.name.clone(), model: model.clone(), why };
                        if let Some(learn) = learn.filter(|_| !base.join(&model).exists()) {
                            let why = format!(
                                "is not there: `vectory build` learns it ({learn}) when it makes a space out of files"
                            );
                            return Err(fail(why));
                        }
                        Some(transformed(view, base, encoders.open(&model, base).map_err(fail)?)?)
                    }
                };
                let shape = shape_of(view, encoder.as_deref())?;
                let index = view.index.clone().unwrap_or_default();
                let dense = dense_index(&index).map_err(|why| EngineError::Factory {
                    view: view.name.clone(),
                    factory: index.factory,
                    why,
                })?;
                let graph = dense.graph.filter(|_| !shape.multi && shape.metric != Metric::L1);
                EngineKind::Dense { encoder, shape, index: DenseIndex { graph, ..dense } }
            }
        };
        Ok(Self { name: view.name.clone(), kind })
    }

    /// Whether a segment of so many rows is to have a graph.
    pub fn wants_graph(&self, rows: usize) -> bool {
        matches!(&self.kind, EngineKind::Dense { index, .. } if index.graph.is_some() && rows >= index.graph_from)
    }

    /// What the manifest keeps of the encoder.
    pub fn entry(&self) -> Option<EncoderEntry> {
        match &self.kind {
            EngineKind::Sparse { .. } | EngineKind::Weights { .. } => None,
            EngineKind::Dense { encoder, .. } => encoder.as_ref().map(|encoder| EncoderEntry {
                name: encoder.name().to_owned(),
                fingerprint: encoder.fingerprint(),
                dim: encoder.dim(),
                metric: encoder.metric(),
            }),
        }
    }

    /// The encoder, where there is one.
    pub fn encoder(&self) -> Option<Arc<dyn Encode>> {
        match &self.kind {
            EngineKind::Dense { encoder, .. } => encoder.clone(),
            EngineKind::Sparse { .. } | EngineKind::Weights { .. } => None,
        }
    }

    /// What its vectors look like, for a dense view.
    pub fn shape(&self) -> Option<Shape> {
        match &self.kind {
            EngineKind::Dense { shape, .. } => Some(*shape),
            EngineKind::Sparse { .. } | EngineKind::Weights { .. } => None,
        }
    }

    /// Whether its vectors come from texts alone and can be made again from them.
    pub fn is_derived(&self) -> bool {
        match &self.kind {
            EngineKind::Sparse { .. } => true,
            EngineKind::Weights { .. } => false,
            EngineKind::Dense { shape, .. } => !shape.given,
        }
    }

    /// In what form a segment keeps it.
    pub fn form(&self) -> Form {
        match &self.kind {
            EngineKind::Sparse { .. } => Form::Postings,
            EngineKind::Weights { .. } => Form::Weights,
            EngineKind::Dense { .. } => Form::Rows,
        }
    }
}

/// The learner of a view's encoder, if the recipe has one, its parameters checked.
pub(crate) fn learner(
    view: &View,
    encoders: &dyn EncoderProvider,
) -> Result<Option<Box<dyn EncoderLearner>>, EngineError> {
    let Some((encode, kind)) = view.encode.as_ref().and_then(|e| Some((e, e.learn.as_ref()?))) else { return Ok(None) };
    encoders.learner(kind, &encode.params).map(Some).map_err(|why| learning(view, kind, why))
}

/// A learner that failed.
pub(crate) fn learning(view: &View, kind: &str, why: String) -> EngineError {
    EngineError::Learn { view: view.name.clone(), kind: kind.to_owned(), why }
}

/// Where a space keeps the fitted chain of a view.
pub(crate) fn kept_chain(base: &Path, view: &str) -> PathBuf {
    base.join(format!("{view}{CHAIN}"))
}

/// The encoder with the view's chain behind it, if there is one: the space's own copy, else the file that the recipe names.
fn transformed(view: &View, base: &Path, encoder: Arc<dyn Encode>) -> Result<Arc<dyn Encode>, EngineError> {
    let Some(chain) = view.encode.as_ref().and_then(|e| e.transform.clone()) else { return Ok(encoder) };
    let kept = kept_chain(base, &view.name);
    let path = if kept.exists() { kept } else { PathBuf::from(&chain) };
    let joined = Chain::open(&path).and_then(|c| Transformed::new(encoder, c));
    match joined {
        Ok(t) => Ok(Arc::new(t)),
        Err(e) => Err(EngineError::Transform { view: view.name.clone(), chain, why: e.to_string() }),
    }
}

/// Views by their names, for those who asked for another.
pub(crate) fn names<'e>(engines: impl IntoIterator<Item = &'e Engine>) -> String {
    // Given vectors may have none.
    let of = |e: &Engine| if e.name.is_empty() { "one without a name".to_owned() } else { format!("`{}`", e.name) };
    engines.into_iter().map(of).collect::<Vec<_>>().join(", ")
}

/// What opening a segment needs to know of each view.
pub(crate) fn segment_views(engines: &[Engine]) -> Vec<SegmentView<'_>> {
    let dim = |e: &Engine| match &e.kind {
        EngineKind::Dense { shape, .. } => Some(shape.dim),
        EngineKind::Sparse { .. } | EngineKind::Weights { .. } => None,
    };
    engines.iter().map(|e| SegmentView { name: &e.name, form: e.form(), dim: dim(e) }).collect()
}

/// The same without any engine.
pub(crate) fn recipe_views(recipe: &Recipe) -> Vec<SegmentView<'_>> {
    let form = |view: &View| match (view.kind, view.given) {
        (ViewKind::Dense, _) => Form::Rows,
        (ViewKind::Sparse, Some(_)) => Form::Weights,
        (ViewKind::Sparse, None) => Form::Postings,
    };
    let dim = |view: &View| view.given.map(|g| g.size).filter(|_| view.kind == ViewKind::Dense);
    recipe.views.iter().map(|v| SegmentView { name: &v.name, form: form(v), dim: dim(v) }).collect()
}

/// Checks that the encoders are those that made the rows.
pub(crate) fn check_encoders<'e>(
    engines: impl IntoIterator<Item = &'e Engine>,
    recipe: &Recipe,
    manifest: &Manifest,
) -> Result<(), EngineError> {
    for engine in engines {
        let (Some(now), Some(made)) = (engine.entry(), manifest.encoders.get(&engine.name)) else { continue };
        if now.fingerprint != made.fingerprint || now.dim != made.dim {
            let model = recipe.view(&engine.name).and_then(|v| v.encode.clone()).unwrap_or_default().model;
            return Err(EngineError::Changed(Box::new(ChangedEncoder {
                view: engine.name.clone(),
                model,
                made_by: made.name.clone(),
                made: made.fingerprint.clone(),
                now_by: now.name,
                now: now.fingerprint,
            })));
        }
    }
    Ok(())
}

/// The shape of a dense view: the recipe's for given vectors, else the encoder's.
fn shape_of(view: &View, encoder: Option<&dyn Encode>) -> Result<Shape, EngineError> {
    let made = encoder.map(|e| Shape { dim: e.dim(), metric: e.metric(), multi: false, given: false });
    let Some(given) = view.given else {
        return Ok(made.unwrap_or(Shape { dim: 0, metric: Metric::Cosine, multi: false, given: false }));
    };
    let shape = Shape { dim: given.size, metric: given.distance, multi: given.multi, given: true };
    match made.filter(|m| m.dim != shape.dim) {
        None => Ok(shape),
        Some(m) => Err(EngineError::Encoder {
            view: view.name.clone(),
            model: view.encode.clone().unwrap_or_default().model,
            why: format!("makes vectors of {} values, given.size is {}", m.dim, shape.dim),
        }),
    }
}

fn dense_index(recipe: &IndexRecipe) -> Result<DenseIndex, String> {
    let graph = match factory::parse(&recipe.factory).map_err(|e| e.why)? {
        Factory::Flat => None,
        Factory::Graph(params) => {
            let params = GraphParams { ef_construct: recipe.ef_construct, ..params };
            params.check().map_err(|e| e.to_string())?;
            Some(params)
        }
        _ => return Err("a space takes Flat, GraphM or HNSWM (M links, as in Graph32)".into()),
    };
    Ok(DenseIndex { graph, graph_from: recipe.graph_from, ef: recipe.ef })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factory_strings() {
        let graph = |factory: &str| {
            let index = dense_index(&IndexRecipe { factory: factory.into(), ..IndexRecipe::default() });
            index.map(|i| i.graph.map(|g| g.m))
        };
        assert_eq!(graph("Flat"), Ok(None));
        assert_eq!(graph("Graph32"), Ok(Some(32)));
        assert_eq!(graph("HNSW16,Flat"), Ok(Some(16)));
        assert_eq!(graph("Graph"), Ok(Some(16)));
        assert!(graph("IVF16,PQ8").unwrap_err().contains("GraphM"));
        assert!(graph("Graphx").unwrap_err().contains("`x` is not a number of links"));
        assert!(graph("Graph1").unwrap_err().contains("`m` is 1"));
    }
}
