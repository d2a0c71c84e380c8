//! The OpenAPI 3 document, made from the table of routes.

use serde_json::{Map, Value, json};

use crate::route::{Access, Route, routes};

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let entry = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(o) = entry.as_object_mut() {
            o.insert(route.method.to_lowercase(), operation(&route));
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Vectory",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Collections of points and documents: Qdrant's REST API, OpenAI's embeddings, and Vectory's own routes.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "schemas": {
                "Error": {
                    "type": "object",
                    "properties": {
                        "status": {"type": "object", "properties": {"error": {"type": "string"}}},
                        "time": {"type": "number"},
                        "result": {"nullable": true},
                    },
                },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut parameters: Vec<Value> = parameters_of(route.path)
        .into_iter()
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}))
        .collect();
    if route.access == Access::Write && route.path.contains("/points") {
        parameters.push(json!({
            "name": "wait", "in": "query", "required": false, "schema": {"type": "boolean"},
            "description": "Changes are durable when the answer comes, with it or without.",
        }));
    }
    parameters.extend(asked(route).iter().map(|(name, required, what)| {
        json!({"name": name, "in": "query", "required": required, "schema": {"type": "string"}, "description": what})
    }));
    let error = |what: &str| json!({"description": what, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}});
    let mut out = json!({
        "summary": route.summary,
        "tags": [route.tag],
        "operationId": operation_id(route),
        "parameters": parameters,
        "responses": {
            "200": {"description": "Done"},
            "400": error("The request is wrong; the message says where and what would be right"),
            "401": error("A key is needed"),
            "403": error("The key may not do this"),
            "404": error("Not there"),
            "409": error("There already"),
            "413": error("The body is too long"),
            "422": error("A feature that is not supported"),
            "503": error("Too much waits; see Retry-After"),
        },
    });
    if let Some(o) = out.as_object_mut() {
        if let Ok(example) = serde_json::from_str::<Value>(route.example) {
            let body = json!({"required": true, "content": {"application/json": {"schema": {"type": "object"}, "example": example}}});
            o.insert("requestBody".into(), body);
        }
        if route.path.ends_with("/upload") {
            let file = json!({"type": "string", "format": "binary"});
            let body = json!({"required": true, "content": {"application/octet-stream": {"schema": file}}});
            o.insert("requestBody".into(), body);
        }
        if route.access != Access::Open {
            o.insert("security".into(), json!([{}, {"api-key": []}, {"bearer": []}]));
        }
    }
    out
}

/// Query parameters of single routes: name, whether it is needed, what it says.
fn asked(route: &Route) -> &'static [(&'static str, bool, &'static str)] {
    match (route.method, route.path) {
        ("POST", "/collections/{collection}/upload") => &[
            ("name", true, "The file's name, as in notes.jsonl: its end says what it is"),
            ("wait", false, "true: the answer comes when the file is built, if that is soon"),
            ("skip_errors", false, "true: what cannot be read is counted and left out"),
        ],
        ("POST", "/collections/{collection}/snapshots") => &[("since", false, "Only what this snapshot does not have")],
        _ => &[],
    }
}

fn parameters_of(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

fn operation_id(route: &Route) -> String {
    let plain: String = route.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{}{plain}", route.method.to_lowercase())
}

/// The document as a page to read.
pub(crate) fn page() -> String {
    let escape = |t: &str| t.replace('&', "&amp;").replace('<', "&lt;");
    let row = |r: &Route| {
        format!(
            "<tr><td><b>{}</b><td><code>{}</code><td>{}<td><code>{}</code></tr>",
            r.method,
            r.path,
            escape(r.summary),
            escape(r.example)
        )
    };
    let rows: String = routes().iter().map(row).collect();
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Vectory: interfaces</title>\
         <style>:root{{color-scheme:light dark}}body{{font:15px system-ui;margin:2rem}}td{{padding:.3rem .8rem .3rem 0;vertical-align:top;border-top:1px solid #8883}}</style>\
         <h1>Interfaces</h1><p>Also as <a href=openapi.json>openapi.json</a>.</p><table>{rows}</table></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_examples_are_json() {
        let document = document();
        for route in routes() {
            let operation = &document["paths"][route.path][route.method.to_lowercase()];
            assert_eq!(operation["summary"], route.summary, "{} {}", route.method, route.path);
            assert_eq!(
                operation.get("requestBody").is_some(),
                !route.example.is_empty() || route.path.ends_with("/upload"),
                "{} {}",
                route.method,
                route.path
            );
            assert_eq!(parameters_of(route.path).len(), route.path.matches('{').count());
        }
        let mut ids: Vec<String> = routes().iter().map(operation_id).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
