//! `vectory inspect robustness`: how far a text's vector moves when words are replaced.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;

use super::super::output::{self, Failure};
use super::super::{Global, compare, encoder};
use crate::core::{Context, Encode};
use crate::inspect::robustness::{self, Lexicon, RobustnessParams};
use crate::io::documents::{self, Item, SourceParams, SourceSpec, Unit};
use crate::transform::claim_data::each_token;

#[derive(Args)]
pub(super) struct RobustnessArgs {
    /// Texts: any source that `build` reads; `-` for stdin, one text a line
    #[arg(required = true, value_name = "TEXTS")]
    sources: Vec<String>,
    /// Text files: one text a line instead of one a file
    #[arg(long)]
    lines: bool,
    /// Where word vectors come from: a static model, a word model, or a Hugging Face folder (default: the built-in English one)
    #[arg(long, value_name = "MODEL", default_value = "default")]
    model: String,
    /// Words that are known: the most frequent ones of the texts
    #[arg(long, default_value_t = 3000, value_name = "N")]
    words: usize,
    /// Lengths of texts, in known words
    #[arg(long, value_delimiter = ',', default_value = "16,32,64,128,256,512,1024", value_name = "T,…")]
    lengths: Vec<usize>,
    /// Words that are replaced
    #[arg(long, default_value_t = 1, value_name = "M")]
    replaced: usize,
    /// Texts of each length
    #[arg(long, default_value_t = 20, value_name = "N")]
    texts: usize,
    /// Also write one HTML file with pictures
    #[arg(long, value_name = "F.html")]
    html: Option<PathBuf>,
}

pub(super) fn run(args: &RobustnessArgs, g: &Global) -> Result<(), Failure> {
    let params = RobustnessParams {
        lengths: args.lengths.clone(),
        replaced: args.replaced,
        texts: args.texts,
        ..RobustnessParams::default()
    };
    params.check().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let encoder = encoder(&args.model, None)?;
    let (lexicon, texts) = known(args, &*encoder, &ctx)?;
    let found = robustness::robustness(&texts, &lexicon, &params, &ctx)
        .map_err(|e| Failure::failed(format!("{}: {e}", args.sources.join(", "))))?;
    if g.json && args.html.is_none() {
        return output::json(&found);
    }
    let mut report = robustness::report(&found, &params);
    report.title = args.sources.join(", ");
    compare::show(&report, args.html.as_deref(), g)
}

/// The most frequent words with their vectors and idf (smoothed, above 0), and the texts as their numbers.
fn known(args: &RobustnessArgs, encoder: &dyn Encode, ctx: &Context) -> Result<(Lexicon, Vec<Vec<u32>>), Failure> {
    let source = SourceParams { unit: if args.lines { Unit::Line } else { Unit::Auto }, ..SourceParams::default() };
    let specs: Vec<SourceSpec> = args.sources.iter().map(|s| SourceSpec::from(s.as_str())).collect();
    let (mut place, mut names, mut counts) = (HashMap::<String, u32>::new(), Vec::new(), Vec::<(usize, usize)>::new());
    let mut texts: Vec<Vec<u32>> = Vec::new();
    for item in documents::open(&specs, &source)? {
        let Item::Document(d) = item? else { continue };
        let mut ids = Vec::new();
        each_token(&d.text, |t| {
            if t.chars().any(char::is_alphanumeric) {
                let id = *place.entry(t.to_owned()).or_insert_with(|| {
                    names.push(t.to_owned());
                    counts.push((0, 0));
                    names.len() as u32 - 1
                });
                ids.push(id);
            }
        });
        ids.iter().for_each(|i| counts[*i as usize].0 += 1);
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        once.iter().for_each(|i| counts[*i as usize].1 += 1);
        texts.push(ids);
    }
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|a, b| counts[*b].0.cmp(&counts[*a].0).then(names[*a].cmp(&names[*b])));
    order.truncate(args.words);
    let new: HashMap<u32, u32> = order.iter().map(|i| *i as u32).zip(0..).collect();
    let idf = order.iter().map(|i| ((1.0 + texts.len() as f64) / (1.0 + counts[*i].1 as f64)).ln() + 1.0).collect();
    let words: Vec<&str> = order.iter().map(|i| names[*i].as_str()).collect();
    let lexicon = Lexicon { vectors: encoder.encode(&words, ctx)?, idf };
    let texts = texts.iter().map(|t| t.iter().filter_map(|i| new.get(i).copied()).collect()).collect();
    Ok((lexicon, texts))
}
