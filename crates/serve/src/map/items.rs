//! What points are, and which answer a question.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vectory_space::{Live, Query, Select, WithPayload};

use crate::app::App;
use crate::error::ApiError;
use crate::native::filter;
use crate::route::{Call, Reply, with_body};

/// Points of one question.
const MOST: usize = 5_000;
/// Characters of a text that are sent.
const SHOWN: usize = 240;
/// Documents that are looked at for the names of fields, and the fields that are named.
const LOOKED_AT: usize = 200;
const FIELDS: usize = 24;

pub(super) fn items(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| {
        at.only(&["passages"])?;
        let list = at.need("passages")?.list()?;
        if list.len() > MOST {
            return Err(at.error(format!("{} passages; at most {MOST} are told at once", list.len())).into());
        }
        let number = |v: &vectory_space::json::At<'_>| {
            v.size().and_then(|n| u32::try_from(n).map_err(|_| v.expected("the number of a passage")))
        };
        let numbers = list.iter().map(number).collect::<Result<Vec<u32>, _>>()?;
        let mut found = live.space().passages(&numbers)?;
        for passage in &mut found {
            if let Some((end, _)) = passage.text.char_indices().nth(SHOWN) {
                passage.text.truncate(end);
                passage.text.push('…');
            }
        }
        Ok(Reply::Result(json!(found)))
    })
}

pub(super) fn scores(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| {
        at.only(&["query", "k", "filter", "views"])?;
        let k = at.opt("k", vectory_space::json::At::size)?.unwrap_or(500);
        if k == 0 || k > MOST {
            return Err(at.error(format!("k is {k}; 1 to {MOST} is expected")).into());
        }
        let views =
            at.opt("views", |v| v.list()?.iter().map(|t| Ok(t.text()?.to_owned())).collect())?.unwrap_or_default();
        let query = Query { k, filter: filter(at)?, views, group: false, ..Query::new(at.need("query")?.text()?) };
        let ranked = live.space().rank(&query, &app.ctx)?;
        let passages: Vec<u32> = ranked.iter().map(|r| r.passage).collect();
        let scores: Vec<f32> = ranked.iter().map(|r| r.score).collect();
        Ok(Reply::Result(json!({"passages": passages, "scores": scores})))
    })
}

/// Payload fields that points may be coloured and filtered by: those of the first documents whose values are short, the most
/// frequent first.
pub(super) fn fields(live: &Live) -> Result<Vec<String>, ApiError> {
    let space = live.space();
    let (numbers, _) = space.scroll(None, None, LOOKED_AT)?;
    let select = Select { payload: WithPayload::All, ..Select::default() };
    let mut seen: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    for point in space.read_points(&numbers, &select)? {
        for (name, value) in point.payload.unwrap_or_default() {
            let entry = seen.entry(name).or_insert((0, true));
            entry.0 += 1;
            entry.1 &= is_short(&value);
        }
    }
    let mut named: Vec<(usize, String)> = seen.into_iter().filter(|(_, s)| s.1).map(|(n, s)| (s.0, n)).collect();
    named.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Ok(named.into_iter().take(FIELDS).map(|n| n.1).collect())
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::String(text) => text.chars().count() <= 60,
        Value::Array(list) => list.iter().all(is_short),
        Value::Object(_) => false,
        _ => true,
    }
}
