//! One text file to one document.

use std::fs::Metadata;
use std::io::{BufRead, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use serde_json::{Map, Value};
use vectory_text::TextFormat;

use super::clean::{Clean, clean};
use super::{Document, Item, SkipReason, SourceError, SourceParams, decode, time};
use crate::stream::{self, Compression};

/// Reads a file whole (up to the limit) and makes it a document, unless the caller has it already.
pub fn read(path: &Path, id: &str, params: &SourceParams, bytes: &Arc<AtomicU64>) -> Result<Item, SourceError> {
    let shown = path.display().to_string();
    let meta = fs_err::metadata(path)?;
    let stamp = stamp(&meta);
    if params.has(id, &stamp) {
        return Ok(Item::Unchanged { id: id.to_owned(), stamp });
    }
    let (compression, inner) = Compression::of(path);
    let too_large = || {
        let detail = format!("more than {} bytes (raise the limit to read it)", params.max_file_bytes);
        Ok(Item::skipped(shown.clone(), SkipReason::TooLarge, detail))
    };
    if compression == Compression::None && meta.len() > params.max_file_bytes {
        return too_large();
    }
    let mut input = stream::open(path, Some(Arc::clone(bytes)))?;
    if let Err(why) = decode::looks_like_text(input.fill_buf()?) {
        return Ok(Item::skipped(shown, SkipReason::Binary, why.words()));
    }
    let mut raw = Vec::with_capacity(if compression == Compression::None { meta.len() as usize + 1 } else { 1 << 16 });
    input.take(params.max_file_bytes + 1).read_to_end(&mut raw)?;
    if raw.len() as u64 > params.max_file_bytes {
        return too_large();
    }
    let decoded = match decode::decode(raw) {
        Ok(decoded) => decoded,
        Err(why) => return Ok(Item::skipped(shown, SkipReason::Binary, why.words())),
    };
    let ready = clean(decoded.text, TextFormat::from_path(&inner).unwrap_or_default(), params.code_docs);
    if ready.text.trim().is_empty() {
        return Ok(Item::skipped(shown, SkipReason::Empty, "there is no text in it"));
    }
    let payload = payload(&ready, path, &inner, id, &meta);
    let title = if ready.title.is_empty() { name(&inner) } else { ready.title };
    Ok(Item::Document(Document {
        id: id.to_owned(),
        title,
        text: ready.text,
        format: ready.format,
        payload,
        path: Some(path.to_owned()),
        stamp,
        repaired: decoded.repaired,
    }))
}

/// A document out of bytes that are no file: plain text, under the given id.
pub fn from_bytes(id: String, raw: Vec<u8>) -> Item {
    let stamp = vectory_core::hash::content(&raw);
    match decode::decode(raw) {
        Err(why) => Item::skipped(id, SkipReason::Binary, why.words()),
        Ok(d) if d.text.trim().is_empty() => Item::skipped(id, SkipReason::Empty, "there is no text in it"),
        Ok(d) => Item::Document(Document {
            id,
            title: String::new(),
            text: d.text,
            format: TextFormat::Plain,
            payload: Map::new(),
            path: None,
            stamp,
            repaired: d.repaired,
        }),
    }
}

/// Size and time of change: cheap, and different after nearly every change.
fn stamp(meta: &Metadata) -> String {
    format!("{}:{}", meta.len(), meta.modified().map_or(0, time::nanos))
}

fn payload(ready: &Clean, path: &Path, inner: &Path, id: &str, meta: &Metadata) -> Map<String, Value> {
    let mut map = ready.fields.clone();
    map.shift_remove("title");
    let extension = inner.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    map.insert("path".into(), Value::from(if id.is_empty() { path.display().to_string() } else { id.to_owned() }));
    map.insert("ext".into(), Value::from(extension));
    map.insert("size".into(), Value::from(meta.len()));
    if let Ok(modified) = meta.modified() {
        let seconds = time::nanos(modified).div_euclid(1_000_000_000);
        map.insert("modified".into(), Value::from(time::timestamp(seconds as i64)));
    }
    map
}

fn name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
