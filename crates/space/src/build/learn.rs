//! Encoders that a recipe learns from the texts it indexes.

use std::io::{BufWriter, Write};

use vectory_core::Context;
use vectory_io::documents::{Document, SourceSpec, open, total_bytes};

use super::batches::next_batch;
use super::run::name_of;
use super::{Build, BuildError};
use crate::engine::{learner, learning};
use crate::recipe::{Recipe, SourceRecipe};
use crate::store::{Layout, Lock};
use crate::write::{WriteError, cut};

/// Learns every encoder that the recipe asks for and puts it into the folder of a space that is about to be made. Nothing stays when it
/// fails.
pub(super) fn encoders(request: &Build<'_>, recipe: &Recipe, ctx: &Context) -> Result<(), BuildError> {
    let mut jobs = Vec::new();
    for view in &recipe.views {
        // What is wrong with a learner is said before anything is read.
        if let Some(learner) = learner(view, request.encoders).map_err(WriteError::from)? {
            jobs.push((view, learner));
        }
    }
    let layout = Layout::new(request.path);
    // A folder of something else is for the writer to refuse.
    if jobs.is_empty() || !layout.only_ours().map_err(WriteError::from)? {
        return Ok(());
    }
    if request.sources.iter().any(|s| matches!(s, SourceSpec::Stdin)) {
        return Err(BuildError::LearnFromStdin);
    }
    let fresh = !request.path.exists();
    fs_err::create_dir_all(request.path).map_err(WriteError::from)?;
    let learn = || -> Result<(), BuildError> {
        let _lock = Lock::take_patiently(&layout.lock()).map_err(WriteError::from)?;
        if spool(request, recipe, &layout, ctx)? == 0 {
            let sources = request.sources.iter().map(name_of).collect::<Vec<_>>().join(", ");
            return Err(BuildError::Empty { sources, skipped: String::new() });
        }
        for (view, job) in &jobs {
            let encode = view.encode.clone().unwrap_or_default();
            job.learn(&layout.learning(), &layout.root().join(&encode.model), ctx).map_err(|why| {
                ctx.check().map_or_else(WriteError::from, |()| {
                    learning(view, encode.learn.as_deref().unwrap_or(""), why).into()
                })
            })?;
        }
        Ok(())
    };
    let done = learn();
    // Ours alone; a failure to remove it must not hide the first error.
    let _ = fs_err::remove_file(layout.learning());
    if done.is_err() && fresh {
        let _ = fs_err::remove_dir_all(request.path);
    }
    done
}

/// Writes the passages of all sources, one a line, and says how many there are.
fn spool(request: &Build<'_>, recipe: &Recipe, layout: &Layout, ctx: &Context) -> Result<u64, BuildError> {
    let params = request.params.source_params(&recipe.source);
    // No word is to be learned from twice.
    let source = SourceRecipe { overlap_words: 0, ..recipe.source.clone() };
    ctx.progress().begin("reading, to learn from", total_bytes(request.sources, &params)?, "bytes");
    let mut out = BufWriter::new(fs_err::File::create(layout.learning()).map_err(WriteError::from)?);
    let mut items = open(request.sources, &params)?;
    let (mut done, mut passages) = (0, 0);
    while let Some(batch) = next_batch(&mut items, request.params.batch_bytes, request.params.batch_documents)? {
        ctx.check().map_err(WriteError::from)?;
        let documents: Vec<&Document> = batch.documents.iter().collect();
        for passage in cut(&documents, &source, ctx).iter().flat_map(|d| &d.passages) {
            writeln!(out, "{}", passage.seen.replace('\n', " ")).map_err(WriteError::from)?;
            passages += 1;
        }
        let read = items.bytes_read();
        ctx.progress().advance(read - std::mem::replace(&mut done, read));
    }
    out.flush().map_err(WriteError::from)?;
    ctx.progress().end();
    Ok(passages)
}
