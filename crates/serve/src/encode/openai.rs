//! `/v1/embeddings`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vectory_space::json::At;

use super::{dimensions, encode, encoder, texts};
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

pub(super) fn embeddings(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let encoder = encoder(app)?;
    with_body(call, |at| {
        at.only(&["model", "input", "encoding_format", "dimensions", "user"])?;
        let model = at.need("model")?.text()?.to_owned();
        if model != "default" && model != encoder.name() {
            let why = format!("the model `{model}` does not exist; this server has `default` ({})", encoder.name());
            return Err(ApiError::missing(why));
        }
        let input = texts(&at.need("input")?)?;
        let base64 = match at.opt("encoding_format", At::text)? {
            None | Some("float") => false,
            Some("base64") => true,
            Some(_) => return Err(at.error("encoding_format is float or base64").into()),
        };
        let rows = encode(app, encoder.as_ref(), &input, true, dimensions(at, encoder.dim())?)?;
        let data: Vec<Value> = rows
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let embedding = if base64 { Value::from(packed(row)) } else { json!(row) };
                json!({"object": "embedding", "index": index, "embedding": embedding})
            })
            .collect();
        // Words, for the encoder does not say how many pieces it made of them.
        let words: usize = input.iter().map(|t| t.split_whitespace().count()).sum();
        let usage = json!({"prompt_tokens": words, "total_tokens": words});
        Ok(Reply::Json(json!({"object": "list", "data": data, "model": model, "usage": usage})))
    })
}

/// Little-endian f32 values in base64.
fn packed(row: &[f32]) -> String {
    let bytes: Vec<u8> = row.iter().flat_map(|x| x.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}

pub(super) fn models(app: &App, _: &Call) -> Result<Reply, ApiError> {
    encoder(app)?;
    let models = [json!({"id": "default", "object": "model", "created": 0, "owned_by": "vectory"})];
    Ok(Reply::Json(json!({"object": "list", "data": models})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_rows_unpack() {
        let bytes = STANDARD.decode(packed(&[1.5, -2.0])).unwrap();
        assert_eq!(bytes, [1.5f32.to_le_bytes(), (-2.0f32).to_le_bytes()].concat());
    }
}
