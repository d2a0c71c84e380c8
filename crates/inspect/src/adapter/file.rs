//! An adapter as an artifact.

use std::path::Path;

use vectory_core::artifact::{self, Artifact, ArtifactError, Card, TensorOut};

use super::{Adapter, net};

const KIND: &str = "adapter";

impl Adapter {
    /// Writes an artifact of kind `adapter`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path, provenance: serde_json::Value) -> Result<(), ArtifactError> {
        let params = serde_json::json!({
            "dim": self.dim, "hidden": self.hidden, "scale": self.scale, "passes": self.passes,
            "dropout": self.dropout, "loss": self.loss,
        });
        let card = Card { kind: KIND.into(), version: 1, params, provenance };
        let weights = self.net.flat();
        artifact::save(path, &card, &[TensorOut::f32("parameters", vec![1, weights.len()], &weights)])
    }

    /// Reads what [`Adapter::save`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged or holds something else.
    pub fn open(path: &Path) -> Result<Self, ArtifactError> {
        let a = Artifact::open_kind(path, KIND, 1)?;
        let p = &a.card().params;
        let whole = |name: &str| p[name].as_u64().unwrap_or(0) as usize;
        let (dim, hidden, passes) = (whole("dim"), whole("hidden"), whole("passes"));
        let (scale, dropout) = (p["scale"].as_f64().unwrap_or(0.0) as f32, p["dropout"].as_f64().unwrap_or(0.0) as f32);
        let weights = a.rows("parameters")?;
        let wanted = dim.checked_mul(hidden + 3).and_then(|v| v.checked_add(hidden)).zip(hidden.checked_mul(3 * dim));
        let legal = dim > 0 && hidden > 0 && passes >= 2 && scale > 0.0 && (0.0..=0.9).contains(&dropout);
        if !legal || wanted.map(|(a, b)| a + b) != Some(weights.as_slice().len()) {
            let why = format!("{} values do not make a net of {dim} and {hidden} units", weights.as_slice().len());
            return Err(ArtifactError::Tensor { path: path.to_owned(), name: "parameters".into(), why });
        }
        let mut net = net(dim, hidden, dropout, 0);
        net.set_flat(weights.as_slice());
        Ok(Self { net, dim, hidden, dropout, scale, passes, loss: p["loss"].as_f64().unwrap_or(f64::NAN) })
    }
}
