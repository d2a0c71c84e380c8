//! `vectory reproduce`: one claim a method, measured here and now.

use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::output::{self, Failure};
use super::{Global, data_folder, encoder};
use crate::core::registry::{Claim, ClaimContext, ClaimError, Method};
use crate::methods;

#[derive(Args)]
#[command(
    after_help = "Exit status 1 when a claim that was run does not hold. A claim without its data is not run, and says so."
)]
pub(super) struct ReproduceArgs {
    /// Which methods, by id (all by default)
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// List the claims without running them
    #[arg(long)]
    list: bool,
    /// The sentence encoder of claims about texts: a static model or a Hugging Face folder
    #[arg(long, value_name = "MODEL", default_value = "default")]
    model: String,
}

#[derive(Serialize)]
struct Row {
    id: &'static str,
    name: &'static str,
    claim: &'static str,
    measured: Option<String>,
    threshold: &'static str,
    holds: Option<bool>,
    seconds: f64,
    data: &'static str,
    note: String,
}

pub(super) fn run(args: &ReproduceArgs, g: &Global) -> Result<(), Failure> {
    let chosen = choose(&args.ids)?;
    if args.list {
        return list(&chosen, g);
    }
    let tools = ClaimContext { context: g.context()?, data: data_folder(), encoder: Some(encoder(&args.model, None)?) };
    let mut rows = Vec::new();
    for (method, claim) in &chosen {
        tools.context.check()?;
        let row = measure(method, claim, &tools);
        if !g.json {
            output::print(&shown(&row))?;
        }
        rows.push(row);
    }
    if g.json {
        output::json(&rows)?;
    } else {
        let count = |h: Option<bool>| rows.iter().filter(|r| r.holds == h).count();
        let (yes, no, not_run) = (count(Some(true)), count(Some(false)), count(None));
        output::print(&format!("{yes} hold, {no} do not hold, {not_run} not run"))?;
    }
    if rows.iter().any(|r| r.holds == Some(false)) { Err(Failure::said()) } else { Ok(()) }
}

/// The claims of the given ids; all claims when none is given.
fn choose(ids: &[String]) -> Result<Vec<(&'static Method, &'static Claim)>, Failure> {
    let with_claims: Vec<_> = methods::built().into_iter().filter_map(|m| m.claim.as_ref().map(|c| (m, c))).collect();
    for id in ids {
        if !with_claims.iter().any(|(m, _)| m.id == id) {
            let known: Vec<_> = with_claims.iter().map(|(m, _)| m.id).collect();
            return Err(Failure::usage(format!("no claim is registered for `{id}` (there are: {})", known.join(", "))));
        }
    }
    Ok(with_claims.into_iter().filter(|(m, _)| ids.is_empty() || ids.iter().any(|id| id == m.id)).collect())
}

fn measure(method: &'static Method, claim: &'static Claim, tools: &ClaimContext) -> Row {
    let start = Instant::now();
    let result = (claim.run)(tools);
    let (measured, holds, note) = match result {
        Ok(o) => (Some(o.measured), Some(o.holds), o.note),
        Err(e @ ClaimError::NoData(_)) => (None, None, format!("not run: {e}")),
        Err(ClaimError::Failed(why)) => (None, Some(false), format!("failed: {why}")),
    };
    Row {
        id: method.id,
        name: method.name,
        claim: claim.statement,
        measured,
        threshold: claim.threshold,
        holds,
        seconds: start.elapsed().as_secs_f64(),
        data: claim.data,
        note,
    }
}

fn shown(row: &Row) -> String {
    let verdict = match row.holds {
        Some(true) => "holds",
        Some(false) => "DOES NOT HOLD",
        None => "not run",
    };
    let mut out = format!(
        "{} {}: {verdict} ({:.1} s)\n    claim     {}\n    asked     {}",
        row.id, row.name, row.seconds, row.claim, row.threshold
    );
    if let Some(m) = &row.measured {
        out.push_str(&format!("\n    measured  {m}"));
    }
    out.push_str(&format!("\n    data      {}", row.data));
    if !row.note.is_empty() {
        out.push_str(&format!("\n    note      {}", row.note));
    }
    out.push('\n');
    out
}

fn list(chosen: &[(&'static Method, &'static Claim)], g: &Global) -> Result<(), Failure> {
    if g.json {
        let rows: Vec<_> = chosen
            .iter()
            .map(|(m, c)| serde_json::json!({"id": m.id, "name": m.name, "home": m.home, "claim": c.statement, "threshold": c.threshold, "data": c.data}))
            .collect();
        return output::json(&rows);
    }
    for (m, c) in chosen {
        output::print(&format!(
            "{} {} ({})\n    {}\n    asked: {}; data: {}",
            m.id, m.name, m.home, c.statement, c.threshold, c.data
        ))?;
    }
    Ok(())
}
