//! What a build is told.

use std::path::Path;

use vectory_io::documents::{SourceParams, SourceSpec};

use super::Shard;
use crate::engine::EncoderProvider;
use crate::recipe::{Recipe, SourceRecipe};
use crate::write::WriterParams;

/// What to build, from what, and with what.
pub struct Build<'a> {
    /// The folder of the space.
    pub path: &'a Path,
    /// Where the documents are.
    pub sources: &'a [SourceSpec],
    /// The recipe; `None`: the space's own, or the default for a new one.
    pub recipe: Option<&'a Recipe>,
    /// How.
    pub params: BuildParams,
    /// Where encoders come from.
    pub encoders: &'a dyn EncoderProvider,
}

/// How to build.
#[derive(Clone, Debug)]
pub struct BuildParams {
    /// How sources are read. Column names that it leaves open are the recipe's.
    pub source: SourceParams,
    /// How the writer works.
    pub writer: WriterParams,
    /// Keep documents that are no longer in the sources they came from.
    pub keep_vanished: bool,
    /// Take only the documents of this part; [`merge`](crate::merge) puts the parts together.
    pub shard: Option<Shard>,
    /// Merge small segments at the end.
    pub merge: bool,
    /// A commit is made at least so often.
    pub commit_seconds: f64,
    /// Bytes of text that are encoded together.
    pub batch_bytes: usize,
    /// Documents that are encoded together.
    pub batch_documents: usize,
}

impl Default for BuildParams {
    fn default() -> Self {
        Self {
            source: SourceParams::default(),
            writer: WriterParams::default(),
            keep_vanished: false,
            shard: None,
            merge: true,
            commit_seconds: 20.0,
            batch_bytes: 4 << 20,
            batch_documents: 2048,
        }
    }
}

impl BuildParams {
    /// The source parameters, with the recipe's column names where none are given.
    pub(crate) fn source_params(&self, recipe: &SourceRecipe) -> SourceParams {
        let named = |name: &String| Some(name.clone()).filter(|n| !n.is_empty());
        let mut source = self.source.clone();
        source.id = source.id.or_else(|| named(&recipe.id));
        source.title = source.title.or_else(|| named(&recipe.title));
        if source.text.is_empty() {
            source.text.clone_from(&recipe.text);
        }
        source
    }
}
