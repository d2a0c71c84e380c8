//! A collection as clients want it described.

use serde_json::{Map, Value, json};
use vectory_core::Metric;
use vectory_space::{Live, Recipe, View, ViewKind};

/// Everything that `GET /collections/{name}` says.
pub(crate) fn describe(live: &Live) -> Value {
    let space = live.space();
    let (info, manifest, status) = (space.info(), space.manifest(), live.status());
    let indexed: usize = info.views.iter().map(|v| v.graph_rows).sum();
    let schema: Map<String, Value> = manifest
        .indexes
        .iter()
        .map(|(field, index)| {
            let points = space.facet_count(field).unwrap_or_default();
            let params = index.described.as_object().cloned();
            let mut said = json!({"data_type": index.kind, "points": points});
            if let (Some(params), Some(o)) = (params, said.as_object_mut()) {
                o.insert("params".into(), Value::Object(params));
            }
            (field.clone(), said)
        })
        .collect();
    json!({
        "status": if status.merging { "yellow" } else { "green" },
        "optimizer_status": "ok",
        "indexed_vectors_count": indexed,
        "points_count": info.documents,
        "segments_count": info.segments,
        "config": config(space.recipe()),
        "payload_schema": schema,
    })
}

fn config(recipe: &Recipe) -> Value {
    let dense: Vec<&View> = recipe.views.iter().filter(|v| v.kind == ViewKind::Dense).collect();
    let vectors = match dense.as_slice() {
        [only] if only.name.is_empty() => vector(only),
        several => Value::Object(several.iter().map(|v| (v.name.clone(), vector(v))).collect()),
    };
    let sparse: Map<String, Value> =
        recipe.views.iter().filter(|v| v.kind == ViewKind::Sparse).map(|v| (v.name.clone(), sparse(v))).collect();
    let mut params = json!({
        "vectors": vectors, "shard_number": 1, "replication_factor": 1, "write_consistency_factor": 1, "on_disk_payload": true,
    });
    if let (false, Some(o)) = (sparse.is_empty(), params.as_object_mut()) {
        o.insert("sparse_vectors".into(), Value::Object(sparse));
    }
    let index = dense.first().and_then(|v| v.index.clone()).unwrap_or_default();
    let links = index.factory.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
    json!({
        "params": params,
        "hnsw_config": {"m": links, "ef_construct": index.ef_construct, "full_scan_threshold": index.graph_from.max(10), "max_indexing_threads": 0, "on_disk": true},
        "optimizer_config": {"deleted_threshold": 0.3, "vacuum_min_vector_number": 1, "default_segment_number": 0, "max_segment_size": null, "memmap_threshold": null, "indexing_threshold": index.graph_from, "flush_interval_sec": 0, "max_optimization_threads": 1},
        "wal_config": null,
        "quantization_config": null,
    })
}

fn sparse(view: &View) -> Value {
    let text = view.given.is_none();
    if view.given.is_some_and(|g| g.idf) || text { json!({"modifier": "idf"}) } else { json!({}) }
}

/// The parameters of a dense view.
pub(crate) fn vector(view: &View) -> Value {
    let given = view.given.unwrap_or_default();
    let distance = match given.distance {
        Metric::Dot => "Dot",
        Metric::L2 => "Euclid",
        Metric::L1 => "Manhattan",
        _ => "Cosine",
    };
    let mut out = json!({"size": given.size, "distance": distance});
    if let (true, Some(o)) = (given.multi, out.as_object_mut()) {
        o.insert("multivector_config".into(), json!({"comparator": "max_sim"}));
    }
    out
}
