//! Where everything lies.

use std::path::{Path, PathBuf};

use crate::recipe::LEARNED;

/// Whether a name is that of a chain or an encoder of a view.
pub(crate) fn is_model(name: &str) -> bool {
    name.ends_with(CHAIN) || name.ends_with(LEARNED)
}

/// What the names of fitted chains end with.
pub(crate) const CHAIN: &str = ".transform.safetensors";

/// The paths of one space.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn space_file(&self) -> PathBuf {
        self.root.join("space.toml")
    }

    pub fn items(&self) -> PathBuf {
        self.root.join("items.redb")
    }

    /// Where the vectors of a view are made anew.
    pub fn reembed(&self, view: &str) -> PathBuf {
        self.root.join("reembed").join(vectory_io::items::stem(view))
    }

    /// Of an increment: the items that changed.
    pub fn changes(&self) -> PathBuf {
        self.root.join("changes.redb")
    }

    /// Of an increment: the numbers of the documents that are gone.
    pub fn removed(&self) -> PathBuf {
        self.root.join("removed")
    }

    pub fn lock(&self) -> PathBuf {
        self.root.join("LOCK")
    }

    pub fn segments(&self) -> PathBuf {
        self.root.join("segments")
    }

    pub fn segment(&self, number: u32) -> PathBuf {
        self.segments().join(format!("{number:06}"))
    }

    /// Where a segment is written before it is renamed.
    pub fn unfinished(&self, number: u32) -> PathBuf {
        self.segments().join(format!(".tmp-{number:06}"))
    }

    /// Where passages stand while an encoder is learned from them.
    pub fn learning(&self) -> PathBuf {
        self.root.join("learning.txt")
    }

    /// The fitted chains and learned encoders that the space keeps beside its table of items.
    pub fn models(&self) -> std::io::Result<Vec<PathBuf>> {
        let all = fs_err::read_dir(&self.root)?.map(|e| Ok(e?.path())).collect::<std::io::Result<Vec<_>>>()?;
        let mut models: Vec<PathBuf> =
            all.into_iter().filter(|p| p.file_name().and_then(|n| n.to_str()).is_some_and(is_model)).collect();
        models.sort();
        Ok(models)
    }

    /// Whether the folder holds nothing but what a space is made of (or is not there).
    pub fn only_ours(&self) -> std::io::Result<bool> {
        if !self.root.exists() {
            return Ok(true);
        }
        for entry in fs_err::read_dir(&self.root)? {
            let name = entry?.file_name();
            let model = name.to_str().is_some_and(is_model);
            let ours = ["space.toml", "items.redb", "LOCK", "segments", "reembed", "map.safetensors", "learning.txt"];
            if !model && !ours.iter().any(|n| name == *n) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        fn below(folder: &Path) -> u64 {
            let Ok(entries) = fs_err::read_dir(folder) else { return 0 };
            let size = |e: fs_err::DirEntry| match e.file_type() {
                Ok(t) if t.is_dir() => below(&e.path()),
                _ => e.metadata().map_or(0, |m| m.len()),
            };
            entries.filter_map(Result::ok).map(size).sum()
        }
        below(&self.root)
    }
}

/// A second name for a file; a copy where the file system takes no links.
pub(crate) fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    if fs_err::hard_link(from, to).is_err() {
        fs_err::copy(from, to)?;
    }
    Ok(())
}
