//! `vectory snapshot` and `vectory restore`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::space::{self, Space};

#[derive(Args)]
#[command(after_help = "Examples:
  vectory snapshot notes.space -o monday.snapshot
  vectory snapshot notes.space -o tuesday.snapshot --since monday.snapshot    # only what is new
  vectory restore tuesday.snapshot -o notes.space                             # finds monday.snapshot beside it")]
pub(super) struct SnapshotArgs {
    /// The space; it may be in use
    #[arg(value_name = "X.space")]
    space: PathBuf,
    /// Where the snapshot goes (a ZIP archive without compression, with checksums)
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Only what this snapshot does not have; it is needed to restore
    #[arg(long, value_name = "PREV")]
    since: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct RestoreArgs {
    /// A snapshot; of an increment, also those that it stands on, where they do not lie beside it
    #[arg(value_name = "FILE", required = true, num_args = 1..)]
    snapshots: Vec<PathBuf>,
    /// Where the space goes; must not be there
    #[arg(short, long, value_name = "X.space")]
    output: PathBuf,
}

pub(super) fn snapshot(args: &SnapshotArgs, g: &Global) -> Result<(), Failure> {
    let space = Space::open(&args.space, &*encoders())?;
    let bytes = space.write_snapshot(&args.output, args.since.as_deref(), &g.context()?)?;
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
    space::restore(&args.snapshots, &args.output, &g.context()?)?;
    let name = args.output.display();
    // Every byte was checked: the space is whole even where it cannot be opened, say for want of its model.
    let info = match Space::open(&args.output, &*encoders()) {
        Ok(space) => space.info(),
        Err(e) => {
            eprintln!("vectory: {name} is restored, but does not open here: {e}");
            return if g.json {
                output::json(&json!({"space": args.output, "warning": e.to_string()}))
            } else {
                Ok(())
            };
        }
    };
    if g.json {
        return output::json(
            &json!({"space": args.output, "documents": info.documents, "generation": info.generation}),
        );
    }
    if g.quiet { Ok(()) } else { output::print(&format!("{name}: {} documents", info.documents)) }
}
