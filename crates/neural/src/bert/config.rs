//! What a Hugging Face folder says of its model: `config.json`, and the files that sentence-transformers puts beside it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::LoadError;

/// The parts of `config.json` that the forward pass needs.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    /// `bert`, `roberta`, `xlm-roberta`, …
    pub model_type: String,
    /// Width of a token's vector.
    pub hidden_size: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// Attention heads of a layer.
    pub num_attention_heads: usize,
    /// Width inside the feed-forward part.
    pub intermediate_size: usize,
    /// Added to a variance before its root is taken.
    #[serde(default = "default_epsilon")]
    pub layer_norm_eps: f32,
    /// Rows of the position table.
    pub max_position_embeddings: usize,
    /// Activation: `gelu` is the only one that we build.
    #[serde(default = "default_activation")]
    pub hidden_act: String,
    /// How positions enter: `absolute` is the only way that we build.
    #[serde(default = "default_positions")]
    pub position_embedding_type: String,
    /// The padding token; RoBERTa counts positions from the one after it.
    #[serde(default)]
    pub pad_token_id: usize,
}

fn default_epsilon() -> f32 {
    1e-12
}

fn default_activation() -> String {
    "gelu".into()
}

fn default_positions() -> String {
    "absolute".into()
}

impl Config {
    /// Reads and checks `config.json`.
    ///
    /// # Errors
    /// When it cannot be read, or names a model that we do not build.
    pub fn read(folder: &Path) -> Result<Self, LoadError> {
        let path = folder.join("config.json");
        let config: Self = json(&path)?;
        let refuse = |why: String| Err(LoadError::Unsupported { path: path.clone(), why });
        if !matches!(config.model_type.as_str(), "bert" | "roberta" | "xlm-roberta" | "camembert") {
            return refuse(format!(
                "model_type is `{}`; we build bert, roberta, xlm-roberta, camembert",
                config.model_type
            ));
        }
        if config.hidden_act != "gelu" {
            return refuse(format!("hidden_act is `{}`; we build gelu", config.hidden_act));
        }
        if config.position_embedding_type != "absolute" {
            return refuse(format!(
                "position_embedding_type is `{}`; we build absolute",
                config.position_embedding_type
            ));
        }
        if config.num_attention_heads == 0 || !config.hidden_size.is_multiple_of(config.num_attention_heads) {
            return refuse(format!("{} heads do not divide {} values", config.num_attention_heads, config.hidden_size));
        }
        Ok(config)
    }

    /// Where positions begin: RoBERTa's first token has the position after the padding token's id.
    #[must_use]
    pub fn first_position(&self) -> usize {
        if self.model_type == "bert" { 0 } else { self.pad_token_id + 1 }
    }
}

/// In which numbers the linear layers are computed; everything else is f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// f32: what the model was published in.
    #[default]
    Single,
    /// bfloat16 factors with f32 sums: about twice as fast where the CPU has it, cosine to f32 above 0.9999.
    Half,
}

/// How token vectors become one vector of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The first token's.
    Cls,
}

/// What follows the transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Pooling.
    pub pooling: Pooling,
    /// Whether the vector is scaled to unit length.
    pub normalize: bool,
    /// Tokens that the model reads, with the two special ones.
    pub max_tokens: usize,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PoolingConfig {
    pooling_mode_cls_token: bool,
    pooling_mode_mean_tokens: bool,
    /// The newer form of the file.
    pooling_mode: Option<String>,
}

#[derive(Deserialize)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
}

impl Head {
    /// Reads `modules.json` and what it names; a folder without it pools by the mean and normalises.
    ///
    /// # Errors
    /// When a file cannot be read, or a module is one that we do not build.
    pub fn read(folder: &Path, config: &Config) -> Result<Self, LoadError> {
        let limit = config.max_position_embeddings - config.first_position().min(config.max_position_embeddings);
        let mut head = Self { pooling: Pooling::Mean, normalize: true, max_tokens: limit };
        let sentence = folder.join("sentence_bert_config.json");
        if sentence.exists() {
            head.max_tokens = json::<SentenceConfig>(&sentence)?.max_seq_length.unwrap_or(limit).min(limit);
        }
        let path = folder.join("modules.json");
        if !path.exists() {
            return Ok(head);
        }
        head.normalize = false;
        for module in json::<Vec<Module>>(&path)? {
            match module.kind.rsplit('.').next().unwrap_or("") {
                "Transformer" => {}
                "Normalize" => head.normalize = true,
                "Pooling" => head.pooling = pooling(&folder.join(&module.path).join("config.json"))?,
                other => {
                    let why = format!("module `{other}` is not built; we build Transformer, Pooling, Normalize");
                    return Err(LoadError::Unsupported { path, why });
                }
            }
        }
        Ok(head)
    }
}

fn pooling(path: &Path) -> Result<Pooling, LoadError> {
    let config: PoolingConfig = json(path)?;
    match config.pooling_mode.as_deref() {
        Some("mean") => Ok(Pooling::Mean),
        Some("cls") => Ok(Pooling::Cls),
        None if config.pooling_mode_mean_tokens && !config.pooling_mode_cls_token => Ok(Pooling::Mean),
        None if config.pooling_mode_cls_token && !config.pooling_mode_mean_tokens => Ok(Pooling::Cls),
        _ => Err(LoadError::Unsupported {
            path: path.to_owned(),
            why: "pooling is neither the mean nor the first token".into(),
        }),
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, LoadError> {
    let bytes = fs_err::read(path)?;
    serde_json::from_slice(&bytes).map_err(|e| LoadError::Json { path: PathBuf::from(path), why: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERT: &str = r#"{"model_type":"bert","hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,
        "intermediate_size":16,"max_position_embeddings":32}"#;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn modules_decide_pooling_and_length() {
        let modules = r#"[{"path":"","type":"a.Transformer"},{"path":"1_Pooling","type":"a.Pooling"}]"#;
        let dir = folder(&[
            ("config.json", BERT),
            ("modules.json", modules),
            ("1_Pooling/config.json", r#"{"pooling_mode_cls_token":true}"#),
            ("sentence_bert_config.json", r#"{"max_seq_length":20}"#),
        ]);
        let config = Config::read(dir.path()).unwrap();
        let head = Head::read(dir.path(), &config).unwrap();
        assert_eq!(head, Head { pooling: Pooling::Cls, normalize: false, max_tokens: 20 });
    }

    #[test]
    fn what_we_do_not_build_is_named() {
        let dir = folder(&[("config.json", &BERT.replace("\"bert\"", "\"t5\""))]);
        let err = Config::read(dir.path()).unwrap_err().to_string();
        assert!(err.contains("t5") && err.contains("config.json"), "{err}");
        let dir = folder(&[("config.json", BERT), ("modules.json", r#"[{"path":"","type":"x.Dense"}]"#)]);
        let err = Head::read(dir.path(), &Config::read(dir.path()).unwrap()).unwrap_err().to_string();
        assert!(err.contains("Dense"), "{err}");
    }
}
