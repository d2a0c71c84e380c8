//! The files under a folder, in the order of their paths.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use super::{SourceError, SourceParams};

/// Walks a folder: `.gitignore` and `.ignore` files are respected whether or not there is a repository, those above the folder only
/// inside one; hidden files are left out unless asked for; symbolic links are not followed, so that nothing is met twice.
pub struct Files {
    root: PathBuf,
    walk: ignore::Walk,
}

impl Files {
    pub fn new(root: &Path, params: &SourceParams) -> Result<Self, SourceError> {
        let respect = params.respect_ignore;
        let wrong = |source| SourceError::Walk { path: format!("include pattern for {}", root.display()), source };
        let mut include = OverrideBuilder::new(root);
        for glob in &params.include {
            include.add(glob).map_err(wrong)?;
        }
        let walk = WalkBuilder::new(root)
            .overrides(include.build().map_err(wrong)?)
            .hidden(!params.hidden)
            .git_ignore(respect)
            .git_exclude(respect)
            .ignore(respect)
            .git_global(false)
            .parents(respect && in_repository(root))
            .require_git(false)
            .sort_by_file_name(std::ffi::OsStr::cmp)
            .build();
        Ok(Self { root: root.to_owned(), walk })
    }

    /// The path of a file under the folder, with `/` between its parts.
    pub fn relative(&self, path: &Path) -> String {
        let inner = path.strip_prefix(&self.root).unwrap_or(path);
        inner.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    }
}

impl Iterator for Files {
    type Item = Result<PathBuf, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.walk.next()? {
                Ok(entry) if entry.file_type().is_some_and(|t| t.is_file()) => return Some(Ok(entry.into_path())),
                Ok(_) => {}
                Err(source) => {
                    return Some(Err(SourceError::Walk { path: self.root.display().to_string(), source }));
                }
            }
        }
    }
}

/// A home folder may hold a `.gitignore` of `*` for its own reasons; only inside a repository do files above count.
fn in_repository(root: &Path) -> bool {
    let absolute = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    absolute.ancestors().any(|a| a.join(".git").exists())
}
