//! Opening a segment: a part that is mapped.

use std::path::{Path, PathBuf};

use vectory_core::artifact::Artifact;
use vectory_index::file::Verify;
use vectory_index::graph::Graph;
use vectory_index::inverted::InvertedIndex;
use vectory_io::items::stem;

use super::rows::{KIND, TENSOR};
use super::sums::Sums;
use super::{DenseRows, Ids, Part, PartView, SegmentEntry, Starts, StoreError, Weights};

/// The kind of the file of passage and document numbers.
pub(crate) const IDS_KIND: &str = "passage-ids";
/// The version of its form.
pub(crate) const IDS_VERSION: u32 = 1;

/// Files up to this size are verified whole when they are opened: milliseconds. Of larger ones only the header is.
const VERIFY_UP_TO: u64 = 32 << 20;

/// What opening a segment needs to know of a view.
pub(crate) struct SegmentView<'a> {
    pub name: &'a str,
    pub form: Form,
    /// Values that its rows have, where that is known without them.
    pub dim: Option<usize>,
}

/// What a segment keeps of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Postings of terms.
    Postings,
    /// Sparse vectors as they were given.
    Weights,
    /// Dense rows.
    Rows,
}

/// Where a segment keeps its numbers.
pub(crate) fn ids_path(folder: &Path) -> PathBuf {
    folder.join("passages.ids")
}

/// Where a view's rows are.
pub(crate) fn rows_path(folder: &Path, view: &str) -> PathBuf {
    folder.join(format!("{}.rows.safetensors", stem(view)))
}

/// Where a view's graph is, if it has one.
pub(crate) fn graph_path(folder: &Path, view: &str) -> PathBuf {
    folder.join(format!("{}.graph", stem(view)))
}

/// Where a view's postings are.
pub(crate) fn postings_path(folder: &Path, view: &str) -> PathBuf {
    folder.join(format!("{}.postings", stem(view)))
}

/// Where a view's row starts are, if items have other than one vector.
pub(crate) fn starts_path(folder: &Path, view: &str) -> PathBuf {
    folder.join(format!("{}.starts", stem(view)))
}

/// Where a view's given sparse vectors are.
pub(crate) fn weights_path(folder: &Path, view: &str) -> PathBuf {
    folder.join(format!("{}.weights", stem(view)))
}

/// Opens a segment: its files are looked up, their sizes compared, their headers read; small ones are verified.
pub(crate) fn open_segment(folder: &Path, entry: &SegmentEntry, views: &[SegmentView<'_>]) -> Result<Part, StoreError> {
    let sums = Sums::read(folder, entry.sum)?;
    if let Some(e) = sums.check_sizes(folder).into_iter().next() {
        return Err(e);
    }
    let verify = |path: &Path| match fs_err::metadata(path) {
        Ok(m) if m.len() > VERIFY_UP_TO => Verify::Header,
        _ => Verify::All,
    };
    let path = ids_path(folder);
    let ids = Ids::open(&path, verify(&path))?;
    if ids.len() != entry.rows as usize || ids.documents().len() != ids.len() {
        return Err(StoreError::damaged(path, format!("has {} rows, the manifest {}", ids.len(), entry.rows)));
    }
    let open = |v: &SegmentView<'_>| match v.form {
        Form::Postings => {
            let path = postings_path(folder, v.name);
            Ok(PartView::Sparse(InvertedIndex::open_with(&path, verify(&path))?))
        }
        Form::Weights => {
            let path = weights_path(folder, v.name);
            Ok(PartView::Weights(Weights::open(&path, verify(&path), ids.len())?))
        }
        Form::Rows => open_dense(folder, v, ids.len()).map(PartView::Dense),
    };
    let views = views.iter().map(open).collect::<Result<_, StoreError>>()?;
    Ok(Part { ids, views })
}

fn open_dense(folder: &Path, view: &SegmentView<'_>, items: usize) -> Result<DenseRows, StoreError> {
    let path = starts_path(folder, view.name);
    let starts = if path.exists() { Some(Starts::open(&path, items)?) } else { None };
    let expected = starts.as_ref().map_or(items, Starts::vectors);
    let path = rows_path(folder, view.name);
    let rows = Artifact::open_kind(&path, KIND, 1)?.rows(TENSOR)?;
    if rows.rows() != expected {
        return Err(StoreError::damaged(path, format!("has {} rows, expected {expected}", rows.rows())));
    }
    if let Some(dim) = view.dim.filter(|d| *d != rows.dim() && expected > 0) {
        let why = format!("has rows of {} values, view `{}` of the recipe has {dim}", rows.dim(), view.name);
        return Err(StoreError::damaged(path, why));
    }
    let path = graph_path(folder, view.name);
    let graph = if path.exists() { Some(Graph::open(&path)?) } else { None };
    if let Some(g) = graph.as_ref().filter(|g| g.len() != expected) {
        return Err(StoreError::damaged(path, format!("links {} rows, expected {expected}", g.len())));
    }
    Ok(DenseRows { rows, starts, graph })
}
