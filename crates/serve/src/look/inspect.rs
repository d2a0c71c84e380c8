//! The report on a view's vectors.

use std::sync::Arc;

use vectory_core::Metric;
use vectory_inspect::{InspectParams, report};
use vectory_space::json::At;

use super::{dense_view, failed, optional_body, task, wait};
use crate::app::App;
use crate::error::ApiError;
use crate::jobs::{self, Outcome};
use crate::route::{Call, Reply};

pub(super) fn begin(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let body = optional_body(call)?;
    let at = At::root(&body);
    at.only(&["view", "metric", "k", "sample", "wait"])?;
    let view = dense_view(&at, live.space())?;
    let metric = |at: &At<'_>| at.text()?.parse::<Metric>().map_err(|e| at.error(e.to_string()));
    let default = InspectParams::default();
    let params = InspectParams {
        metric: at.opt("metric", metric)?.unwrap_or(default.metric),
        k: at.opt("k", At::size)?.unwrap_or(default.k),
        sample: at.opt("sample", At::size)?.unwrap_or(default.sample),
        seed: app.ctx.seed,
    };
    params.check().map_err(|e| at.error(e.to_string()))?;
    let task = task("inspect", call, live.space().manifest().generation, &format!("{view} {params:?}"));
    let space = Arc::clone(live.space());
    let name = call.param("collection").to_owned();
    let job = app.jobs.start(task, &app.ctx, move |ctx| {
        let (_, rows) = space.rows(&view)?;
        ctx.progress().begin("inspecting", Some(rows.rows() as u64), "rows");
        let mut report = report(rows.view(), &params, ctx).map_err(failed)?;
        report.title = format!("{name} (view {view})");
        let pictures = vectory_inspect::render::html(&report);
        let mut value = serde_json::to_value(&report).map_err(failed)?;
        value["html"] = pictures.into();
        Ok(Outcome::of(value))
    })?;
    jobs::reply(app, &job, wait(&at)?)
}
