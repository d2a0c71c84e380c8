//! `vectory senses`: which of its senses a word has in a text.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::core::Context;
use crate::learn::senses::Senses;
use crate::learn::words::WordSpace;

#[derive(Args)]
pub(super) struct SensesArgs {
    /// A model (`vectory learn senses`)
    model: PathBuf,
    /// The word
    word: String,
    /// A text to judge by; repeat for more
    #[arg(short, long, value_name = "TEXT")]
    context: Vec<String>,
    /// Nearest words shown with a sense
    #[arg(short, default_value_t = 6)]
    k: usize,
}

pub(super) fn run(args: &SensesArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, model) = (g.context()?, Senses::open(&args.model)?);
    let unknown = || {
        Failure::failed(format!(
            "`{}` is not among the {} words of {}",
            args.word,
            model.vocabulary().len(),
            args.model.display()
        ))
    };
    let word = if model.vocabulary().id(&args.word).is_some() { args.word.clone() } else { args.word.to_lowercase() };
    let id = model.vocabulary().id(&word).ok_or_else(unknown)?;
    let near = nearest(&model, id, args.k, &ctx)?;
    let guesses: Vec<Vec<f32>> =
        args.context.iter().map(|c| model.sense(&word, c).ok_or_else(unknown)).collect::<Result<_, _>>()?;
    let senses = model.senses(id);
    if g.json {
        let sense = |(s, near): (&crate::learn::senses::Sense<'_>, &Vec<String>)| serde_json::json!({"sense": s.number, "share": s.share, "nearest": near});
        let context = |(text, q): (&String, &Vec<f32>)| {
            let likely = |s: &crate::learn::senses::Sense<'_>| serde_json::json!({"sense": s.number, "probability": q[s.number]});
            serde_json::json!({"context": text, "senses": senses.iter().map(likely).collect::<Vec<_>>()})
        };
        return output::json(&serde_json::json!({
            "word": word, "senses": senses.iter().zip(&near).map(sense).collect::<Vec<_>>(),
            "contexts": args.context.iter().zip(&guesses).map(context).collect::<Vec<_>>(),
        }));
    }
    let mut head = vec!["sense".to_owned(), "share".into()];
    head.extend((1..=guesses.len()).map(|i| format!("in {i}")));
    head.push("nearest".into());
    let mut rows = vec![head];
    for (s, near) in senses.iter().zip(&near) {
        let mut row = vec![format!("{word}#{}", s.number), format!("{:.2}", s.share)];
        row.extend(guesses.iter().map(|q| format!("{:.3}", q[s.number])));
        row.push(near.join(" "));
        rows.push(row);
    }
    output::print(output::table(&rows, &(1..2 + guesses.len()).collect::<Vec<_>>()).trim_end())
}

/// The words nearest to each sense; each word once, by its nearest sense.
fn nearest(model: &Senses, id: u32, k: usize, ctx: &Context) -> Result<Vec<Vec<String>>, Failure> {
    let all = model.embedding()?;
    let space = WordSpace::new(all.vocabulary().clone(), all.word_vectors(), None);
    let own = format!("{}#", model.vocabulary().word(id));
    let one = |s: &crate::learn::senses::Sense<'_>| {
        let mut names: Vec<String> = Vec::new();
        for hit in space.nearest(s.vector, k * model.params().senses + model.params().senses, &[], ctx) {
            let name = space.vocabulary().word(hit.id);
            let plain = name.rsplit_once('#').map_or(name, |n| n.0).to_owned();
            if !name.starts_with(&own) && !names.contains(&plain) && names.len() < k {
                names.push(plain);
            }
        }
        names
    };
    Ok(model.senses(id).iter().map(one).collect())
}
