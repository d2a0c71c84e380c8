//! `vectory reembed`: another encoder for a view, in place.

use std::path::PathBuf;

use clap::Args;

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::space::{Reembed, WriterParams};

#[derive(Args)]
#[command(after_help = "Example: vectory reembed notes.space --model models/e5-small
The new vectors are made beside the old ones; searches and changes go on. One commit puts them in their place.
Interrupt it at any time: the space is as it was, and the same command goes on where it stopped.")]
pub(super) struct ReembedArgs {
    /// The space
    #[arg(value_name = "X.space")]
    space: PathBuf,
    /// The new encoder: `default`, a static model or a Hugging Face folder
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// Which view
    #[arg(long, default_value = "meaning")]
    view: String,
}

pub(super) fn run(args: &ReembedArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, encoders) = (g.context()?, encoders());
    let model = super::build::absolute(&args.model);
    let request = Reembed { path: &args.space, view: &args.view, model, encoders: &*encoders };
    let done = match request.run(WriterParams::default(), &ctx) {
        Err(e) if e.is_cancelled() => {
            let space = args.space.display();
            return Err(Failure::interrupted(format!(
                "interrupted; {space} is as it was: run the same command again to go on"
            )));
        }
        other => other?,
    };
    if g.json {
        return output::json(&done);
    }
    if g.quiet {
        return Ok(());
    }
    let n = output::grouped;
    output::print(&format!(
        "{}: view {} is made by {} now; {} passages, {} encoded in this run, {} before, {:.1} s",
        args.space.display(),
        done.view,
        done.encoder,
        n(done.passages),
        n(done.encoded),
        n(done.resumed),
        done.seconds
    ))
}
