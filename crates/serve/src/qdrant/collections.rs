//! Making, describing and removing collections.

use serde_json::json;
use vectory_core::Metric;
use vectory_space::json::{At, JsonError};
use vectory_space::{GivenRecipe, IndexRecipe, Recipe, View};

use super::describe::describe;
use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

pub(super) fn list(app: &App, _: &Call) -> Result<Reply, ApiError> {
    let names: Vec<_> = app.registry.names().into_iter().map(|name| json!({"name": name})).collect();
    Ok(Reply::Result(json!({"collections": names})))
}

pub(super) fn info(app: &App, call: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Result(describe(call.collection(app)?.as_ref())))
}

pub(super) fn exists(app: &App, call: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Result(json!({"exists": app.registry.get(call.param("collection")).is_ok()})))
}

pub(super) fn create(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let recipe = with_body(call, |at| Ok(recipe(at)?))?;
    app.registry.create(call.param("collection"), &recipe)?;
    Ok(Reply::Result(json!(true)))
}

/// Hints are taken; what would change the vectors is not.
pub(super) fn update(app: &App, call: &Call) -> Result<Reply, ApiError> {
    call.collection(app)?;
    with_body(call, |at| {
        at.only(&[
            "vectors",
            "optimizers_config",
            "params",
            "hnsw_config",
            "sparse_vectors",
            "quantization_config",
            "strict_mode_config",
            "metadata",
        ])?;
        for (key, value) in at.entries()? {
            if matches!(key, "quantization_config" | "strict_mode_config" | "sparse_vectors" | "vectors")
                && !value.value.is_null()
            {
                return Err(value.unsupported(&format!("changing {key} of a collection")).into());
            }
        }
        Ok(())
    })?;
    Ok(Reply::Result(json!(true)))
}

pub(super) fn delete(app: &App, call: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Result(json!(app.registry.delete(call.param("collection"))?)))
}

/// What is taken without being needed: it changes nothing of the answers.
const HINTS: [&str; 4] = ["on_disk_payload", "wal_config", "optimizers_config", "metadata"];
/// What would change the answers or the guarantees.
const UNSUPPORTED: [&str; 5] =
    ["quantization_config", "sharding_method", "strict_mode_config", "init_from", "write_consistency_factor"];

/// The recipe that the body of a creation asks for.
pub(crate) fn recipe(at: &At<'_>) -> Result<Recipe, JsonError> {
    let own = ["vectors", "sparse_vectors", "hnsw_config", "shard_number", "replication_factor"];
    at.only(&[&own[..], &HINTS[..], &UNSUPPORTED[..]].concat())?;
    for key in UNSUPPORTED {
        match at.get(key) {
            Some(value) if !(key == "write_consistency_factor" && value.value == 1) => {
                return Err(value.unsupported(key));
            }
            _ => {}
        }
    }
    for key in ["shard_number", "replication_factor"] {
        if let Some(value) = at.get(key).filter(|v| v.value != 1) {
            return Err(value.unsupported(&format!("{key} other than 1")));
        }
    }
    let index = at.opt("hnsw_config", |at| index(at, &IndexRecipe::default()))?.unwrap_or_default();
    let mut views = Vec::new();
    if let Some(vectors) = at.get("vectors") {
        if vectors.get("size").is_some() || vectors.get("distance").is_some() {
            views.push(dense("", &vectors, &index)?);
        } else {
            for (name, params) in vectors.entries()? {
                views.push(dense(name, &params, &index)?);
            }
        }
    }
    for (name, params) in at.get("sparse_vectors").map(|s| s.entries()).transpose()?.unwrap_or_default() {
        if views.iter().any(|v: &View| v.name == name) {
            return Err(params.error(format!("`{name}` is the name of a dense vector already")));
        }
        views.push(View::given_sparse(name, idf(&params)?));
    }
    if views.is_empty() {
        return Err(at.error("a collection needs `vectors` or `sparse_vectors`"));
    }
    Ok(Recipe { views, ..Recipe::default() })
}

fn idf(at: &At<'_>) -> Result<bool, JsonError> {
    if at.value.is_null() {
        return Ok(false);
    }
    at.only(&["index", "modifier"])?;
    match at.opt("modifier", At::text)? {
        None | Some("none") => Ok(false),
        Some("idf") => Ok(true),
        Some(other) => Err(at.error(format!("modifier `{other}` is not known; idf or none is expected"))),
    }
}

fn dense(name: &str, at: &At<'_>, index_of_all: &IndexRecipe) -> Result<View, JsonError> {
    at.only(&["size", "distance", "hnsw_config", "quantization_config", "on_disk", "datatype", "multivector_config"])?;
    if let Some(q) = at.get("quantization_config") {
        return Err(q.unsupported("quantization_config"));
    }
    if let Some(t) = at.get("datatype").filter(|t| t.value != "float32") {
        return Err(t.unsupported(&format!("datatype {}", t.value)));
    }
    let size = at.need("size")?.size()?;
    let distance = at.need("distance")?;
    let metric = match distance.text()? {
        "Cosine" => Metric::Cosine,
        "Dot" => Metric::Dot,
        "Euclid" => Metric::L2,
        "Manhattan" => Metric::L1,
        _ => return Err(distance.expected("Cosine, Dot, Euclid or Manhattan")),
    };
    let multi = match at.get("multivector_config") {
        None => false,
        Some(m) => match m.need("comparator")?.text()? {
            "max_sim" => true,
            other => return Err(m.error(format!("comparator `{other}` is not known; max_sim is expected"))),
        },
    };
    let given = GivenRecipe { size, distance: metric, multi, idf: false };
    let index = at.opt("hnsw_config", |at| index(at, index_of_all))?.unwrap_or_else(|| index_of_all.clone());
    Ok(View::given(name, given, index))
}

fn index(at: &At<'_>, base: &IndexRecipe) -> Result<IndexRecipe, JsonError> {
    at.only(&[
        "m",
        "ef_construct",
        "full_scan_threshold",
        "max_indexing_threads",
        "on_disk",
        "payload_m",
        "copy_vectors",
        "inline_storage",
    ])?;
    let mut index = base.clone();
    if let Some(m) = at.opt("m", At::size)? {
        // Without links there is no graph.
        index.factory = if m == 0 { "Flat".into() } else { format!("Graph{}", m.clamp(2, 256)) };
    }
    if let Some(ef) = at.opt("ef_construct", At::size)? {
        index.ef_construct = ef.clamp(4, 10_000);
    }
    Ok(index)
}
