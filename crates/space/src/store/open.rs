//! `space.toml`: the first thing that is read.

use serde::{Deserialize, Serialize};

use super::{Layout, Manifest, StoreError};
use crate::recipe::{Recipe, RecipeError};

/// The newest form of a space that we read, and the one we write.
pub(crate) const FORMAT: u32 = 1;

/// What `space.toml` holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SpaceFile {
    pub format: u32,
    pub recipe: Recipe,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl SpaceFile {
    /// Reads and checks it; the inner error is about the recipe.
    pub fn read(layout: &Layout) -> Result<Result<Self, RecipeError>, StoreError> {
        let path = layout.space_file();
        let text = fs_err::read_to_string(&path)?;
        let bad = |e: toml::de::Error| StoreError::damaged(&path, e.to_string().trim_end().to_owned());
        // The format first: a newer form may have keys that we do not know.
        let FormatOnly { format } = toml::from_str(&text).map_err(bad)?;
        if format > FORMAT {
            return Err(StoreError::Newer { path, found: format, known: FORMAT });
        }
        let file: Self = toml::from_str(&text).map_err(bad)?;
        Ok(file.recipe.check(&path.display().to_string()).map(|()| file))
    }

    /// The recipe as of a commit.
    pub fn recipe(self, manifest: &Manifest) -> Recipe {
        manifest.recipe.clone().unwrap_or(self.recipe)
    }

    /// Writes it: all or nothing, synced.
    pub fn write(&self, layout: &Layout) -> Result<(), StoreError> {
        let text = toml::to_string(self).map_err(|e| StoreError::damaged(layout.space_file(), e.to_string()))?;
        let head = "# Written by Vectory: how this space was made. Changing it does not change the space.\n";
        Ok(vectory_core::artifact::write_atomic(&layout.space_file(), format!("{head}{text}").as_bytes())?)
    }
}
