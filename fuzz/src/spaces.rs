//! Filters, recipes, and the files of spaces and indexes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use vectory_core::{Context, Metric, Vectors};
use vectory_index::{Index, Search, SearchParams, factory};
use vectory_serve::{App, ServeConfig};
use vectory_space::filter::{Filter, from_json};
use vectory_space::json::At;
use vectory_space::{CheckLevel, Query, Recipe, Space, check};

use crate::server::{OneEncoder, collection};

/// Reads a filter as people write it.
pub fn filter_text(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = text.parse::<Filter>();
    }
}

/// Reads a filter as clients send it.
pub fn filter_json(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice(bytes) {
        let _ = from_json(&At::root(&value));
    }
}

/// Reads a recipe; one that is accepted is written and read again.
pub fn recipe(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(recipe) = Recipe::parse(text) {
        let again = Recipe::parse(&recipe.to_toml()).expect("our own writing is read");
        assert_eq!(recipe.to_toml(), again.to_toml());
    }
}

/// A file in which the input's bytes stand: all of it (first byte even), or from the place that the next four bytes name.
fn damaged(whole: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let (&how, bytes) = bytes.split_first()?;
    if how % 4 == 0 {
        return Some(bytes.to_vec());
    }
    let (place, bytes) = bytes.split_first_chunk::<4>()?;
    let place = u32::from_le_bytes(*place) as usize % (whole.len() + 1);
    let mut out = whole.to_vec();
    if how % 4 == 1 {
        out.truncate(place);
    }
    let end = (place + bytes.len()).min(out.len());
    out.splice(place.min(end)..end, bytes.iter().copied());
    Some(out)
}

struct Template {
    folder: tempfile::TempDir,
    files: Vec<(PathBuf, Vec<u8>)>,
}

fn files_under(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs_err::read_dir(folder) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() { files_under(&path, into) } else { into.push(path) }
    }
}

fn template() -> Template {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = ServeConfig::local(0);
    config.folder = Some(folder.path().to_owned());
    let ctx = Context::new(1, 1).expect("a context");
    let app = App::open(config, Arc::new(OneEncoder), ctx).expect("an empty folder opens");
    collection(&app);
    app.registry().close();
    drop(app);
    let mut paths = Vec::new();
    files_under(folder.path(), &mut paths);
    paths.sort();
    let files = paths.into_iter().map(|p| (p.clone(), fs_err::read(&p).expect("a file of ours"))).collect();
    Template { folder, files }
}

/// Puts damage into one file of a small space, then opens, searches and checks it.
pub fn space_files(bytes: &[u8]) {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let template = TEMPLATE.get_or_init(template);
    let Some((&which, bytes)) = bytes.split_first() else { return };
    let (path, whole) = &template.files[which as usize % template.files.len()];
    let Some(content) = damaged(whole, bytes) else { return };
    fs_err::write(path, content).expect("a writable folder");
    let ctx = Context::new(1, 1).expect("a context");
    let spaces = fs_err::read_dir(template.folder.path()).expect("the folder").flatten().map(|e| e.path());
    for space in spaces.filter(|p| p.is_dir()) {
        if let Ok(space) = Space::open(&space, &OneEncoder) {
            let _ = space.rank(&Query::new("one two"), &ctx);
        }
        let _ = check(&space, CheckLevel::Full, &OneEncoder, &ctx);
    }
    fs_err::write(path, whole).expect("a writable folder");
}

/// Puts damage into a file of an index, then opens and asks it.
pub fn index_files(bytes: &[u8]) {
    static FILES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let names = [
        "Flat",
        "HNSW4",
        "LVQ4x8",
        "SQ8",
        "RaBitQ3",
        "HNSW4,LVQ8",
        "IVF5,Flat",
        "IVF5,LVQ4x4",
        "IVF5,PQ2x4fs,RFlat",
        "LeanVec2",
    ];
    let ctx = Context::new(1, 1).expect("a context");
    let files = FILES.get_or_init(|| {
        let values: Vec<f32> = (0..1600).map(|i| ((i * 7919) % 613) as f32).collect();
        let rows = Vectors::from_slice(&values, 4).expect("rows");
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &&str| {
            let path = folder.path().join("i");
            let spec = factory::parse(name).expect("a factory string");
            Index::build(rows.view(), Metric::L2, &spec, &ctx).expect("an index").save(&path).expect("saved");
            fs_err::read(&path).expect("what was saved")
        };
        names.iter().map(file).collect()
    });
    let Some((&which, bytes)) = bytes.split_first() else { return };
    let Some(content) = damaged(&files[which as usize % files.len()], bytes) else { return };
    crate::with_file("f.idx", &content, |path| {
        let Ok(index) = Index::open(path) else { return };
        if let Ok(searcher) = index.searcher() {
            let _ = searcher.search(&[1.0, 2.0, 3.0, 4.0], &SearchParams { k: 5, ..SearchParams::default() });
        }
    });
}
