//! One run over the sources.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHashSet};
use vectory_core::Context;
use vectory_core::hash::fnv1a;
use vectory_io::documents::{Document, Seen, SkipReason, SourceParams, SourceSpec, open, total_bytes};

use super::batches::{Batch, next_batch};
use super::learn;
use super::{Build, BuildError, BuildParams, BuildSummary, SHARD};
use crate::recipe::Recipe;
use crate::write::{Change, WriteError, Writer};

/// A run under way.
struct Run<'a> {
    writer: Writer,
    params: &'a BuildParams,
    ctx: &'a Context,
    summary: BuildSummary,
    /// Documents that the sources gave in this run.
    seen: RoaringBitmap,
    /// Files and records that could not be read: what they gave earlier is kept.
    unreadable: HashSet<String>,
    files: FxHashSet<u64>,
    last_commit: Instant,
}

pub(super) fn run(request: &Build<'_>, ctx: &Context) -> Result<BuildSummary, BuildError> {
    let start = Instant::now();
    // A source that is not there is an error before anything is written.
    let recipe = request.recipe.cloned().unwrap_or_default();
    drop(open(request.sources, &request.params.source_params(&recipe.source))?);
    let is_new = !request.path.join("space.toml").exists();
    if is_new {
        learn::encoders(request, &recipe, ctx)?;
    }
    let writer = Writer::open_or_create(request.path, request.recipe, request.encoders, request.params.writer.clone())?;
    let mut run = Run {
        writer,
        params: &request.params,
        ctx,
        summary: BuildSummary::default(),
        seen: RoaringBitmap::new(),
        unreadable: HashSet::new(),
        files: FxHashSet::default(),
        last_commit: start,
    };
    let result = run.all(request.sources);
    run.summary.seconds = start.elapsed().as_secs_f64();
    let nothing = run.writer.manifest().documents == 0 && run.writer.manifest().next_passage == 0;
    if is_new && nothing {
        // Nothing came of it: leave no empty space behind.
        drop(run.writer);
        let _ = fs_err::remove_dir_all(request.path);
        result?;
        let names: Vec<String> = request.sources.iter().map(name_of).collect();
        return Err(BuildError::Empty { sources: names.join(", "), skipped: run.summary.skipped_words() });
    }
    result?;
    Ok(run.finish())
}

impl Run<'_> {
    fn all(&mut self, sources: &[SourceSpec]) -> Result<(), BuildError> {
        if let Some(shard) = self.params.shard {
            self.writer.change_manifest(|m| _ = m.settings.insert(SHARD.into(), shard.to_string().into()))?;
        }
        let params = self.source_params()?;
        self.ctx.progress().begin("reading and encoding", total_bytes(sources, &params)?, "bytes");
        self.read(sources, &params)?;
        self.writer.commit(self.ctx)?;
        self.ctx.progress().end();
        if !self.params.keep_vanished {
            self.remove_vanished(sources)?;
        }
        if self.params.merge {
            self.writer.compact(self.ctx)?;
        }
        Ok(())
    }

    /// The parameters, with what the space knows already.
    fn source_params(&mut self) -> Result<SourceParams, BuildError> {
        let mut params = self.params.source_params(&self.writer.recipe().source);
        let mut known: FxHashMap<u64, u64> = FxHashMap::default();
        self.writer.each_document(|_, record| {
            if !record.stamp.is_empty() {
                known.insert(fnv1a(record.id.as_bytes()), fnv1a(record.stamp.as_bytes()));
            }
        })?;
        let shard = self.params.shard;
        if !known.is_empty() || shard.is_some() {
            let same = move |id: &str, stamp: &str| known.get(&fnv1a(id.as_bytes())) == Some(&fnv1a(stamp.as_bytes()));
            // What is another part's is not read.
            let has = move |id: &str, stamp: &str| shard.is_some_and(|s| !s.holds(id)) || same(id, stamp);
            params.seen = Some(Seen(Arc::new(has)));
        }
        Ok(params)
    }

    fn read(&mut self, sources: &[SourceSpec], params: &SourceParams) -> Result<(), BuildError> {
        let names = Names::of(sources);
        let mut items = open(sources, params)?;
        let (mut done, begun) = (0, Instant::now());
        while let Some(batch) = next_batch(
            &mut items,
            self.params.writer.batch_bytes(self.params.batch_bytes),
            self.params.batch_documents,
        )? {
            self.ctx.check().map_err(WriteError::from)?;
            self.take(&batch, &names)?;
            let read = items.bytes_read();
            self.ctx.progress().advance(read - std::mem::replace(&mut done, read));
            let (passages, seconds) = (self.summary.passages_encoded, begun.elapsed().as_secs_f64());
            self.ctx.progress().note(&format!("{passages} passages, {:.0}/s", passages as f64 / seconds.max(1e-9)));
            if self.last_commit.elapsed().as_secs_f64() > self.params.commit_seconds {
                self.writer.commit(self.ctx)?;
                self.last_commit = Instant::now();
            }
        }
        Ok(())
    }

    fn take(&mut self, batch: &Batch, names: &Names) -> Result<(), BuildError> {
        for skipped in &batch.skipped {
            self.summary.skip(skipped);
            if matches!(skipped.why, SkipReason::Unreadable) {
                self.unreadable.insert(skipped.what.clone());
            }
        }
        let shard = self.params.shard;
        for id in batch.unchanged.iter().filter(|id| shard.is_none_or(|s| s.holds(id))) {
            self.summary.documents_read += 1;
            self.summary.unchanged += 1;
            if let Some(number) = self.writer.number_of(id)? {
                self.see(number);
            }
        }
        for document in &batch.documents {
            self.summary.repaired += u64::from(document.repaired > 0);
            if let Some(path) = &document.path {
                self.files.insert(fnv1a(path.as_os_str().as_encoded_bytes()));
            }
        }
        let changes = self.writer.upsert_from(&batch.documents, &|d| names.source(d), self.ctx)?;
        for (number, change) in &changes.documents {
            self.summary.documents_read += 1;
            match change {
                Change::Added => self.summary.added += 1,
                Change::Changed => self.summary.changed += 1,
                Change::Unchanged => self.summary.unchanged += 1,
                Change::Superseded => {}
            }
            self.see(*number);
        }
        self.summary.passages_encoded += changes.passages;
        self.summary.passages_cut += changes.cut;
        Ok(())
    }

    fn see(&mut self, number: u32) {
        if !self.seen.insert(number) {
            self.summary.duplicates += 1;
        }
    }

    fn remove_vanished(&mut self, sources: &[SourceSpec]) -> Result<(), BuildError> {
        let names: HashSet<String> = sources.iter().map(name_of).collect();
        let (seen, unreadable) = (&self.seen, &self.unreadable);
        let mut gone = Vec::new();
        self.writer.each_document(|number, record| {
            let kept = record.path.as_ref().is_some_and(|p| unreadable.contains(p)) || unreadable.contains(&record.id);
            if names.contains(&record.source) && !seen.contains(number) && !kept {
                gone.push(record.id);
            }
        })?;
        self.summary.removed = self.writer.delete(&gone, self.ctx)? as u64;
        self.writer.commit(self.ctx)?;
        Ok(())
    }

    fn finish(mut self) -> BuildSummary {
        let manifest = self.writer.manifest();
        let out = &mut self.summary;
        out.files = self.files.len() as u64;
        out.documents = manifest.documents;
        out.passages = manifest.passages;
        out.segments = manifest.segments.len();
        out.encoders = manifest.encoders.values().map(|e| e.name.clone()).collect();
        let learned =
            self.writer.recipe().views.iter().filter_map(|v| Some((&v.name, v.encode.as_ref()?.learn.as_ref()?)));
        out.learned = learned.map(|(view, kind)| format!("{view} by {kind}")).collect();
        out.languages = languages(self.writer.recipe());
        out.bytes_on_disk = self.writer.bytes_on_disk();
        out.passages_per_second = out.passages_encoded as f64 / out.seconds.max(1e-9);
        self.summary
    }
}

fn languages(recipe: &Recipe) -> Vec<String> {
    recipe.views.iter().filter_map(|v| v.analyzer.as_ref()).map(|a| a.language.code().to_owned()).collect()
}

/// The sources, by their paths.
struct Names(Vec<(PathBuf, String)>);

impl Names {
    fn of(sources: &[SourceSpec]) -> Self {
        let path = |s: &SourceSpec| match s {
            SourceSpec::Stdin => None,
            SourceSpec::Path(p) => Some((p.clone(), name_of(s))),
        };
        Self(sources.iter().filter_map(path).collect())
    }

    /// Where a document came from: the source its file lies in, the innermost of several.
    fn source(&self, document: &Document) -> &str {
        let Some(path) = &document.path else { return "-" };
        let around = self.0.iter().filter(|(p, _)| path.starts_with(p));
        around.max_by_key(|(p, _)| p.components().count()).map_or("-", |(_, name)| name)
    }
}

/// What documents remember of where they came from: the full path, so that it is the same from any working folder.
pub(super) fn name_of(source: &SourceSpec) -> String {
    match source {
        SourceSpec::Stdin => "-".into(),
        SourceSpec::Path(path) => fs_err::canonicalize(path).unwrap_or_else(|_| path.clone()).display().to_string(),
    }
}
