//! `vectory push` and `vectory pull`: collections between spaces and servers that speak the Qdrant REST API.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::output::{self, Failure};
use super::search_remote::RemoteArgs;
use super::{Global, encoders};
use crate::space::{Live, Op, Space, Writer, WriterParams};

#[derive(Args)]
#[command(after_help = "Example: vectory push notes.space http://host:6333 --shards 4 --replicas 2")]
pub(super) struct PushArgs {
    /// The space
    #[arg(value_name = "X.space")]
    space: PathBuf,
    /// The server; the collection is made there
    #[arg(value_name = "URL")]
    url: String,
    /// Name of the collection (default: that of the space)
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Shards of the collection, on a cluster
    #[arg(long, value_name = "N")]
    shards: Option<u32>,
    /// Copies of each shard, on a cluster
    #[arg(long, value_name = "N")]
    replicas: Option<u32>,
    #[command(flatten)]
    remote: RemoteArgs,
}

#[derive(Args)]
#[command(after_help = "Example: vectory pull http://host:6333/notes -o notes.space")]
pub(super) struct PullArgs {
    /// The server and the collection
    #[arg(value_name = "URL/COLLECTION")]
    from: String,
    /// Where the space goes; must not be there
    #[arg(short, long, value_name = "X.space")]
    output: PathBuf,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// Points that travel together.
const BATCH: usize = 256;

pub(super) fn push(args: &PushArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let space = Space::open(&args.space, &*encoders())?;
    let stem = args.space.file_stem().unwrap_or_default().to_string_lossy();
    let name = args.name.clone().unwrap_or_else(|| stem.into_owned());
    let client = args.remote.client(&args.url)?;
    let mut collection = crate::serve::collection_of(&space);
    for (key, value) in [("shard_number", args.shards), ("replication_factor", args.replicas)] {
        if let Some(n) = value {
            collection[key] = json!(n);
        }
    }
    let path = format!("/collections/{name}");
    client.ask("PUT", &path, Some(&collection))?;
    let (mut start, mut sent) = (None, 0);
    ctx.progress().begin("pushing", Some(space.info().documents), "points");
    loop {
        ctx.check()?;
        let (points, next) = crate::serve::points_of(&space, start.as_deref(), BATCH)?;
        if !points.is_empty() {
            client.ask("PUT", &format!("{path}/points?wait=true"), Some(&json!({"points": points})))?;
        }
        sent += points.len();
        ctx.progress().advance(points.len() as u64);
        match next {
            Some(next) => start = Some(next),
            None => break,
        }
    }
    ctx.progress().end();
    if g.json {
        return output::json(&json!({"collection": name, "points": sent}));
    }
    if g.quiet { Ok(()) } else { output::print(&format!("{}/collections/{name}: {sent} points", args.url)) }
}

pub(super) fn pull(args: &PullArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let (url, name) = args
        .from
        .trim_end_matches('/')
        .rsplit_once('/')
        .filter(|(u, _)| u.contains("://") && !u.ends_with('/'))
        .ok_or_else(|| Failure::usage(format!("{}: expected http://host:port/collection", args.from)))?;
    let client = args.remote.client(url)?;
    let path = format!("/collections/{name}");
    let info = client.ask("GET", &path, None)?;
    let recipe = crate::serve::recipe_of(&info)?;
    let writer = Writer::create(&args.output, &recipe, &*encoders(), WriterParams::default())?;
    let live = Live::start(
        &args.output,
        writer,
        &*encoders(),
        crate::core::Context::new(g.seed, g.threads).map_err(Failure::failed)?,
    )?;
    let (mut start, mut got) = (Value::Null, 0);
    ctx.progress().begin("pulling", info["points_count"].as_u64(), "points");
    loop {
        ctx.check()?;
        let body = json!({"limit": BATCH, "offset": start, "with_payload": true, "with_vector": true});
        let page = client.ask("POST", &format!("{path}/points/scroll"), Some(&body))?;
        let points = crate::serve::points_from(&page["points"])?;
        got += points.len();
        ctx.progress().advance(points.len() as u64);
        live.apply(Op::Upsert(points))?;
        start = page["next_page_offset"].clone();
        if start.is_null() {
            break;
        }
    }
    ctx.progress().end();
    live.apply(Op::Optimize)?;
    if g.json {
        return output::json(&json!({"space": args.output, "points": got}));
    }
    if g.quiet { Ok(()) } else { output::print(&format!("{}: {got} points", args.output.display())) }
}
