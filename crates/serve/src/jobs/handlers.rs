//! Asking after jobs.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Job;
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Access, Call, Handler, Reply, Route};

pub(crate) fn routes() -> Vec<Route> {
    let route = |method, path, access, summary, handler: Handler| Route {
        method,
        path,
        access,
        tag: "jobs",
        summary,
        example: "",
        handler,
    };
    vec![
        route("GET", "/jobs", Access::Read, "Long work, the newest first, and how far it is", |app, _| {
            let jobs: Vec<Value> = app.jobs.all().iter().map(|j| j.describe()).collect();
            Ok(Reply::Result(json!({"jobs": jobs})))
        }),
        route("GET", "/jobs/{id}", Access::Read, "A job, with its result once it is done", |app, call| {
            let job = job(app, call)?;
            Ok(Reply::Result(shown(&job)))
        }),
        route("DELETE", "/jobs/{id}", Access::Write, "Stop a job", |app, call| {
            let job = job(app, call)?;
            app.jobs.cancel(&job);
            Ok(Reply::Result(job.describe()))
        }),
    ]
}

fn job(app: &App, call: &Call) -> Result<Arc<Job>, ApiError> {
    let id = call.param("id");
    let missing = || ApiError::missing(format!("Not found: there is no job {id}"));
    id.parse().ok().and_then(|id| app.jobs.get(id)).ok_or_else(missing)
}

fn shown(job: &Job) -> Value {
    let mut out = job.describe();
    out["result"] = job.outcome().map_or(Value::Null, |o| o.value.clone());
    out
}

/// What a request that began a job is told: with `wait` how it ended, if that is soon enough; else its number.
pub(crate) fn reply(app: &App, job: &Job, wait: bool) -> Result<Reply, ApiError> {
    if wait {
        // A little less than the request may take.
        app.jobs.wait(job, app.config.limits.timeout.saturating_sub(Duration::from_secs(1)));
        if let Some(e) = job.error() {
            return Err(e);
        }
    }
    Ok(Reply::Result(shown(job)))
}
