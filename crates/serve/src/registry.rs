//! The collections of a server: a folder of `NAME.space` folders, spaces from elsewhere, and aliases.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use thiserror::Error;
use vectory_core::Context;
use vectory_core::artifact::write_atomic;
use vectory_space::{
    EncoderProvider, Live, MemoryError, Recipe, Reembed, Reembedded, WriteError, Writer, WriterParams,
};

use crate::aside;

/// Why a collection could not be had.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// There is none of that name.
    #[error("Collection `{0}` doesn't exist!")]
    Missing(String),
    /// There is one of that name.
    #[error("Collection `{0}` already exists!")]
    Exists(String),
    /// A name that cannot be one.
    #[error(
        "collection name `{0}`: 1 to 120 characters, none of them / \\ : * ? \" < > | or control characters, not starting with a dot"
    )]
    Name(String),
    /// The vectors cannot be as asked.
    #[error("{0}")]
    Recipe(String),
    /// The server has no folder to put collections into.
    #[error("this server serves fixed spaces; start it with --dir to create and delete collections")]
    Fixed,
    /// A space cannot be opened.
    #[error("{path}: {why}")]
    Open {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The memory that it may take is too little.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// A file failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl RegistryError {
    /// What failed may have named its path already.
    fn open(path: &Path, why: &str) -> Self {
        let own = format!("{}: ", path.display());
        Self::Open { path: path.to_owned(), why: why.strip_prefix(&own).unwrap_or(why).to_owned() }
    }
}

/// Small segments that wait before they are merged: a commit a request makes many.
const MERGE_FROM: usize = 8;

/// The collections of a server.
pub struct Registry {
    folder: Option<PathBuf>,
    encoders: Arc<dyn EncoderProvider>,
    params: WriterParams,
    ctx: Context,
    live: RwLock<BTreeMap<String, Arc<Live>>>,
    aliases: RwLock<BTreeMap<String, String>>,
}

impl Registry {
    /// Opens every space of the folder (which is made if it is not there), and the given ones.
    ///
    /// # Errors
    /// [`RegistryError`] for the first that cannot be opened, or for too little memory.
    pub fn open(
        folder: Option<&Path>,
        spaces: &[PathBuf],
        encoders: Arc<dyn EncoderProvider>,
        memory: Option<u64>,
        ctx: Context,
    ) -> Result<Self, RegistryError> {
        let params = match memory {
            Some(bytes) => WriterParams::within(bytes, expected(folder, spaces.len()))?,
            None => WriterParams::default(),
        };
        let registry = Self {
            folder: folder.map(Path::to_owned),
            encoders,
            params: WriterParams { merge_from: MERGE_FROM, ..params },
            ctx,
            live: RwLock::default(),
            aliases: RwLock::default(),
        };
        let mut paths = spaces.to_vec();
        if let Some(folder) = folder {
            fs_err::create_dir_all(folder)?;
            // What an interrupted server was building from.
            let _ = fs_err::remove_dir_all(folder.join("uploads"));
            aside::tidy(folder)?;
            for entry in fs_err::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_some_and(|e| e == "space") && path.join("space.toml").exists() {
                    paths.push(path);
                }
            }
            if let Ok(text) = fs_err::read_to_string(folder.join(ALIASES)) {
                let read = serde_json::from_str(&text);
                *registry.aliases.write().unwrap_or_else(PoisonError::into_inner) =
                    read.map_err(|e| RegistryError::Open { path: folder.join(ALIASES), why: e.to_string() })?;
            }
        }
        for path in paths {
            let name = name_of(&path);
            let live = registry.open_one(&path)?;
            if registry.live.write().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), live).is_some() {
                return Err(RegistryError::Exists(name));
            }
        }
        Ok(registry)
    }

    fn open_one(&self, path: &Path) -> Result<Arc<Live>, RegistryError> {
        let fail = |why: String| RegistryError::open(path, &why);
        let ctx = self.context().map_err(|e| fail(e.to_string()))?;
        let live = Live::open(path, &*self.encoders, self.params.clone(), ctx).map_err(|e| fail(e.to_string()))?;
        Ok(Arc::new(live))
    }

    /// A context of its own for each collection: closing one must not stop the others.
    fn context(&self) -> Result<Context, rayon::ThreadPoolBuildError> {
        Context::new(self.ctx.seed, self.ctx.threads().min(4))
    }

    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// The collection of that name or alias.
    ///
    /// # Errors
    /// [`RegistryError::Missing`].
    pub fn get(&self, name: &str) -> Result<Arc<Live>, RegistryError> {
        let real = self.aliases.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let live = self.live.read().unwrap_or_else(PoisonError::into_inner);
        let found = live.get(real.as_deref().unwrap_or(name)).cloned();
        found.ok_or_else(|| RegistryError::Missing(name.to_owned()))
    }

    /// Makes an empty collection.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub fn create(&self, name: &str, recipe: &Recipe) -> Result<Arc<Live>, RegistryError> {
        check_name(name)?;
        let folder = self.folder.as_ref().ok_or(RegistryError::Fixed)?;
        let mut all = self.live.write().unwrap_or_else(PoisonError::into_inner);
        if all.contains_key(name) {
            return Err(RegistryError::Exists(name.to_owned()));
        }
        let path = folder.join(format!("{name}.space"));
        let fail = |why: String| RegistryError::open(&path, &why);
        recipe.check("collection").map_err(|e| RegistryError::Recipe(e.to_string()))?;
        let writer =
            Writer::create(&path, recipe, &*self.encoders, self.params.clone()).map_err(|e| fail(e.to_string()))?;
        vectory_core::artifact::sync_folder(&path)?;
        let ctx = self.context().map_err(|e| fail(e.to_string()))?;
        let live = Arc::new(Live::start(&path, writer, &*self.encoders, ctx).map_err(|e| fail(e.to_string()))?);
        all.insert(name.to_owned(), Arc::clone(&live));
        Ok(live)
    }

    /// Opens a space that was put into the folder, as by restoring a snapshot.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub fn add(&self, name: &str) -> Result<(), RegistryError> {
        let path = self.path_for(name)?;
        let live = self.open_one(&path)?;
        self.live.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), live);
        Ok(())
    }

    /// Where a collection of that name lies or would lie.
    ///
    /// # Errors
    /// [`RegistryError::Name`], [`RegistryError::Fixed`].
    pub fn path_for(&self, name: &str) -> Result<PathBuf, RegistryError> {
        check_name(name)?;
        Ok(self.folder.as_ref().ok_or(RegistryError::Fixed)?.join(format!("{name}.space")))
    }

    /// The folder of collections, if there is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Closes a collection and removes its folder, and the aliases that meant it; says whether it was there.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub fn delete(&self, name: &str) -> Result<bool, RegistryError> {
        if self.folder.is_none() {
            return Err(RegistryError::Fixed);
        }
        let Some(live) = self.close_one(name) else { return Ok(false) };
        // Out of the way first: what is half removed must not be taken for a collection.
        let path = live.path().to_owned();
        let doomed = match aside::set_aside(&path) {
            Ok(doomed) => doomed,
            Err(e) => {
                self.add(name)?;
                return Err(e.into());
            }
        };
        self.change_aliases(|aliases| aliases.retain(|_, target| target != name))?;
        fs_err::remove_dir_all(&doomed)?;
        Ok(true)
    }

    /// Gives a view of a collection another encoder. Searches go on; changes are told to come again while the new vectors are put in
    /// their place.
    ///
    /// # Errors
    /// [`RegistryError`]; the collection is then as it was.
    pub fn reembed(&self, name: &str, view: &str, model: String, ctx: &Context) -> Result<Reembedded, RegistryError> {
        let live = self.get(name)?;
        let path = live.path().to_owned();
        let fail = |e: WriteError| match e {
            WriteError::Refused(why) => RegistryError::Recipe(why),
            other => RegistryError::open(&path, &other.to_string()),
        };
        let request = Reembed { path: &path, view, model, encoders: &*self.encoders };
        let prepared = request.prepare(ctx).map_err(fail)?;
        // The right to write is let go for a moment; who reads goes on with what is open.
        live.close();
        let done = prepared.switch(&*self.encoders, self.params.clone(), ctx).map_err(fail);
        let again = self.open_one(&path)?;
        let mut all = self.live.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = all.values_mut().find(|l| Arc::ptr_eq(l, &live)) {
            *entry = again;
        }
        done
    }

    /// Takes a collection out and finishes its writing.
    pub fn close_one(&self, name: &str) -> Option<Arc<Live>> {
        let live = self.live.write().unwrap_or_else(PoisonError::into_inner).remove(name)?;
        live.close();
        Some(live)
    }

    /// Aliases and what they mean.
    #[must_use]
    pub fn aliases(&self) -> BTreeMap<String, String> {
        self.aliases.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes aliases, all or none, durably.
    ///
    /// # Errors
    /// [`RegistryError::Fixed`], or when the file cannot be written.
    pub fn change_aliases(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), RegistryError> {
        let folder = self.folder.as_ref().ok_or(RegistryError::Fixed)?;
        let mut aliases = self.aliases.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = aliases.clone();
        change(&mut changed);
        if changed != *aliases {
            let text = serde_json::to_string(&changed).map_err(std::io::Error::other)?;
            write_atomic(&folder.join(ALIASES), text.as_bytes())?;
            *aliases = changed;
        }
        Ok(())
    }

    /// Finishes all writing and lets every space go.
    pub fn close(&self) {
        let all: Vec<_> = self.live.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        all.iter().for_each(|live| live.close());
    }
}

const ALIASES: &str = "aliases.json";

/// Collections that share the memory: those that are there, and room for some more where clients can make them.
fn expected(folder: Option<&Path>, spaces: usize) -> usize {
    let Some(folder) = folder else { return spaces.max(1) };
    let there = fs_err::read_dir(folder).map_or(0, |all| {
        all.filter_map(Result::ok).filter(|e| e.path().extension().is_some_and(|x| x == "space")).count()
    });
    (spaces + there).max(4)
}

/// `notes` of `a/notes.space`.
fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn check_name(name: &str) -> Result<(), RegistryError> {
    let bad = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    let fine = !name.is_empty() && name.len() <= 120 && !name.starts_with('.') && !name.contains(bad);
    if fine { Ok(()) } else { Err(RegistryError::Name(name.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_the_folder() {
        assert!(check_name("my notes-2").is_ok());
        for bad in ["", ".", "..", "../x", "a/b", "a\\b", "x\0", &"x".repeat(121)] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        assert_eq!(name_of(Path::new("a/notes.space")), "notes");
    }

    #[test]
    fn a_path_is_said_once() {
        let path = Path::new("a/notes.space");
        for why in ["is not there", "a/notes.space: is not there"] {
            assert_eq!(RegistryError::open(path, why).to_string(), "a/notes.space: is not there");
        }
    }
}
