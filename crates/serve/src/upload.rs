//! A file that a client sends, built into a collection as a job.
//!
//! The file goes below the server's folder first, so that memory holds no more of it than the request did; its documents then go
//! through the collection's queue of changes like any others, and searches see them as they come.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use vectory_core::Context;
use vectory_io::documents::{Document, Item, SourceParams, SourceSpec, open, total_bytes};
use vectory_space::{Live, LiveError, Op, Recipe};

use crate::app::App;
use crate::error::ApiError;
use crate::jobs::{self, Outcome, Task};
use crate::registry::RegistryError;
use crate::route::{Access, Call, Reply, Route};

/// Documents that share a change.
const BATCH: usize = 256;
/// Bytes of text that share a change.
const BYTES: usize = 4 << 20;
/// Documents by which the language of a new collection is told.
const SAMPLE: usize = 200;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route {
        method: "POST",
        path: "/collections/{collection}/upload",
        access: Access::Write,
        tag: "vectory",
        summary: "Build a file into a collection, which is made if it is not there: the file is the body, its name `?name=notes.jsonl`. A job",
        example: "",
        handler: upload,
    }]
}

/// A file of the server's own, removed at the end.
struct Upload(PathBuf);

impl Drop for Upload {
    fn drop(&mut self) {
        // What cannot be removed is the next start's to remove.
        if let Some(folder) = self.0.parent() {
            let _ = fs_err::remove_dir_all(folder);
        }
    }
}

fn upload(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let collection = call.param("collection").to_owned();
    let name = file_name(call.query.get("name").map(String::as_str))?;
    let wait = call.flag("wait")?;
    if call.body.is_empty() {
        return Err(ApiError::bad("Wrong input: the body is empty; send the file as the body"));
    }
    let root = app.registry.folder().ok_or(RegistryError::Fixed)?;
    let folder = root.join("uploads").join(app.counter.fetch_add(1, Ordering::Relaxed).to_string());
    fs_err::create_dir_all(&folder)?;
    let file = Upload(folder.join(&name));
    fs_err::write(&file.0, &call.body)?;
    let source = [SourceSpec::Path(file.0.clone())];
    let params = SourceParams { skip_errors: call.flag("skip_errors")?, ..SourceParams::default() };
    // A form that is not understood is said at once, not in a job.
    let sample =
        sample(&source, &params).map_err(|e| ApiError::bad(format!("Wrong input: {}", without(&file.0, &e))))?;
    let live = match app.registry.get(&collection) {
        Ok(live) => live,
        Err(RegistryError::Missing(_)) => app.registry.create(&collection, &recipe(&sample))?,
        Err(e) => return Err(e.into()),
    };
    if !takes_texts(live.space().recipe()) {
        return Err(ApiError::new(422, "no view of this collection is made from texts: its vectors are given"));
    }
    let task = Task { kind: "build", collection, key: String::new() };
    let job = app.jobs.start(task, &app.ctx, move |ctx| build(&live, &file, &source, &params, ctx))?;
    jobs::reply(app, &job, wait)
}

/// The last part of a path, as a client's file system may have written it.
fn file_name(name: Option<&str>) -> Result<String, ApiError> {
    let name = name.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let fine = !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && !name.chars().any(char::is_control);
    let expected =
        || ApiError::bad("Wrong input: query parameter `name` must be the file's name, as in ?name=notes.jsonl");
    if fine { Ok(name.to_owned()) } else { Err(expected()) }
}

fn takes_texts(recipe: &Recipe) -> bool {
    recipe.views.iter().any(|v| v.given.is_none())
}

/// The first documents.
fn sample(source: &[SourceSpec], params: &SourceParams) -> Result<Vec<Document>, String> {
    let mut found = Vec::new();
    for item in open(source, params).map_err(|e| e.to_string())? {
        if let Item::Document(d) = item.map_err(|e| e.to_string())? {
            found.push(d);
        }
        if found.len() == SAMPLE {
            break;
        }
    }
    if found.is_empty() { Err("there is no text in it".into()) } else { Ok(found) }
}

/// The server's own paths are nobody's business.
fn without(file: &Path, text: &str) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    text.replace(&file.display().to_string(), &name)
}

/// The default, in the language of the first documents.
fn recipe(sample: &[Document]) -> Recipe {
    let mut recipe = Recipe::default();
    for view in &mut recipe.views {
        view.analyzer = view.analyzer.take().map(|a| a.resolve(sample.iter().map(|d| d.text.as_str())));
    }
    recipe
}

fn build(
    live: &Arc<Live>,
    file: &Upload,
    source: &[SourceSpec],
    params: &SourceParams,
    ctx: &Context,
) -> Result<Outcome, ApiError> {
    let bad = |e: &dyn std::fmt::Display| ApiError::bad(format!("Wrong input: {}", without(&file.0, &e.to_string())));
    ctx.progress().begin("reading and encoding", total_bytes(source, params).map_err(|e| bad(&e))?, "bytes");
    let mut items = open(source, params).map_err(|e| bad(&e))?;
    let (mut batch, mut bytes, mut read) = (Vec::new(), 0, 0);
    let (mut documents, mut skipped) = (0u64, Vec::new());
    loop {
        ctx.check().map_err(|_| ApiError::bad("interrupted"))?;
        let next = items.next();
        let end = next.is_none();
        match next.transpose().map_err(|e| bad(&e))? {
            Some(Item::Document(d)) => {
                bytes += d.text.len();
                documents += 1;
                batch.push(Document { path: None, ..d });
            }
            Some(Item::Skipped(s)) => skipped.push(without(&file.0, &format!("{}: {}", s.what, s.detail))),
            Some(Item::Unchanged { .. }) | None => {}
        }
        if batch.len() >= BATCH || bytes >= BYTES || (end && !batch.is_empty()) {
            put(live, std::mem::take(&mut batch), ctx)?;
            bytes = 0;
            let now = items.bytes_read();
            ctx.progress().advance(now - std::mem::replace(&mut read, now));
            ctx.progress().note(&format!("{documents} documents"));
        }
        if end {
            break;
        }
    }
    let count = skipped.len();
    skipped.truncate(20);
    let skipped: Vec<Value> = skipped.into_iter().map(Value::from).collect();
    Ok(Outcome::of(json!({"documents": documents, "skipped": count, "examples": skipped})))
}

/// Hands documents in; a full queue is waited for.
fn put(live: &Live, batch: Vec<Document>, ctx: &Context) -> Result<(), ApiError> {
    loop {
        match live.apply(Op::Documents(batch.clone())) {
            Err(LiveError::Busy) => {
                ctx.check().map_err(|_| ApiError::bad("interrupted"))?;
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            other => return Ok(other.map(|_| ())?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_last_part_of_what_was_sent() {
        let name = |n: &str| file_name(Some(n)).ok();
        assert_eq!(name("a b.jsonl").as_deref(), Some("a b.jsonl"));
        assert_eq!(name("../../etc/x.md").as_deref(), Some("x.md"));
        assert_eq!(name("C:\\docs\\x.md").as_deref(), Some("x.md"));
        for bad in ["", ".", "..", "a/..", "a/", ".hidden", "x\n"] {
            assert!(name(bad).is_none(), "{bad:?}");
        }
        assert!(file_name(None).is_err());
    }
}
