//! Which encoders there are: the one inside the binary, static model files, Hugging Face folders.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};
use vectory_core::artifact::Artifact;
use vectory_core::{Context, Encode};
use vectory_learn as learn;
use vectory_learn::statics::StaticEncoder;
use vectory_space::{EncoderLearner, EncoderProvider};

/// The static English encoder that ships inside (see `assets/README.md`).
static DEFAULT: &[u8] = include_bytes!("../../../assets/static-en.safetensors");

/// Opens encoders by name: `default`, a learned model (`.safetensors`), word vectors of other programs, or a Hugging Face folder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Encoders;

impl EncoderProvider for Encoders {
    fn open(&self, spec: &str, base: &Path) -> Result<Arc<dyn Encode>, String> {
        if spec == "default" {
            return default_encoder().map_err(|e| e.to_string());
        }
        let there = |spec: &str| {
            let beside = base.join(spec);
            if beside.exists() { beside } else { PathBuf::from(spec) }
        };
        // `FOLDER#mean:1+12`: pooling and layers of a transformer.
        match spec.rsplit_once('#') {
            Some((folder, preset)) if !there(spec).exists() => open_preset(&there(folder), preset),
            _ => open_path(&there(spec)),
        }
    }

    fn learner(&self, kind: &str, params: &Map<String, Value>) -> Result<Box<dyn EncoderLearner>, String> {
        Ok(Box::new(Named(learn::named::Job::new(kind, params).map_err(|e| e.to_string())?)))
    }
}

/// A learner of recipes.
struct Named(learn::named::Job);

impl EncoderLearner for Named {
    fn learn(&self, text: &Path, to: &Path, ctx: &Context) -> Result<(), String> {
        self.0.learn(text, to, ctx).map_err(|e| e.to_string())
    }
}

fn open_preset(folder: &Path, preset: &str) -> Result<Arc<dyn Encode>, String> {
    if !is_transformer(folder) {
        return Err(format!("{}: `#{preset}` belongs to a Hugging Face folder with config.json", folder.display()));
    }
    let preset = preset.parse()?;
    vectory_neural::bert::load_preset(folder, Some(&preset)).map(Arc::from).map_err(|e| e.to_string())
}

fn is_transformer(path: &Path) -> bool {
    path.is_dir() && path.join("config.json").exists() && !is_model2vec(path)
}

/// The encoder inside the binary; unpacked once a process.
///
/// # Errors
/// When the embedded model is damaged, which a test excludes.
pub fn default_encoder() -> Result<Arc<dyn Encode>, DefaultEncoderError> {
    static ONCE: OnceLock<Result<Arc<StaticEncoder>, DefaultEncoderError>> = OnceLock::new();
    let made = ONCE.get_or_init(|| {
        StaticEncoder::from_bytes(DEFAULT).map(Arc::new).map_err(|e| DefaultEncoderError(e.to_string()))
    });
    made.clone().map(|e| e as Arc<dyn Encode>)
}

/// The embedded model cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the built-in encoder is damaged: {0}")]
pub struct DefaultEncoderError(String);

fn open_path(path: &Path) -> Result<Arc<dyn Encode>, String> {
    if is_transformer(path) {
        return vectory_neural::load_encoder(path).map(Arc::from).map_err(|e| e.to_string());
    }
    if learned(path) {
        return learn::open_encoder(path).map_err(|e| e.to_string());
    }
    if path.exists() {
        return StaticEncoder::load(path).map(|e| Arc::new(e) as Arc<dyn Encode>).map_err(|e| e.to_string());
    }
    Err(format!(
        "no model at {} (give `default`, a learned model .safetensors, word vectors, or a Hugging Face folder with config.json, tokenizer.json and model.safetensors)",
        path.display()
    ))
}

/// Whether a file is a model that `learn` made, or word vectors of another program.
fn learned(path: &Path) -> bool {
    path.is_file() && Artifact::open(path).map_or(true, |a| a.card().kind != "static-encoder")
}

/// model2vec folders look like Hugging Face ones; their config says so.
fn is_model2vec(folder: &Path) -> bool {
    fs_err::read_to_string(folder.join("config.json")).is_ok_and(|c| c.contains("model2vec"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_encoder_knows_meaning() {
        let encoder = default_encoder().unwrap();
        let ctx = Context::new(1, 1).unwrap();
        let rows = encoder.encode(&["a dog barks", "the puppy is barking", "stock prices fell"], &ctx).unwrap();
        let cos = |a: usize, b: usize| rows.row(a).iter().zip(rows.row(b)).map(|(x, y)| x * y).sum::<f32>();
        assert!(cos(0, 1) > cos(0, 2) + 0.2, "{} {}", cos(0, 1), cos(0, 2));
    }

    #[test]
    fn a_missing_model_is_named_with_the_remedy() {
        let err = Encoders.open("no/such", Path::new(".")).err().unwrap();
        assert!(err.contains("no/such") && err.contains("Hugging Face"), "{err}");
        let err = Encoders.open("no/such#mean:1+12", Path::new(".")).err().unwrap();
        assert!(err.contains("no/such:") && err.contains("#mean:1+12"), "{err}");
    }
}
