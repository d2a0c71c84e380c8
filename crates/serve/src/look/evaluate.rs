//! How good the answers are: each view and all together, against right answers that are given.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use vectory_core::Context;
use vectory_evaluate::ranking::{Qrels, RankMeasure, RankingParams, Run, evaluate};
use vectory_space::json::{At, JsonError};
use vectory_space::{Query, Space};

use super::{failed, task, wait};
use crate::app::App;
use crate::error::ApiError;
use crate::jobs::{self, Outcome};
use crate::route::{Call, Reply};

/// Questions of one request.
const MOST: usize = 10_000;
/// Rankings are taken this deep unless told otherwise.
const DEPTH: usize = 100;

/// What is asked, and what is right.
struct Asked {
    queries: Vec<(String, String)>,
    qrels: Qrels,
    measures: Vec<RankMeasure>,
    depth: usize,
}

impl Asked {
    fn read(at: &At<'_>) -> Result<Self, JsonError> {
        at.only(&["queries", "measures", "depth", "wait"])?;
        let list = at.need("queries")?;
        let all = list.list()?;
        if all.is_empty() || all.len() > MOST {
            return Err(list.error(format!("has {} questions; 1 to {MOST} are expected", all.len())));
        }
        let (mut queries, mut qrels) = (Vec::new(), Qrels::default());
        for (i, query) in all.iter().enumerate() {
            query.only(&["id", "text", "relevant"])?;
            let id = query.opt("id", |v| Ok(v.value.as_str().map_or_else(|| v.value.to_string(), str::to_owned)))?;
            let id = id.unwrap_or_else(|| i.to_string());
            for (document, grade) in relevant(&query.need("relevant")?)? {
                qrels.insert(id.clone(), document, grade).map_err(|e| query.error(e.to_string()))?;
            }
            queries.push((id, query.need("text")?.text()?.to_owned()));
        }
        let measure = |m: &At<'_>| m.text()?.parse::<RankMeasure>().map_err(|e| m.error(e.to_string()));
        let measures = at.opt("measures", |m| m.list()?.iter().map(measure).collect())?;
        let depth = at.opt("depth", At::size)?.unwrap_or(DEPTH);
        if !(1..=1000).contains(&depth) {
            return Err(at.error(format!("depth is {depth}; 1 to 1000 is expected")));
        }
        Ok(Self { queries, qrels, measures: measures.unwrap_or_else(|| RankMeasure::USUAL.to_vec()), depth })
    }
}

/// A list of ids, or ids with grades.
fn relevant(at: &At<'_>) -> Result<Vec<(String, i32)>, JsonError> {
    let name = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    if at.value.is_array() {
        return Ok(at.list()?.iter().map(|id| (name(id.value), 1)).collect());
    }
    let grade = |(id, g): (&str, At<'_>)| {
        let grade = g.value.as_i64().and_then(|n| i32::try_from(n).ok());
        Ok((id.to_owned(), grade.ok_or_else(|| g.expected("a whole number"))?))
    };
    at.entries()?.into_iter().map(grade).collect()
}

pub(super) fn begin(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let body = call.json()?;
    let at = At::root(&body);
    let asked = Asked::read(&at)?;
    let hash = vectory_core::hash::content(&call.body);
    let task = task("evaluate", call, live.space().manifest().generation, &hash);
    let space = Arc::clone(live.space());
    let job = app.jobs.start(task, &app.ctx, move |ctx| measure(&space, &asked, ctx))?;
    jobs::reply(app, &job, wait(&at)?)
}

fn measure(space: &Space, asked: &Asked, ctx: &Context) -> Result<Outcome, ApiError> {
    // Views whose vectors are given cannot be asked in words.
    let names: Vec<String> =
        space.recipe().views.iter().filter(|v| v.given.is_none()).map(|v| v.name.clone()).collect();
    if names.is_empty() {
        return Err(ApiError::new(422, "no view of this collection can be asked in words: its vectors are given"));
    }
    ctx.progress().begin("asking", Some((asked.queries.len() * (names.len() + 1)) as u64), "questions");
    let mut views = Map::new();
    for name in &names {
        views.insert(name.clone(), scores(space, asked, vec![name.clone()], ctx)?);
    }
    views.insert("fused".into(), scores(space, asked, Vec::new(), ctx)?);
    Ok(Outcome::of(json!({"queries": asked.queries.len(), "depth": asked.depth, "views": views})))
}

fn scores(space: &Space, asked: &Asked, views: Vec<String>, ctx: &Context) -> Result<Value, ApiError> {
    let mut run = Run::default();
    for (id, text) in &asked.queries {
        ctx.check().map_err(failed)?;
        let query = Query { k: asked.depth, views: views.clone(), ..Query::new(text.clone()) };
        let ranked = space.rank(&query, ctx)?;
        run.insert(id.clone(), ranked.into_iter().map(|r| (r.id, r.score)).collect()).map_err(failed)?;
        ctx.progress().advance(1);
    }
    let scores = evaluate(&asked.qrels, &run, &asked.measures, &RankingParams::default()).map_err(failed)?;
    let pairs = asked.measures.iter().enumerate().map(|(m, name)| {
        let (low, high) = scores.interval(m, ctx.seed);
        (name.to_string(), json!({"mean": scores.mean(m), "interval": [low, high]}))
    });
    Ok(Value::Object(pairs.collect()))
}
