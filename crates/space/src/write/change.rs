//! Putting documents in and taking them out.

use std::collections::HashMap;
use std::sync::Arc;

use vectory_core::Context;
use vectory_io::documents::Document;
use vectory_text::Language;

use super::prepare::{Made, Prepared, cut, represent};
use super::{Open, WriteError, Writer};
use crate::engine::EngineKind;
use crate::store::{DocumentRecord, FORMAT, SpaceFile, WriteTables};

/// What became of a document that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It replaces an older version of itself.
    Changed,
    /// It is as it was; at most its stamp is new.
    Unchanged,
    /// A later document of the same call has the same id.
    Superseded,
}

/// What an upsert did.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// For each document that was handed in: its number, and what became of it.
    pub documents: Vec<(u32, Change)>,
    /// Passages that were encoded.
    pub passages: u64,
    /// Passages that are longer than an encoder reads: their ends are not in the vectors (the words view has them all).
    pub cut: u64,
}

/// How many tokens a word makes, about, where an encoder's limit is in tokens.
const TOKENS_PER_WORD: f64 = 1.35;

impl Writer {
    /// Adds documents, or replaces those of the same id. What has not changed is not encoded again. `source` says where
    /// they come from; empty when they were handed in. Commits by itself when enough has come together.
    ///
    /// # Errors
    /// [`WriteError`]; what was not committed is then forgotten.
    pub fn upsert(&mut self, documents: &[Document], source: &str, ctx: &Context) -> Result<Changes, WriteError> {
        self.upsert_from(documents, &|_| source, ctx)
    }

    /// As [`Writer::upsert`], with a source for each document.
    ///
    /// # Errors
    /// As [`Writer::upsert`].
    pub fn upsert_from<'s>(
        &mut self,
        documents: &[Document],
        source: &dyn Fn(&Document) -> &'s str,
        ctx: &Context,
    ) -> Result<Changes, WriteError> {
        self.or_rollback(ctx, |writer, ctx| {
            writer.resolve_language(documents)?;
            let changes = writer.put(documents, source, ctx)?;
            writer.commit_when_full(ctx)?;
            Ok(changes)
        })
    }

    /// Removes documents by id; says how many were there. Their texts are gone with the next commit, their vectors when
    /// their segment is next rewritten.
    ///
    /// # Errors
    /// [`WriteError`]; what was not committed is then forgotten.
    pub fn delete<S: AsRef<str>>(&mut self, ids: &[S], ctx: &Context) -> Result<usize, WriteError> {
        self.or_rollback(ctx, |writer, _| {
            let Open { txn, state, .. } = writer.begin()?;
            let mut tables = WriteTables::open(txn)?;
            let mut removed = 0;
            for id in ids {
                let Some(number) = tables.number(id.as_ref())? else { continue };
                if let Some(record) = tables.document(number)? {
                    drop_passages(&mut tables, state, &record)?;
                    state.manifest.documents -= 1;
                }
                tables.remove_document(number, id.as_ref())?;
                state.changed.insert(number);
                removed += 1;
            }
            Ok(removed)
        })
    }

    /// Calls `visit` with every document by ascending number.
    pub(crate) fn each_document(&mut self, visit: impl FnMut(u32, DocumentRecord)) -> Result<(), WriteError> {
        let Open { txn, .. } = self.begin()?;
        Ok(WriteTables::open(txn)?.each_document(visit)?)
    }

    /// The number of a document.
    pub(crate) fn number_of(&mut self, id: &str) -> Result<Option<u32>, WriteError> {
        let Open { txn, .. } = self.begin()?;
        Ok(WriteTables::open(txn)?.number(id)?)
    }

    fn put<'s>(
        &mut self,
        documents: &[Document],
        source: &dyn Fn(&Document) -> &'s str,
        ctx: &Context,
    ) -> Result<Changes, WriteError> {
        let mut last = HashMap::new();
        for (i, d) in documents.iter().enumerate() {
            last.insert(d.id.as_str(), i);
        }
        self.begin()?;
        let mut changes = Changes { documents: vec![(0, Change::Superseded); documents.len()], ..Changes::default() };
        let mut fresh = Vec::new();
        for (i, document) in documents.iter().enumerate().filter(|(i, d)| last[d.id.as_str()] == *i) {
            let plan = self.plan(document, source(document))?;
            changes.documents[i] = (plan.number, plan.change);
            if plan.change != Change::Unchanged {
                fresh.push((document, plan));
            }
        }
        for i in 0..documents.len() {
            if changes.documents[i].1 == Change::Superseded {
                changes.documents[i].0 = changes.documents[last[documents[i].id.as_str()]].0;
            }
        }
        let texts: Vec<&Document> = fresh.iter().map(|(d, _)| *d).collect();
        let prepared = cut(&texts, &self.recipe.source, ctx);
        let seen: Vec<&str> = prepared.iter().flat_map(|p| p.passages.iter().map(|q| q.seen.as_str())).collect();
        let made = represent(&self.engines, &seen, ctx)?;
        changes.passages = seen.len() as u64;
        changes.cut = self.count_cut(&seen);
        let mut at = 0;
        for ((_, plan), prepared) in fresh.into_iter().zip(&prepared) {
            self.store(plan, prepared, &made, at)?;
            at += prepared.passages.len();
        }
        Ok(changes)
    }

    /// Decides what is to be done with a document; new ones get their number, new stamps are stored.
    fn plan(&mut self, document: &Document, source: &str) -> Result<Plan, WriteError> {
        let hash = hash_of(document);
        let Open { txn, state, .. } = self.begin()?;
        let mut tables = WriteTables::open(txn)?;
        let known = match tables.number(&document.id)? {
            Some(number) => tables.document(number)?.map(|r| (number, r)),
            None => None,
        };
        let mut record = DocumentRecord {
            id: document.id.clone(),
            title: document.title.clone(),
            path: document.path.as_ref().map(|p| p.display().to_string()),
            source: source.to_owned(),
            stamp: document.stamp.clone(),
            hash,
            payload: document.payload.clone(),
            ..DocumentRecord::default()
        };
        let Some((number, old)) = known else {
            let number = state.manifest.next_document;
            let next = number.checked_add(1).ok_or(full("document"))?;
            state.manifest.next_document = next;
            return Ok(Plan { number, change: Change::Added, record, old: None });
        };
        if old.hash == record.hash {
            (record.first, record.count) = (old.first, old.count);
            if record != old {
                tables.put_document(number, &record)?;
                state.changed.insert(number);
            }
            return Ok(Plan { number, change: Change::Unchanged, record, old: None });
        }
        Ok(Plan { number, change: Change::Changed, record, old: Some(old) })
    }

    fn store(&mut self, plan: Plan, prepared: &Prepared, made: &[Made], at: usize) -> Result<(), WriteError> {
        let Open { txn, state, pending } = self.begin()?;
        let mut tables = WriteTables::open(txn)?;
        match &plan.old {
            Some(old) => drop_passages(&mut tables, state, old)?,
            None => state.manifest.documents += 1,
        }
        let mut record = plan.record;
        record.first = state.manifest.next_passage;
        record.count = u32::try_from(prepared.passages.len()).map_err(|_| full("passage"))?;
        state.manifest.next_passage = record.first.checked_add(record.count).ok_or(full("passage"))?;
        state.manifest.passages += u64::from(record.count);
        for (i, (passage, number)) in prepared.passages.iter().zip(record.passages()).enumerate() {
            let row =
                (plan.number, passage.range.start, passage.range.end, passage.heading.as_str(), &passage.packed[..]);
            tables.put_passage(number, row)?;
            pending.push((number, plan.number), passage.seen.len(), made.iter().map(|m| m.get(at + i)))?;
        }
        tables.put_document(plan.number, &record)?;
        state.changed.insert(plan.number);
        Ok(())
    }

    /// The first documents decide what language `auto` is; from then on it is fixed.
    fn resolve_language(&mut self, documents: &[Document]) -> Result<(), WriteError> {
        let manifest = self.open.as_ref().map_or(&self.committed.manifest, |o| &o.state.manifest);
        if manifest.next_passage > 0 || documents.is_empty() {
            return Ok(());
        }
        let mut recipe = self.recipe.clone();
        for params in recipe.views.iter_mut().filter_map(|v| v.analyzer.as_mut()) {
            if params.language == Language::Auto {
                *params = params.clone().resolve(documents.iter().map(|d| d.text.as_str()));
            }
        }
        if recipe != self.recipe {
            SpaceFile { format: FORMAT, recipe: recipe.clone() }.write(&self.layout)?;
            // Nobody else has them yet: there is nothing to merge.
            for (engine, view) in Arc::get_mut(&mut self.engines).into_iter().flatten().zip(&recipe.views) {
                if let (EngineKind::Sparse { analyzer, .. }, Some(params)) = (&mut engine.kind, &view.analyzer) {
                    *analyzer = vectory_text::Analyzer::new(params.clone());
                }
            }
            self.recipe = recipe;
        }
        Ok(())
    }

    fn count_cut(&self, seen: &[&str]) -> u64 {
        let limits = self.engines.iter().filter_map(|e| match &e.kind {
            EngineKind::Dense { encoder, .. } => encoder.as_ref().and_then(|e| e.max_tokens()),
            EngineKind::Sparse { .. } | EngineKind::Weights { .. } => None,
        });
        let Some(limit) = limits.min() else { return 0 };
        let long = |t: &&&str| t.split_whitespace().count() as f64 * TOKENS_PER_WORD > limit as f64;
        seen.iter().filter(long).count() as u64
    }
}

/// What is to be done with a document.
struct Plan {
    number: u32,
    change: Change,
    record: DocumentRecord,
    /// The version it replaces.
    old: Option<DocumentRecord>,
}

pub(super) fn full(what: &'static str) -> WriteError {
    WriteError::Full { what, limit: u64::from(u32::MAX) }
}

/// Takes a document's passages out; their vectors leave the disk when their segment is next rewritten.
pub(super) fn drop_passages(
    tables: &mut WriteTables<'_>,
    state: &mut super::State,
    record: &DocumentRecord,
) -> Result<(), WriteError> {
    state.dead.insert_range(record.passages());
    state.manifest.passages -= u64::from(record.count);
    tables.remove_passages(record.passages())?;
    Ok(())
}

/// Of everything that is indexed or shown.
fn hash_of(document: &Document) -> String {
    let payload = serde_json::to_string(&document.payload).unwrap_or_default();
    let format = format!("{:?}", document.format);
    let parts = [document.title.as_str(), document.text.as_str(), payload.as_str(), format.as_str()];
    let lengths = parts.map(|p| p.len().to_string()).join(" ");
    vectory_core::hash::content([lengths.as_str(), parts[0], parts[1], parts[2], parts[3]].concat().as_bytes())
}
