//! What can be seen without reading much.

use std::path::Path;

use roaring::RoaringBitmap;

use super::{CheckReport, Damage, models};
use crate::engine::recipe_views;
use crate::store::{Layout, Manifest, Part, ReadTables, SpaceFile, StoreError, Sums, open_items_read, open_segment};

/// What the quick look opened.
pub(super) struct Opened {
    pub layout: Layout,
    pub manifest: Manifest,
    pub dead: RoaringBitmap,
    pub tables: ReadTables,
    /// Each segment, where it could be opened.
    pub parts: Vec<Option<Part>>,
}

/// Looks at everything but the bytes; `None` when the items cannot be read.
pub(super) fn quick(path: &Path, report: &mut CheckReport) -> Option<Opened> {
    let layout = Layout::new(path);
    let recipe = match SpaceFile::read(&layout) {
        Ok(Ok(file)) => Some(file.recipe),
        Ok(Err(e)) => {
            report.problem(Damage::Recipe, layout.space_file(), e);
            None
        }
        Err(e) => {
            report.problem(Damage::Recipe, layout.space_file(), e);
            None
        }
    };
    let (manifest, dead, tables) = match open_items_read(&layout).and_then(|i| i.snapshot()) {
        Ok(opened) => opened,
        Err(e) => {
            report.problem(Damage::Items, layout.items(), e);
            return None;
        }
    };
    report.documents = manifest.documents;
    report.passages = manifest.passages;
    report.segments = manifest.segments.len();
    report.leftovers = leftovers(&layout, &manifest);
    let recipe = manifest.recipe.clone().or(recipe)?;
    models::named(path, &recipe, &manifest, report);
    let views = recipe_views(&recipe);
    let mut parts = Vec::new();
    for entry in &manifest.segments {
        let folder = layout.segment(entry.number);
        match open_segment(&folder, entry, &views) {
            Ok(part) => parts.push(Some(part)),
            Err(e) => {
                // Other files of the same segment may be damaged too: name them all.
                let mut found = Sums::read(&folder, entry.sum).map(|s| s.check_sizes(&folder)).unwrap_or_default();
                if found.is_empty() {
                    found.push(e);
                }
                found.iter().for_each(|e| report.problem(Damage::Segment(entry.number), file_of(e, &folder), e));
                parts.push(None);
            }
        }
    }
    Some(Opened { layout, manifest, dead, tables, parts })
}

fn leftovers(layout: &Layout, manifest: &Manifest) -> usize {
    let named: Vec<_> = manifest.segments.iter().map(|s| layout.segment(s.number)).collect();
    let Ok(entries) = fs_err::read_dir(layout.segments()) else { return 0 };
    entries.filter_map(Result::ok).filter(|e| !named.contains(&e.path())).count()
}

/// The file that an error is about, as far as it says.
fn file_of(e: &StoreError, folder: &Path) -> std::path::PathBuf {
    match e {
        StoreError::Damaged { path, .. } => path.clone(),
        _ => folder.to_owned(),
    }
}
