//! Makes a static encoder: `distill FOLDER OUT.safetensors CACHE TEXT… [key=value…]` (texts plain or .zst, see `distill::source`).
//! Keys: dim, max_texts, keywords, min_word_count, rows, epochs, batch, rate, similarity, temperature, cosine, seed, threads, name.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use vectory_core::{Context, Progress};
use vectory_neural::distill::pieces::Article;
use vectory_neural::distill::{DistillParams, distill_folder, source};

type Failure = Box<dyn std::error::Error>;

/// Notes on standard error.
struct Notes(Instant);

impl Progress for Notes {
    fn begin(&self, stage: &str, total: Option<u64>, unit: &str) {
        eprintln!("{:.0} s: {stage}, {} {unit}", self.0.elapsed().as_secs_f64(), total.unwrap_or(0));
    }
    fn advance(&self, _: u64) {}
    fn note(&self, text: &str) {
        eprintln!("{:.0} s: {text}", self.0.elapsed().as_secs_f64());
    }
    fn end(&self) {}
}

fn open(path: &str) -> Result<Box<dyn BufRead>, Failure> {
    let file = fs_err::File::open(path)?;
    Ok(if path.ends_with(".zst") {
        Box::new(BufReader::new(zstd::stream::read::Decoder::new(file)?))
    } else {
        Box::new(BufReader::new(file))
    })
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (keys, files): (Vec<&String>, Vec<&String>) = args.iter().partition(|a| a.contains('='));
    let [folder, out, cache, texts @ ..] = files.as_slice() else {
        return Err("usage: distill FOLDER OUT.safetensors CACHE TEXT… [key=value…]".into());
    };
    let mut params = DistillParams { cache: Some(cache.into()), ..DistillParams::default() };
    let (mut seed, mut threads, mut name) = (42, 0, "static-en");
    for key in keys {
        let (key, value) = key.split_once('=').unwrap_or_default();
        match key {
            "dim" => params.dim = value.parse()?,
            "max_texts" => params.max_texts = value.parse()?,
            "keywords" => params.keywords.texts = value.parse()?,
            "min_word_count" => params.vocabulary.min_word_count = value.parse()?,
            "rows" => params.vocabulary.max_rows = value.parse()?,
            "epochs" => params.train.epochs = value.parse()?,
            "batch" => params.train.batch = value.parse()?,
            "rate" => params.train.rate = value.parse()?,
            "cosine" => params.train.loss.cosine = value.parse()?,
            "similarity" => params.train.loss.similarity = value.parse()?,
            "temperature" => params.train.loss.temperature = value.parse()?,
            "seed" => seed = value.parse()?,
            "threads" => threads = value.parse()?,
            "name" => name = value,
            other => return Err(format!("unknown key `{other}`").into()),
        }
    }
    let ctx = Context::new(seed, threads)?.with_progress(Arc::new(Notes(Instant::now())));
    let mut articles: Vec<std::io::Result<Article>> = Vec::new();
    for text in texts {
        articles.extend(source::articles(open(text)?));
    }
    let student = distill_folder(Path::new(folder.as_str()), articles.into_iter(), &params, &ctx)?;
    let provenance = serde_json::json!({ "teacher": "all-MiniLM-L6-v2", "params": params, "seed": seed, "measured": student.summary });
    student.encoder(name)?.save(Path::new(out.as_str()), provenance)?;
    println!("{}", serde_json::to_string(&student.summary)?);
    Ok(())
}
