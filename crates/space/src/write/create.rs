//! Making a space, and taking the right to write to one.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use roaring::RoaringBitmap;
use vectory_core::artifact::{sync_folder, write_atomic};
use vectory_text::Language;

use super::{State, WriteError, Writer, WriterParams};
use crate::engine::{EncoderProvider, Engine, EngineError, check_encoders, kept_chain};
use crate::recipe::Recipe;
use crate::store::{
    FORMAT, ItemsWriter, Layout, Lock, Manifest, SpaceFile, StoreError, create_items, open_items_write,
};

impl Writer {
    /// Makes an empty space in a folder that is not there, or is empty.
    ///
    /// # Errors
    /// [`WriteError::Foreign`] when something else is there; [`WriteError::Lock`], [`WriteError::Engine`].
    pub fn create(
        path: &Path,
        recipe: &Recipe,
        encoders: &dyn EncoderProvider,
        params: WriterParams,
    ) -> Result<Self, WriteError> {
        recipe.check("recipe")?;
        let engines = Engine::all(recipe, path, encoders)?;
        let layout = Layout::new(path);
        if layout.space_file().exists() || !layout.only_ours()? {
            return Err(WriteError::Foreign { path: path.to_owned() });
        }
        fs_err::create_dir_all(path)?;
        let lock = Lock::take_patiently(&layout.lock())?;
        // Without space.toml, whatever is here is what an interrupted creation left.
        if layout.items().exists() {
            fs_err::remove_file(layout.items())?;
        }
        fs_err::create_dir_all(layout.segments())?;
        let manifest = Manifest {
            encoders: engines.iter().filter_map(|e| Some((e.name.clone(), e.entry()?))).collect(),
            ..Manifest::default()
        };
        let items = create_items(&layout.items(), &manifest, params.write_cache)?;
        keep_chains(recipe, path)?;
        SpaceFile { format: FORMAT, recipe: recipe.clone() }.write(&layout)?;
        sync_folder(path)?;
        let committed = State { manifest, ..State::default() };
        Ok(Self {
            layout,
            items,
            recipe: recipe.clone(),
            engines: Arc::new(engines),
            params,
            committed,
            open: None,
            busy: BTreeSet::new(),
            parts: HashMap::new(),
            costs: HashMap::new(),
            _lock: lock,
        })
    }

    /// Takes the right to write to a space that is there, and removes what a crash left.
    ///
    /// # Errors
    /// [`WriteError::Missing`], [`WriteError::Lock`], [`WriteError::Engine`], [`WriteError::Store`].
    pub fn open(path: &Path, encoders: &dyn EncoderProvider, params: WriterParams) -> Result<Self, WriteError> {
        let layout = Layout::new(path);
        if !layout.space_file().exists() {
            return Err(WriteError::Missing { path: path.to_owned() });
        }
        let lock = Lock::take_patiently(&layout.lock())?;
        let file = SpaceFile::read(&layout)??;
        let items = open_items_write(&layout.items(), params.write_cache)?;
        let (manifest, dead) = items.state()?;
        let recipe = file.recipe(&manifest);
        let engines = Engine::all(&recipe, path, encoders)?;
        check_encoders(&engines, &recipe, &manifest)?;
        Self::opened(layout, lock, (items, manifest, dead), (recipe, engines), params)
    }

    /// Opens a space as it will be by another recipe, once it is committed; `check` judges the encoders.
    pub(crate) fn open_as(
        layout: &Layout,
        recipe: &Recipe,
        encoders: &dyn EncoderProvider,
        params: WriterParams,
        check: &dyn Fn(&Manifest, &[Engine]) -> Result<(), EngineError>,
    ) -> Result<Self, WriteError> {
        let lock = Lock::take_patiently(&layout.lock())?;
        let engines = Engine::all(recipe, layout.root(), encoders)?;
        let items = open_items_write(&layout.items(), params.write_cache)?;
        let (manifest, dead) = items.state()?;
        check(&manifest, &engines)?;
        Self::opened(layout.clone(), lock, (items, manifest, dead), (recipe.clone(), engines), params)
    }

    fn opened(
        layout: Layout,
        lock: Lock,
        (items, manifest, dead): (ItemsWriter, Manifest, RoaringBitmap),
        (recipe, engines): (Recipe, Vec<Engine>),
        params: WriterParams,
    ) -> Result<Self, WriteError> {
        let committed = State { manifest, dead, ..State::default() };
        let engines = Arc::new(engines);
        let (busy, parts, costs) = (BTreeSet::new(), HashMap::new(), HashMap::new());
        let writer =
            Self { layout, items, recipe, engines, params, committed, open: None, busy, parts, costs, _lock: lock };
        writer.clean()?;
        Ok(writer)
    }

    /// Opens the space, or makes it; a recipe that is given must be the one it was made by.
    ///
    /// # Errors
    /// As [`Writer::open`] and [`Writer::create`]; [`WriteError::OtherRecipe`].
    pub fn open_or_create(
        path: &Path,
        recipe: Option<&Recipe>,
        encoders: &dyn EncoderProvider,
        params: WriterParams,
    ) -> Result<Self, WriteError> {
        if !Layout::new(path).space_file().exists() {
            return Self::create(path, recipe.unwrap_or(&Recipe::default()), encoders, params);
        }
        let writer = Self::open(path, encoders, params)?;
        match recipe.and_then(|given| difference(given, &writer.recipe)) {
            Some(difference) => Err(WriteError::OtherRecipe { path: path.to_owned(), difference }),
            None => Ok(writer),
        }
    }

    /// Removes segments that no commit names. Readers that still map them keep their bytes.
    pub(super) fn clean(&self) -> Result<(), StoreError> {
        let busy = self.busy.iter().flat_map(|n| [self.layout.segment(*n), self.layout.unfinished(*n)]);
        let committed = self.committed.manifest.segments.iter().map(|s| self.layout.segment(s.number));
        let named: Vec<_> = committed.chain(busy).collect();
        if !self.layout.segments().exists() {
            fs_err::create_dir_all(self.layout.segments())?;
        }
        for entry in fs_err::read_dir(self.layout.segments())? {
            let path = entry?.path();
            if !named.contains(&path) {
                // One that cannot be removed now (mapped, on some systems) is removed by a later writer.
                let _ = fs_err::remove_dir_all(&path);
            }
        }
        Ok(())
    }
}

/// Copies the fitted chains that the recipe names into the space: it must not depend on files elsewhere.
fn keep_chains(recipe: &Recipe, path: &Path) -> Result<(), WriteError> {
    for view in &recipe.views {
        if let Some(chain) = view.encode.as_ref().and_then(|e| e.transform.as_ref()) {
            let kept = kept_chain(path, &view.name);
            if Path::new(chain) != kept {
                write_atomic(&kept, &fs_err::read(chain)?)?;
            }
        }
    }
    Ok(())
}

/// The first table in which the recipes differ, as far as the space depends on it: fusion is free to change, and a
/// language found by `auto` is that `auto`.
pub(crate) fn difference(given: &Recipe, made: &Recipe) -> Option<String> {
    if given.source != made.source {
        return Some("[source] differs".into());
    }
    if given.views.len() != made.views.len() {
        return Some(format!("it has {} views, the recipe {}", made.views.len(), given.views.len()));
    }
    let differs = given.views.iter().zip(&made.views).find(|(g, m)| {
        let mut g = (*g).clone();
        if let (Some(given), Some(made)) = (g.analyzer.as_mut(), m.analyzer.as_ref())
            && given.language == Language::Auto
        {
            given.language = made.language;
        }
        g != **m
    });
    differs.map(|(g, _)| format!("view `{}` differs", g.name))
}
