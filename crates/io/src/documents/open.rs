//! Sources in a row as one stream of items.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::folder::Files;
use super::record::Place;
use super::records::{Delimited, Jsonl, ParquetRecords, RecordKind, TextLines};
use super::{Counts, Item, SkipReason, SourceError, SourceParams, SourceSpec, Unit, file};
use crate::stream::{self, Compression, Input, Lines};

type Items = Box<dyn Iterator<Item = Result<Item, SourceError>> + Send>;

/// The documents of some sources, one after the other. Ends after an error, unless errors are skipped.
pub struct Sources {
    params: Arc<SourceParams>,
    /// Sources not yet begun, each with what its ids begin with.
    waiting: VecDeque<(SourceSpec, String)>,
    folder: Option<(Files, String)>,
    current: Option<Items>,
    /// Whether the current file was met in a folder rather than given.
    met: bool,
    counts: Counts,
    bytes: Arc<AtomicU64>,
    ended: bool,
}

/// Opens sources. Ids of files are their paths under the folder given; where several sources are given, the source's own name
/// stands before them (and its whole path where two names are the same).
///
/// # Errors
/// When a parameter is out of range or a file or folder given is not there; nothing is read yet.
pub fn open(specs: &[SourceSpec], params: &SourceParams) -> Result<Sources, SourceError> {
    params.check()?;
    for spec in specs {
        if let SourceSpec::Path(path) = spec
            && !path.exists()
        {
            return Err(SourceError::Missing { path: path.display().to_string() });
        }
    }
    let waiting = specs.iter().map(|s| (s.clone(), prefix(s, specs))).collect();
    Ok(Sources::new(waiting, params))
}

/// How many bytes the sources have on disk: what [`Sources::bytes_read`] will come to. `None` when one of them is stdin. Walks folders,
/// reads no file.
///
/// # Errors
/// When a folder cannot be walked or a file is not there.
pub fn total_bytes(specs: &[SourceSpec], params: &SourceParams) -> Result<Option<u64>, SourceError> {
    let mut total = 0;
    for spec in specs {
        let SourceSpec::Path(path) = spec else { return Ok(None) };
        if !path.is_dir() {
            total += fs_err::metadata(path)?.len();
        } else if let Some(corpus) = corpus(path) {
            total += fs_err::metadata(corpus)?.len();
        } else {
            for file in Files::new(path, params)? {
                total += fs_err::metadata(file?)?.len();
            }
        }
    }
    Ok(Some(total))
}

/// Reads documents from a stream that the caller opened: records if its first line is a JSON object, else text. `-` is the file in
/// ids of records without one (`-#7`).
///
/// # Errors
/// When a parameter is out of range or the first line cannot be read.
pub fn open_input(input: Input, params: &SourceParams) -> Result<Sources, SourceError> {
    params.check()?;
    let mut sources = Sources::new(VecDeque::new(), params);
    sources.current = Some(sources.stream_items(input)?);
    Ok(sources)
}

impl Sources {
    fn new(waiting: VecDeque<(SourceSpec, String)>, params: &SourceParams) -> Self {
        Self {
            params: Arc::new(params.clone()),
            waiting,
            folder: None,
            current: None,
            met: false,
            counts: Counts::default(),
            bytes: Arc::default(),
            ended: false,
        }
    }

    /// What has been met so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many bytes of the sources are done with, as they are on disk (compressed); see [`total_bytes`].
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Makes the next thing to iterate the current one; false when nothing is left.
    fn advance(&mut self) -> Result<bool, SourceError> {
        self.met = self.folder.is_some();
        if let Some((files, before)) = &mut self.folder {
            match files.next().transpose()? {
                Some(path) => {
                    let id = format!("{before}{}", files.relative(&path));
                    self.current = Some(self.file_items(&path, id, false)?);
                    return Ok(true);
                }
                None => (self.folder, self.met) = (None, false),
            }
        }
        let Some((spec, before)) = self.waiting.pop_front() else { return Ok(false) };
        let SourceSpec::Path(path) = spec else {
            self.current = Some(self.stream_items(stream::stdin()?)?);
            return Ok(true);
        };
        if !path.is_dir() {
            let id = if before.is_empty() { name(&path) } else { before };
            self.current = Some(self.file_items(&path, id, true)?);
        } else if let Some(corpus) = corpus(&path) {
            let id = format!("{}{}", slashed(&before), name(&corpus));
            self.current = Some(self.file_items(&corpus, id, true)?);
        } else {
            self.folder = Some((Files::new(&path, &self.params)?, slashed(&before)));
        }
        Ok(true)
    }

    /// `given`: the file itself was named, so that what is wrong with it is an error rather than a skip.
    fn file_items(&self, path: &Path, id: String, given: bool) -> Result<Items, SourceError> {
        let (compression, inner) = Compression::of(path);
        let place = || Place { file: path.display().to_string(), prefix: id.clone(), path: Some(path.to_owned()) };
        let params = Arc::clone(&self.params);
        let input = || stream::open(path, Some(Arc::clone(&self.bytes)));
        let delimited = |mark| {
            input().map_err(SourceError::from).and_then(|i| Delimited::new(i, mark, place(), Arc::clone(&params)))
        };
        if !given && !compression.is_that_of(path)? {
            let detail = "it is not compressed as its name says";
            let item = Item::skipped(path.display().to_string(), SkipReason::Binary, detail);
            return Ok(Box::new(std::iter::once(Ok(item))));
        }
        match RecordKind::of(&inner) {
            Some(RecordKind::Jsonl) => {
                Ok(Box::new(Jsonl::new(Lines::new(input()?, params.max_record_bytes), place(), params)))
            }
            Some(RecordKind::Csv) => delimited(b',').map(|d| Box::new(d) as Items),
            Some(RecordKind::Tsv) => delimited(b'\t').map(|d| Box::new(d) as Items),
            Some(RecordKind::Parquet) if compression != Compression::None => Err(SourceError::Parquet {
                path: path.display().to_string(),
                why: "a compressed Parquet file cannot be read; decompress it first".into(),
            }),
            Some(RecordKind::Parquet) => {
                self.bytes.fetch_add(fs_err::metadata(path)?.len(), Ordering::Relaxed);
                ParquetRecords::open(path, place(), params).map(|p| Box::new(p) as Items)
            }
            None if given && params.unit == Unit::Line => {
                Ok(Box::new(TextLines::new(Lines::new(input()?, params.max_record_bytes), place(), params)))
            }
            None => {
                // A file that need not be read, or not to its end, is done with all the same.
                let done = self.bytes_read() + fs_err::metadata(path)?.len();
                let item = file::read(path, &id, &params, &self.bytes)?;
                self.bytes.fetch_max(done, Ordering::Relaxed);
                Ok(Box::new(std::iter::once(Ok(item))))
            }
        }
    }

    fn stream_items(&self, input: Input) -> Result<Items, SourceError> {
        let name = input.path().display().to_string();
        let place = Place { file: name.clone(), prefix: name, path: None };
        let params = Arc::clone(&self.params);
        if params.unit == Unit::File {
            return whole(input, &params);
        }
        let mut lines = Lines::new(input, params.max_record_bytes);
        let Some(first) = lines.next_line()?.map(<[u8]>::to_vec) else { return Ok(Box::new(std::iter::empty())) };
        let object = matches!(serde_json::from_slice(&first), Ok(serde_json::Value::Object(_)));
        Ok(if object {
            Box::new(Jsonl::new(lines, place, params).with_first(first))
        } else {
            Box::new(TextLines::new(lines, place, params).with_first(first))
        })
    }

    /// Ends after an error, or counts it. A table met in a folder need not be a collection of texts: that is never an error.
    fn failed(&mut self, e: SourceError) -> Result<Item, SourceError> {
        let foreign = self.met && matches!(e, SourceError::Column { .. });
        if !self.params.skip_errors && !foreign {
            self.ended = true;
            return Err(e);
        }
        let what = e.to_string().split(": ").next().unwrap_or_default().to_owned();
        Ok(Item::skipped(what, e.reason(), e.to_string()))
    }
}

impl Iterator for Sources {
    type Item = Result<Item, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let item = match self.current.as_mut().and_then(Iterator::next) {
                Some(item) => item,
                None => match self.advance() {
                    Ok(true) => continue,
                    Ok(false) => return None,
                    Err(e) => Err(e),
                },
            };
            let item = item.or_else(|e| self.failed(e));
            if let Ok(item) = &item {
                self.counts.add(item);
            }
            return Some(item);
        }
        None
    }
}

/// The corpus of a folder in BEIR's layout.
fn corpus(folder: &Path) -> Option<PathBuf> {
    ["corpus.jsonl", "corpus.jsonl.gz", "corpus.jsonl.zst"].iter().map(|n| folder.join(n)).find(|p| p.is_file())
}

fn prefix(spec: &SourceSpec, all: &[SourceSpec]) -> String {
    let SourceSpec::Path(path) = spec else { return String::new() };
    if all.len() < 2 {
        return String::new();
    }
    let same = all.iter().filter(|s| matches!(s, SourceSpec::Path(p) if name(p) == name(path))).count() > 1;
    if same { path.to_string_lossy().trim_end_matches('/').to_owned() } else { name(path) }
}

fn slashed(before: &str) -> String {
    if before.is_empty() { String::new() } else { format!("{before}/") }
}

/// The last part of a path; the whole of it for `.` and `/`.
fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.to_string_lossy().into_owned(), |n| n.to_string_lossy().into_owned())
}

/// A stream as one document.
fn whole(input: Input, params: &SourceParams) -> Result<Items, SourceError> {
    use std::io::Read;
    let mut raw = Vec::new();
    let name = input.path().display().to_string();
    input.take(params.max_file_bytes + 1).read_to_end(&mut raw)?;
    let item = if raw.len() as u64 > params.max_file_bytes {
        Item::skipped(name, SkipReason::TooLarge, format!("more than {} bytes", params.max_file_bytes))
    } else {
        super::file::from_bytes(name, raw)
    };
    Ok(Box::new(std::iter::once(Ok(item))))
}
