//! `vectory snapshot` and `vectory restore`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::space::{self, Space};

#[derive(Args)]
pub(super) struct SnapshotArgs {
    /// The space; it may be in use
    #[arg(value_name = "X.space")]
    space: PathBuf,
    /// Where the snapshot goes (a ZIP archive without compression, with checksums)
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Args)]
pub(super) struct RestoreArgs {
    /// A snapshot
    #[arg(value_name = "FILE")]
    snapshot: PathBuf,
    /// Where the space goes; must not be there
    #[arg(short, long, value_name = "X.space")]
    output: PathBuf,
}

pub(super) fn snapshot(args: &SnapshotArgs, g: &Global) -> Result<(), Failure> {
    let space = Space::open(&args.space, &*encoders())?;
    let bytes = space.write_snapshot(&args.output, &g.context()?)?;
    let generation = space.manifest().generation;
    if g.json {
        return output::json(&json!({"file": args.output, "bytes": bytes, "generation": generation}));
    }
    if g.quiet {
        Ok(())
    } else {
        output::print(&format!("{}: {bytes} bytes, commit {generation}", args.output.display()))
    }
}

pub(super) fn restore(args: &RestoreArgs, g: &Global) -> Result<(), Failure> {
    space::restore(&args.snapshot, &args.output, &g.context()?)?;
    let info = Space::open(&args.output, &*encoders())?.info();
    if g.json {
        return output::json(
            &json!({"space": args.output, "documents": info.documents, "generation": info.generation}),
        );
    }
    if g.quiet { Ok(()) } else { output::print(&format!("{}: {} documents", args.output.display(), info.documents)) }
}
