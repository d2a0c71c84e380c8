//! A table and vectors that others made.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use vectory_core::{Context, Metric};
use vectory_io::items::{Records, records};
use vectory_io::vectors::{self, Batch, NonFinite, ReadOptions};

use super::read::made_new;
use super::{BATCH, ExportError, Moved};
use crate::engine::EncoderProvider;
use crate::point::{Given, Point};
use crate::recipe::{GivenRecipe, IndexRecipe, Recipe, View};
use crate::write::{Writer, WriterParams};

/// What to import, and how.
pub struct TableImport<'a> {
    /// `.jsonl`, or Parquet: a record an item. What is not its id or text becomes its payload.
    pub table: &'a Path,
    /// The file of vectors, a row a record; it may be the table itself.
    pub vectors: &'a Path,
    /// Which array, tensor or column of it.
    pub array: Option<String>,
    /// Where the space goes; must not be there.
    pub to: &'a Path,
    /// The column of ids; none: `id`, `_id`, …; without any, records are numbered from 0.
    pub id: Option<String>,
    /// The column of texts, for a view of words; none: `text`, if there is one.
    pub text: Option<String>,
    /// The name of the view.
    pub view: String,
    /// How its vectors compare.
    pub metric: Metric,
    /// Where encoders come from (none is needed).
    pub encoders: &'a dyn EncoderProvider,
    /// How the writer works.
    pub writer: WriterParams,
}

const IDS: [&str; 6] = ["id", "_id", "docid", "doc_id", "uid", "name"];
/// Texts by which their language is told.
const SAMPLE: usize = 200;

/// Makes a space of given vectors: all of it, or nothing is left.
///
/// # Errors
/// [`ExportError`].
pub fn import_table(request: &TableImport<'_>, ctx: &Context) -> Result<Moved, ExportError> {
    let options = ReadOptions { array: request.array.clone(), non_finite: NonFinite::Refuse, ..ReadOptions::default() };
    let mut rows = vectors::open(request.vectors, &options)?;
    let mut source = Table::open(request)?;
    let recipe = recipe(request, rows.dim(), &source);
    let (total, start) = (rows.rows(), std::time::Instant::now());
    made_new(request.to, || {
        let mut writer = Writer::create(request.to, &recipe, request.encoders, request.writer.clone())?;
        ctx.progress().begin("importing", total, "points");
        let mut moved = Moved::default();
        let mut batch = Batch::default();
        loop {
            ctx.check()?;
            let count = rows.read(&mut batch, BATCH)?;
            let points = source.points(request, &batch, rows.dim())?;
            if points.is_empty() {
                break;
            }
            writer.upsert_points(&points, ctx)?;
            moved.passages += count as u64;
            ctx.progress().advance(count as u64);
        }
        source.check_end(request)?;
        writer.commit(ctx)?;
        moved.write_seconds = start.elapsed().as_secs_f64();
        ctx.progress().end();
        writer.optimize(ctx)?;
        moved.documents = writer.manifest().documents;
        Ok(moved)
    })
}

fn recipe(request: &TableImport<'_>, size: usize, source: &Table) -> Recipe {
    let given = GivenRecipe { size, distance: request.metric, ..GivenRecipe::default() };
    let mut views = vec![View::given(&request.view, given, IndexRecipe::default())];
    if let Some(text) = &source.text {
        let mut words = View::words();
        let texts = source.ahead.iter().filter_map(|r| r.get(text)?.as_str());
        words.analyzer = words.analyzer.map(|a| a.resolve(texts));
        views.push(words);
    }
    Recipe { views, ..Recipe::default() }
}

/// The records, with the columns that were found.
struct Table {
    path: PathBuf,
    records: Records,
    /// Those that were looked at to find the columns.
    ahead: std::collections::VecDeque<Map<String, Value>>,
    id: Option<String>,
    text: Option<String>,
    done: u64,
}

impl Table {
    fn open(request: &TableImport<'_>) -> Result<Self, ExportError> {
        let mut records = records(request.table)?;
        let mut ahead = std::collections::VecDeque::new();
        while ahead.len() < SAMPLE {
            let Some(record) = records.next_record()? else { break };
            ahead.push_back(record);
        }
        let has = |name: &str| ahead.iter().any(|r| r.contains_key(name));
        let bad = |name: &str| ExportError::Form {
            path: request.table.to_owned(),
            why: format!("has no column `{name}`; it has {}", ahead.front().map(names).unwrap_or_default()),
        };
        for name in request.id.iter().chain(&request.text) {
            if !has(name) {
                return Err(bad(name));
            }
        }
        let id = request.id.clone().or_else(|| IDS.iter().find(|n| has(n)).map(|n| (*n).to_owned()));
        let text = request.text.clone().or_else(|| has("text").then(|| "text".to_owned()));
        Ok(Self { path: request.table.to_owned(), records, ahead, id, text, done: 0 })
    }

    fn next(&mut self) -> Result<Option<Map<String, Value>>, ExportError> {
        match self.ahead.pop_front() {
            Some(record) => Ok(Some(record)),
            None => Ok(self.records.next_record()?),
        }
    }

    fn points(&mut self, request: &TableImport<'_>, batch: &Batch, dim: usize) -> Result<Vec<Point>, ExportError> {
        let mut points = Vec::new();
        for row in batch.values.chunks_exact(dim.max(1)) {
            let missing = || ExportError::Form {
                path: request.vectors.to_owned(),
                why: format!("has more rows than {} has records ({})", self.path.display(), self.done),
            };
            let missing = missing();
            let record = self.next()?.ok_or(missing)?;
            points.push(self.point(record, &request.view, row)?);
            self.done += 1;
        }
        Ok(points)
    }

    fn point(&self, mut record: Map<String, Value>, view: &str, row: &[f32]) -> Result<Point, ExportError> {
        let id = match self.id.as_ref().map(|name| record.shift_remove(name)) {
            None => self.done.to_string(),
            Some(Some(Value::String(id))) => id,
            Some(Some(Value::Number(id))) => id.to_string(),
            Some(_) => {
                let why = format!("record {}: its id is no text and no number", self.done + 1);
                return Err(ExportError::Form { path: self.path.clone(), why });
            }
        };
        let text = self.text.as_ref().and_then(|name| record.shift_remove(name));
        let text = text.and_then(|t| t.as_str().map(str::to_owned)).filter(|t| !t.is_empty());
        record.retain(|_, value| !value.is_null());
        Ok(Point { id, payload: record, vectors: vec![(view.to_owned(), Given::Dense(row.to_vec()))], text })
    }

    fn check_end(&mut self, request: &TableImport<'_>) -> Result<(), ExportError> {
        match self.next()? {
            None => Ok(()),
            Some(_) => Err(ExportError::Form {
                path: self.path.clone(),
                why: format!("has more records than {} has rows ({})", request.vectors.display(), self.done),
            }),
        }
    }
}

fn names(record: &Map<String, Value>) -> String {
    record.keys().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")
}
