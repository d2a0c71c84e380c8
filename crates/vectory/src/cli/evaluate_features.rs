//! `vectory evaluate features`: which properties of things can be read off their word vectors.

use std::path::PathBuf;

use clap::Args;

use super::output::{self, Failure};
use super::{Global, words};
use crate::evaluate::features::{Norms, ProbeParams, features};
use crate::learn::words::WordSpace;

#[derive(Args)]
pub(super) struct FeaturesArgs {
    /// A model: our artifact, word2vec text or binary, GloVe, fastText, …
    model: PathBuf,
    /// Norms: class, feature, concepts between tabs (default: a small free set)
    #[arg(long, value_name = "NORMS.tsv")]
    norms: Option<PathBuf>,
    /// Features that fewer known concepts have are left out
    #[arg(long, default_value_t = 5, value_name = "N")]
    least: usize,
    /// Also list every feature
    #[arg(long)]
    all: bool,
}

pub(super) fn run(args: &FeaturesArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, model) = (g.context()?, words::open(&args.model)?);
    let norms = match &args.norms {
        Some(path) => Norms::read(path)?,
        None => Norms::built_in()?,
    };
    let params = ProbeParams { least: args.least.max(2), ..ProbeParams::default() };
    let found = features(&WordSpace::of(&model), &norms, &params, &ctx)
        .map_err(|e| Failure::failed(format!("{}: {e} (is it of the language of the norms?)", args.model.display())))?;
    if g.json {
        return output::json(&found);
    }
    let mut rows = vec![["class", "median F1", "95 %", "features"].map(str::to_owned).to_vec()];
    for c in &found.classes {
        let interval = format!("{:.2} – {:.2}", c.interval.0, c.interval.1);
        rows.push(vec![c.class.clone(), format!("{:.3}", c.median), interval, c.features.to_string()]);
    }
    output::print(output::table(&rows, &[1, 3]).trim_end())?;
    if args.all {
        let line = |f: &crate::evaluate::features::FeatureFit| {
            vec![f.class.clone(), f.name.clone(), format!("{:.3}", f.f1), f.concepts.to_string()]
        };
        output::print(&format!(
            "\n{}",
            output::table(&found.features.iter().map(line).collect::<Vec<_>>(), &[2, 3]).trim_end()
        ))?;
    }
    let error = found.fit_and_error.map_or_else(String::new, |r| {
        format!("; correlation of a concept's fit with the error of its similarities {r:.3}")
    });
    output::print(&format!(
        "\n{} concepts, {} unknown; {} features with fewer than {} known concepts left out; penalty 1 / {}{error}",
        found.concepts, found.unknown, found.rare, params.least, found.strength
    ))
}
