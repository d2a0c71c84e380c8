//! Qdrant's REST API, as its clients use it: collections, points, queries, payloads, aliases, snapshots.
//!
//! What the clients send and expect is written down in their own documentation; what we do not support answers 422 and names
//! the feature. Ids, filters, envelopes and error shapes are Qdrant's.

mod aliases;
mod collections;
mod describe;
mod indexes;
mod legacy;
mod parse;
mod points;
mod query;
mod read;
mod render;
mod snapshots;

use crate::route::{Access, Handler, Reply, Route};

use Access::{Open, Read, Write};

pub(crate) use collections::recipe;
pub(crate) use describe::vector as vector_params;
pub(crate) use parse::points;
pub(crate) use render::travelling;

type Row = (&'static str, &'static str, Access, Handler, &'static str, &'static str);

const COLLECTIONS: [Row; 11] = [
    ("GET", "/collections", Read, collections::list, "All collections", ""),
    ("GET", "/collections/{collection}", Read, collections::info, "What a collection holds", ""),
    ("GET", "/collections/{collection}/exists", Read, collections::exists, "Whether a collection is there", ""),
    (
        "PUT",
        "/collections/{collection}",
        Write,
        collections::create,
        "Make a collection",
        r#"{"vectors": {"size": 4, "distance": "Cosine"}}"#,
    ),
    (
        "PATCH",
        "/collections/{collection}",
        Write,
        collections::update,
        "Change hints of a collection",
        r#"{"optimizers_config": {}}"#,
    ),
    ("DELETE", "/collections/{collection}", Write, collections::delete, "Remove a collection", ""),
    (
        "POST",
        "/collections/aliases",
        Write,
        aliases::change,
        "Make, rename or drop aliases",
        r#"{"actions": [{"create_alias": {"collection_name": "notes", "alias_name": "now"}}]}"#,
    ),
    ("GET", "/aliases", Read, aliases::all, "All aliases", ""),
    ("GET", "/collections/{collection}/aliases", Read, aliases::of_collection, "Aliases of a collection", ""),
    (
        "PUT",
        "/collections/{collection}/index",
        Write,
        indexes::create,
        "Keep a payload field ready for filters",
        r#"{"field_name": "year", "field_schema": "integer"}"#,
    ),
    (
        "DELETE",
        "/collections/{collection}/index/{field}",
        Write,
        indexes::delete,
        "Drop the index of a payload field",
        "",
    ),
];

const POINTS: [Row; 12] = [
    (
        "PUT",
        "/collections/{collection}/points",
        Write,
        points::upsert,
        "Add points, or replace them",
        r#"{"points": [{"id": 1, "vector": [0.1, 0.2, 0.3, 0.4], "payload": {"year": 2020}}]}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points",
        Read,
        read::retrieve,
        "Points by id",
        r#"{"ids": [1], "with_payload": true}"#,
    ),
    ("GET", "/collections/{collection}/points/{id}", Read, read::one, "One point", ""),
    (
        "POST",
        "/collections/{collection}/points/delete",
        Write,
        points::delete,
        "Remove points by id or filter",
        r#"{"points": [1]}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/payload",
        Write,
        points::set_payload,
        "Set keys of payloads",
        r#"{"payload": {"year": 2021}, "points": [1]}"#,
    ),
    (
        "PUT",
        "/collections/{collection}/points/payload",
        Write,
        points::overwrite_payload,
        "Replace payloads",
        r#"{"payload": {"year": 2021}, "points": [1]}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/payload/delete",
        Write,
        points::delete_payload,
        "Remove keys of payloads",
        r#"{"keys": ["year"], "points": [1]}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/payload/clear",
        Write,
        points::clear_payload,
        "Empty payloads",
        r#"{"points": [1]}"#,
    ),
    (
        "PUT",
        "/collections/{collection}/points/vectors",
        Write,
        points::update_vectors,
        "Replace vectors",
        r#"{"points": [{"id": 1, "vector": [0.1, 0.2, 0.3, 0.4]}]}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/vectors/delete",
        Write,
        points::delete_vectors,
        "Remove vectors",
        r#"{"points": [1], "vector": [""]}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/batch",
        Write,
        points::batch,
        "Several changes, in order",
        r#"{"operations": [{"delete": {"points": [1]}}]}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/scroll",
        Read,
        read::scroll,
        "Points by id or by a field, page by page",
        r#"{"limit": 10}"#,
    ),
];

const QUERIES: [Row; 16] = [
    (
        "POST",
        "/collections/{collection}/points/query",
        Read,
        query::one,
        "Search, recommend, fuse, order",
        r#"{"query": [0.1, 0.2, 0.3, 0.4], "limit": 3}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/query/batch",
        Read,
        query::batch,
        "Several queries",
        r#"{"searches": [{"query": [0.1, 0.2, 0.3, 0.4]}]}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/query/groups",
        Read,
        query::groups,
        "The best hits of each value of a field",
        r#"{"query": [0.1, 0.2, 0.3, 0.4], "group_by": "year"}"#,
    ),
    ("POST", "/collections/{collection}/points/count", Read, read::count, "How many points", r#"{"exact": true}"#),
    (
        "POST",
        "/collections/{collection}/facet",
        Read,
        read::facet,
        "The values of a field and how often each comes",
        r#"{"key": "year"}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/search",
        Read,
        legacy::search,
        "Search (older form)",
        r#"{"vector": [0.1, 0.2, 0.3, 0.4], "limit": 3}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/search/batch",
        Read,
        legacy::search_batch,
        "Several searches (older form)",
        r#"{"searches": []}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/search/groups",
        Read,
        legacy::search_groups,
        "Search in groups (older form)",
        r#"{"vector": [0.1, 0.2, 0.3, 0.4], "group_by": "year", "group_size": 2, "limit": 3}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/recommend",
        Read,
        legacy::recommend,
        "Recommend (older form)",
        r#"{"positive": [1], "limit": 3}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/recommend/batch",
        Read,
        legacy::recommend_batch,
        "Several recommendations (older form)",
        r#"{"searches": []}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/recommend/groups",
        Read,
        legacy::recommend_groups,
        "Recommend in groups (older form)",
        r#"{"positive": [1], "group_by": "year", "group_size": 2, "limit": 3}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/discover",
        Read,
        legacy::discover,
        "Discover (older form)",
        r#"{"target": 1, "context": [], "limit": 3}"#,
    ),
    (
        "POST",
        "/collections/{collection}/points/search/matrix/pairs",
        Read,
        legacy::matrix,
        "Not supported: distance matrix",
        "{}",
    ),
    (
        "POST",
        "/collections/{collection}/points/search/matrix/offsets",
        Read,
        legacy::matrix,
        "Not supported: distance matrix",
        "{}",
    ),
    ("POST", "/collections/{collection}/cluster", Write, legacy::cluster, "Not supported: shards and replicas", "{}"),
    ("GET", "/collections/{collection}/cluster", Read, legacy::cluster, "Not supported: shards and replicas", ""),
];

const SNAPSHOTS: [Row; 11] = [
    ("POST", "/collections/{collection}/snapshots", Write, snapshots::create, "Make a snapshot while serving", ""),
    ("GET", "/collections/{collection}/snapshots", Read, snapshots::list, "Snapshots of a collection", ""),
    ("GET", "/collections/{collection}/snapshots/{snapshot}", Read, snapshots::download, "Download a snapshot", ""),
    ("DELETE", "/collections/{collection}/snapshots/{snapshot}", Write, snapshots::delete, "Remove a snapshot", ""),
    (
        "PUT",
        "/collections/{collection}/snapshots/recover",
        Write,
        snapshots::recover,
        "Put a snapshot in a collection's place",
        r#"{"location": "file:///path/notes.snapshot"}"#,
    ),
    ("POST", "/snapshots", Write, legacy::whole_snapshot, "Not supported: snapshots of everything", ""),
    ("GET", "/snapshots", Read, legacy::whole_snapshot, "Not supported: snapshots of everything", ""),
    ("GET", "/telemetry", Read, legacy::telemetry, "Not supported: there is no telemetry", ""),
    ("GET", "/cluster", Read, legacy::cluster_status, "There is no cluster", ""),
    ("GET", "/issues", Read, legacy::issues, "There are no issues", ""),
    ("GET", "/locks", Read, legacy::locks, "Not supported: locks", ""),
];

const HEALTH: [Row; 4] = [
    ("GET", "/healthz", Open, healthy, "Whether the server runs", ""),
    ("GET", "/livez", Open, healthy, "Whether the server runs", ""),
    ("GET", "/readyz", Open, healthy, "Whether the server is ready", ""),
    (
        "GET",
        "/metrics",
        Read,
        |app, _| Ok(Reply::Text("text/plain; version=0.0.4", crate::metrics::render(app))),
        "Prometheus metrics",
        "",
    ),
];

fn healthy(_: &crate::app::App, _: &crate::route::Call) -> Result<Reply, crate::error::ApiError> {
    Ok(Reply::Text("text/plain", "healthz check passed".into()))
}

pub(crate) fn routes() -> Vec<Route> {
    let tagged = |tag: &'static str, rows: &[Row]| -> Vec<Route> {
        let route = |(method, path, access, handler, summary, example): &Row| Route {
            method,
            path,
            access: *access,
            tag,
            summary,
            example,
            handler: *handler,
        };
        rows.iter().map(route).collect()
    };
    [
        tagged("collections", &COLLECTIONS),
        tagged("points", &POINTS),
        tagged("search", &QUERIES),
        tagged("snapshots", &SNAPSHOTS),
        tagged("service", &HEALTH),
    ]
    .into_iter()
    .flatten()
    .collect()
}
