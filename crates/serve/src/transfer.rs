//! Collections as they travel between servers.

use serde_json::{Value, json};
use vectory_space::json::{At, JsonError};
use vectory_space::{Point, Recipe, SearchError, Select, Space, ViewKind, WithPayload, WithVectors};

use crate::qdrant;

/// The body that makes a collection like this space: its dense and given sparse views. A view of words does not travel: it is
/// made from texts.
#[must_use]
pub fn collection_of(space: &Space) -> Value {
    let mut vectors = serde_json::Map::new();
    let mut sparse = serde_json::Map::new();
    for view in &space.recipe().views {
        match (view.kind, view.given) {
            (ViewKind::Sparse, Some(g)) => {
                _ = sparse.insert(view.name.clone(), if g.idf { json!({"modifier": "idf"}) } else { json!({}) });
            }
            (ViewKind::Sparse, None) => {}
            (ViewKind::Dense, Some(_)) => _ = vectors.insert(view.name.clone(), qdrant::vector_params(view)),
            (ViewKind::Dense, None) => {
                let size = space.info().views.into_iter().find(|v| v.name == view.name).and_then(|v| v.dim);
                vectors.insert(view.name.clone(), json!({"size": size, "distance": "Cosine"}));
            }
        }
    }
    let only = vectors.len() == 1 && vectors.contains_key("");
    let vectors = if only { vectors.remove("").unwrap_or_default() } else { Value::Object(vectors) };
    if sparse.is_empty() { json!({"vectors": vectors}) } else { json!({"vectors": vectors, "sparse_vectors": sparse}) }
}

/// The next points of a space as upserts take them, and the id after them. A document's text goes into its payload; an id that is
/// neither a number nor a UUID becomes a UUID of its hash, and stays in the payload as `id`.
///
/// # Errors
/// [`SearchError`] when the space cannot be read.
pub fn points_of(
    space: &Space,
    start: Option<&str>,
    limit: usize,
) -> Result<(Vec<Value>, Option<String>), SearchError> {
    let (numbers, next) = space.scroll(None, start, limit)?;
    let select = Select { payload: WithPayload::All, vectors: WithVectors::All, text: true };
    let points = space.read_points(&numbers, &select)?;
    Ok((points.into_iter().map(|p| qdrant::travelling(&p)).collect(), next))
}

/// The recipe of a collection that a server describes.
///
/// # Errors
/// [`JsonError`] for vectors that we do not have.
pub fn recipe_of(info: &Value) -> Result<Recipe, JsonError> {
    let params = &info["config"]["params"];
    let mut body = json!({"vectors": params["vectors"]});
    if params["sparse_vectors"].is_object() {
        body["sparse_vectors"] = params["sparse_vectors"].clone();
    }
    qdrant::recipe(&At::root(&body))
}

/// Points that a server gave.
///
/// # Errors
/// [`JsonError`] for what is no point.
pub fn points_from(list: &Value) -> Result<Vec<Point>, JsonError> {
    let mut list = list.clone();
    // What answers have and upserts do not.
    for point in list.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        point.retain(|key, _| matches!(key.as_str(), "id" | "vector" | "payload"));
    }
    qdrant::points(&At::root(&json!({"points": list})))
}
