//! More like these, less like those.

use serde_json::{Value, json};
use vectory_space::json::{At, JsonError};
use vectory_space::{Ask, Input, Live, PointQuery, Select, Strategy, WithPayload, id_value};

use crate::app::App;
use crate::error::ApiError;
use crate::native::filter;
use crate::route::{Call, Reply, with_body};

/// Characters of a text that are sent.
const SHOWN: usize = 280;
/// Passages of a hit whose numbers are sent.
const PASSAGES: usize = 64;
/// Hits of one answer.
const MOST: usize = 200;

pub(super) fn similar(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    with_body(call, |at| {
        at.only(&["positive", "negative", "k", "filter", "view"])?;
        let (positive, negative) = (examples(at, "positive")?, examples(at, "negative")?);
        if positive.is_empty() {
            return Err(at.error("`positive` names no item").into());
        }
        let first = || live.space().info().views.into_iter().find(|v| v.kind == "dense").map(|v| v.name);
        let using = at.opt("view", |v| Ok(v.text()?.to_owned()))?.or_else(first);
        let using =
            using.ok_or_else(|| ApiError::bad("Wrong input: this collection has no dense view to compare in"))?;
        let limit = at.opt("k", At::size)?.unwrap_or(10).clamp(1, MOST);
        let ask = Some(Ask::Recommend { positive, negative, strategy: Strategy::Average });
        let query = PointQuery { ask, using, limit, filter: filter(at)?, ..PointQuery::default() };
        let found = live.space().query_points(&query, &app.ctx)?;
        let hits = found.iter().map(|hit| told(&live, hit.document, hit.score)).collect::<Result<Vec<_>, _>>()?;
        Ok(Reply::Result(json!({"hits": hits.into_iter().flatten().collect::<Vec<_>>()})))
    })
}

/// Ids of items.
fn examples(at: &At<'_>, key: &'static str) -> Result<Vec<Input>, JsonError> {
    let read = |at: &At<'_>| at.list()?.iter().map(|v| Ok(Input::Id(v.text()?.to_owned()))).collect();
    Ok(at.opt(key, read)?.unwrap_or_default())
}

/// A hit as the page shows it; none when it has just been deleted.
fn told(live: &Live, document: u32, score: f32) -> Result<Option<Value>, ApiError> {
    let space = live.space();
    let select = Select { payload: WithPayload::All, ..Select::default() };
    let Some(point) = space.read_points(&[document], &select)?.pop() else { return Ok(None) };
    let Some(found) = space.document(&point.id)? else { return Ok(None) };
    let text: String = found.text.chars().take(SHOWN).collect();
    let passages: Vec<u32> = found.passages.iter().take(PASSAGES).map(|p| p.number).collect();
    Ok(Some(json!({
        "id": id_value(&found.id), "score": score, "title": found.title, "path": found.path, "text": text,
        "payload": found.payload, "passages": passages,
    })))
}
