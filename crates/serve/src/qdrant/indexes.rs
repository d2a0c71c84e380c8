//! Payload fields that are kept ready for filters.

use serde_json::Value;
use vectory_space::json::{At, JsonError};
use vectory_space::{IndexKind, Op, PayloadIndex};

use super::points::receipt;
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

pub(super) fn create(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let (field, index) = with_body(call, |at| {
        at.only(&["field_name", "field_schema"])?;
        let field = at.need("field_name")?.text()?.to_owned();
        Ok((field, schema(&at.need("field_schema")?)?))
    })?;
    let done = live.apply(Op::Index(field.clone(), Some(index)))?;
    // Read now, so that the first filter does not wait for it.
    live.space().facet_count(&field)?;
    Ok(receipt(&done, true))
}

pub(super) fn delete(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    Ok(receipt(&live.apply(Op::Index(call.param("field").to_owned(), None))?, true))
}

fn schema(at: &At<'_>) -> Result<PayloadIndex, JsonError> {
    let kind = if at.value.is_string() { at.clone() } else { at.need("type")? };
    let found = match kind.text()? {
        "keyword" => IndexKind::Keyword,
        "integer" => IndexKind::Integer,
        "float" => IndexKind::Float,
        "bool" => IndexKind::Bool,
        "datetime" => IndexKind::Datetime,
        "geo" => IndexKind::Geo,
        "text" => IndexKind::Text,
        "uuid" => IndexKind::Uuid,
        _ => return Err(kind.expected("keyword, integer, float, bool, datetime, geo, text or uuid")),
    };
    let described = if at.value.is_object() { at.value.clone() } else { Value::Null };
    if let Some(value) =
        at.get("tokenizer").filter(|t| t.value != "word" && t.value != "whitespace" && t.value != "multilingual")
    {
        return Err(value.unsupported(&format!("tokenizer {}", value.value)));
    }
    Ok(PayloadIndex { kind: found, described })
}
