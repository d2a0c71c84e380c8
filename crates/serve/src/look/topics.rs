//! What a collection is about.

use std::sync::Arc;

use serde_json::{Value, json};
use vectory_core::{Encode, Vectors};
use vectory_learn::topics::{TopicParams, topics, vocabulary};
use vectory_space::id_value;
use vectory_space::json::At;

use super::rows::ItemRows;
use super::{cut, dense_view, failed, optional_body, task, wait};
use crate::app::App;
use crate::error::ApiError;
use crate::jobs::{self, Outcome};
use crate::route::{Call, Reply};

/// Most words that can name topics; fewest texts that have one.
const WORDS: usize = 30_000;
const LEAST: usize = 5;
/// Texts shown with a topic, and their characters.
const TEXTS: usize = 5;
const SHOWN: usize = 160;

pub(super) fn begin(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let body = optional_body(call)?;
    let at = At::root(&body);
    at.only(&["view", "topics", "min_size", "top", "wait"])?;
    let view = dense_view(&at, live.space())?;
    let encoder = live
        .space()
        .encoder(&view)
        .ok_or_else(|| at.error("the view has no encoder: topics are named by encoded words"))?;
    let top = at.opt("top", At::size)?.unwrap_or(8).clamp(1, 100);
    let params = TopicParams {
        min_cluster_size: at.opt("min_size", At::size)?.unwrap_or(15),
        top: top.max(TEXTS),
        ..TopicParams::default()
    };
    let wanted = at.opt("topics", At::size)?.filter(|n| *n > 0);
    let task = task("topics", call, live.space().manifest().generation, &format!("{view} {params:?} {wanted:?} {top}"));
    let space = Arc::clone(live.space());
    let job = app.jobs.start(task, &app.ctx, move |ctx| {
        let items = ItemRows::of(&space, &view)?;
        let (mut ids, mut texts) = (Vec::new(), Vec::new());
        space.each_of(&items.documents, |d| {
            texts.push(if d.title.is_empty() { d.text } else { format!("{}. {}", d.title, d.text) });
            ids.push(d.id);
        })?;
        if texts.len() != items.rows.rows() {
            return Err(ApiError::busy("the collection has changed; ask again"));
        }
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        let words = vocabulary(&borrowed, LEAST, WORDS).words;
        ctx.progress().begin("finding topics", None, "texts");
        let named = encode(&*encoder, &words, ctx)?;
        let mut found = topics(items.rows.view(), named.view(), &params, ctx).map_err(failed)?;
        if let Some(wanted) = wanted {
            found = found.reduce(wanted, items.rows.view(), named.view(), ctx).map_err(failed)?;
        }
        let topic = |t: usize| {
            let names: Vec<Value> = found.words[t].iter().take(top).map(|h| json!({"word": words[h.id as usize], "similarity": h.score})).collect();
            let nearest = found.texts[t].iter().take(TEXTS);
            let nearest: Vec<Value> = nearest
                .map(|h| {
                    let i = h.id as usize;
                    json!({"number": items.documents[i], "id": id_value(&ids[i]), "similarity": h.score, "text": cut(&texts[i], SHOWN)})
                })
                .collect();
            json!({"topic": t, "size": found.sizes[t], "words": names, "texts": nearest})
        };
        let all: Vec<Value> = (0..found.len()).map(topic).collect();
        Ok(Outcome::of(json!({"view": view, "texts": texts.len(), "between": found.noise, "topics": all})))
    })?;
    jobs::reply(app, &job, wait(&at)?)
}

fn encode(encoder: &dyn Encode, words: &[String], ctx: &vectory_core::Context) -> Result<Vectors, ApiError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.is_empty() {
        return Ok(Vectors::zeros(0, encoder.dim()));
    }
    let mut rows = encoder.encode(&words, ctx).map_err(failed)?;
    rows.normalize();
    Ok(rows)
}
