//! A space opened for reading.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use thiserror::Error;
use vectory_core::{Context, Vectors};

use super::answers::{Answers, Ranked};
use super::document::StoredDocument;
use super::fetch::fetch;
use super::query::{Query, SearchError};
use super::rank::Ranker;
use super::snapshot::{Info, Snapshot};
use crate::engine::{EncoderProvider, Engine, EngineError, check_encoders, names};
use crate::recipe::{Recipe, RecipeError};
use crate::store::{DenseRows, ItemsReader, Layout, PartView, READ_CACHE, SpaceFile, StoreError, open_items_read_with};

/// Why a space could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is no space.
    #[error("{path}: there is no space here (it has no space.toml); make one with `vectory build SOURCE -o {path}`")]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// A file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// `space.toml` holds a recipe that cannot be used.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The parts of a view could not be made.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A space opened for reading. Any number of readers, in any number of processes, work beside one [`Writer`](crate::Writer)
/// and are never held up by it. Searches may run on many threads at once.
pub struct Space {
    layout: Layout,
    recipe: Recipe,
    engines: Vec<Engine>,
    items: ItemsReader,
    snapshot: RwLock<Arc<Snapshot>>,
}

impl Space {
    /// Opens the newest commit. Nothing large is read: files are mapped.
    ///
    /// # Errors
    /// [`OpenError`] names the file and what is wrong with it.
    pub fn open(path: &Path, encoders: &dyn EncoderProvider) -> Result<Self, OpenError> {
        Self::open_with(path, encoders, READ_CACHE)
    }

    /// The same with so many bytes of cache over the table of items.
    ///
    /// # Errors
    /// As [`Space::open`].
    pub fn open_with(path: &Path, encoders: &dyn EncoderProvider, cache: usize) -> Result<Self, OpenError> {
        let layout = Layout::new(path);
        if !layout.space_file().exists() {
            return Err(OpenError::Missing { path: path.to_owned() });
        }
        let items = open_items_read_with(&layout, cache)?;
        let mut manifest = items.snapshot()?.0;
        let (recipe, engines, snapshot) = loop {
            let recipe = SpaceFile::read(&layout)??.recipe(&manifest);
            let engines = Engine::all(&recipe, path, encoders)?;
            let snapshot = Snapshot::open(&layout, &items, &engines, None)?;
            if snapshot.manifest.recipe == manifest.recipe {
                break (recipe, engines, snapshot);
            }
            // Another encoder has come in this very moment.
            manifest = snapshot.manifest;
        };
        check_encoders(&engines, &recipe, &snapshot.manifest)?;
        Ok(Self { layout, recipe, engines, items, snapshot: RwLock::new(Arc::new(snapshot)) })
    }

    /// Moves on to the newest commit; says whether there was a newer one. Searches that run finish on the old one.
    ///
    /// # Errors
    /// [`StoreError`] when the newer commit cannot be opened; the old one stays in use.
    pub fn refresh(&self) -> Result<bool, StoreError> {
        let before = self.snapshot();
        if self.items.generation()? == before.manifest.generation {
            return Ok(false);
        }
        let new = Snapshot::open(&self.layout, &self.items, &self.engines, Some(&before))?;
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        Ok(true)
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn engines(&self) -> &[Engine] {
        &self.engines
    }

    /// What the newest commit consists of.
    #[must_use]
    pub fn manifest(&self) -> crate::store::Manifest {
        self.snapshot().manifest.clone()
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.layout.root()
    }

    /// The resolved recipe.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// What it holds.
    #[must_use]
    pub fn info(&self) -> Info {
        self.snapshot().info(&self.layout, &self.engines)
    }

    /// Answers a question. Works on one commit from beginning to end.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn search(&self, query: &Query, ctx: &Context) -> Result<Answers, SearchError> {
        let start = Instant::now();
        let snapshot = self.snapshot();
        let page = self.ranker(&snapshot, ctx).page(query)?;
        let hits = fetch(&snapshot, &self.engines, &page, query)?;
        Ok(Answers {
            hits,
            views: page.queries.iter().map(|q| q.name.clone()).collect(),
            candidates: page.candidates.passages.len(),
            milliseconds: start.elapsed().as_secs_f64() * 1e3,
        })
    }

    /// Ranks documents without fetching their texts: for runs that are evaluated.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn rank(&self, query: &Query, ctx: &Context) -> Result<Vec<Ranked>, SearchError> {
        let snapshot = self.snapshot();
        let page = self.ranker(&snapshot, ctx).page(query)?;
        let ranked = page.places.iter().map(|place| {
            let id = snapshot.tables.document(place.document)?.id;
            Ok(Ranked { id, passage: place.hit.id, score: place.hit.score })
        });
        ranked.collect()
    }

    fn ranker<'a>(&'a self, snapshot: &'a Arc<Snapshot>, ctx: &'a Context) -> Ranker<'a> {
        Ranker { snapshot, engines: &self.engines, recipe: &self.recipe.fusion, ctx }
    }

    /// Calls `visit` with every document, by ascending number: for export.
    ///
    /// # Errors
    /// [`StoreError`] when the items cannot be read.
    pub fn each_document(&self, mut visit: impl FnMut(StoredDocument)) -> Result<(), StoreError> {
        let snapshot = self.snapshot();
        snapshot.tables.each_document(|_, record| {
            visit(StoredDocument::of(&snapshot.tables, record)?);
            Ok(())
        })
    }

    /// Calls `visit` with the documents of these numbers, in their order; those that are gone are left out.
    ///
    /// # Errors
    /// [`StoreError`] when the items cannot be read.
    pub fn each_of(&self, numbers: &[u32], mut visit: impl FnMut(StoredDocument)) -> Result<(), StoreError> {
        let snapshot = self.snapshot();
        for number in numbers {
            if let Some(record) = snapshot.tables.known_document(*number)? {
                visit(StoredDocument::of(&snapshot.tables, record)?);
            }
        }
        Ok(())
    }

    /// The document number of each passage; `u32::MAX` for one that is not there.
    #[must_use]
    pub fn documents_of(&self, passages: &[u32]) -> Vec<u32> {
        let snapshot = self.snapshot();
        passages.iter().map(|p| snapshot.document_of(*p).unwrap_or(u32::MAX)).collect()
    }

    /// The encoder of a view, where it has one.
    #[must_use]
    pub fn encoder(&self, view: &str) -> Option<std::sync::Arc<dyn vectory_core::Encode>> {
        self.engines.iter().find(|e| e.name == view).and_then(Engine::encoder)
    }

    /// The document of that id.
    ///
    /// # Errors
    /// [`StoreError`] when the items cannot be read.
    pub fn document(&self, id: &str) -> Result<Option<StoredDocument>, StoreError> {
        let snapshot = self.snapshot();
        let Some(number) = snapshot.tables.number(id)? else { return Ok(None) };
        let record = snapshot.tables.document(number)?;
        StoredDocument::of(&snapshot.tables, record).map(Some)
    }

    /// Every row of a dense view that can be found, with its passage number: for inspection and export. Mapped rows of
    /// one whole segment are not copied.
    ///
    /// # Errors
    /// [`SearchError::NoView`] when there is no such dense view.
    pub fn rows(&self, view: &str) -> Result<(Vec<u32>, Vectors), SearchError> {
        let dense = || self.engines.iter().filter(|e| e.shape().is_some());
        let at = self
            .engines
            .iter()
            .position(|e| e.name == view && e.shape().is_some())
            .ok_or_else(|| SearchError::NoView { name: view.to_owned(), known: names(dense()) })?;
        let snapshot = self.snapshot();
        if let [only] = snapshot.parts.as_slice()
            && let (None, PartView::Dense(DenseRows { rows, starts: None, .. })) = (&only.alive, &only.part.views[at])
        {
            return Ok((only.part.ids.passages().to_vec(), rows.clone()));
        }
        let mut numbers = Vec::new();
        let mut kept: Vec<&[f32]> = Vec::new();
        for part in &snapshot.parts {
            let PartView::Dense(dense) = &part.part.views[at] else { continue };
            for (row, number) in (0u32..).zip(part.part.ids.passages()) {
                if let Some(vector) = dense.first(row).filter(|_| part.alive.as_ref().is_none_or(|a| a.has(row))) {
                    numbers.push(*number);
                    kept.push(vector);
                }
            }
        }
        let rows = Vectors::from_rows(kept).map_err(|e| StoreError::damaged(self.path(), e.to_string()))?;
        Ok((numbers, rows))
    }
}
