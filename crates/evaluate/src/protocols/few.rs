//! A few examples a class.

use rand::RngExt;
use vectory_core::{Context, rng};

use super::heads::fit;
use super::{Labelled, ProtocolError, Scores, Split};

/// Scores over several draws of examples.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct FewShot {
    /// Examples a class.
    pub shots: usize,
    /// Of each draw.
    pub draws: Vec<Scores>,
}

impl FewShot {
    /// Mean and standard deviation over draws.
    #[must_use]
    pub fn summary(&self, of: impl Fn(&Scores) -> f64) -> (f64, f64) {
        let n = self.draws.len().max(1) as f64;
        let mean = self.draws.iter().map(&of).sum::<f64>() / n;
        let variance = self.draws.iter().map(|s| (of(s) - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        (mean, variance.sqrt())
    }
}

/// Logistic regression (strength 1 on rows of unit length) on `shots` examples of each class, `draws` times. Draws depend on
/// labels and seed alone: the same for all models.
///
/// # Errors
/// [`ProtocolError`]: a class with fewer examples than shots, 0 shots or draws, interrupted.
pub fn few_shot(split: &Split, shots: usize, draws: usize, ctx: &Context) -> Result<FewShot, ProtocolError> {
    if shots == 0 || draws == 0 {
        return Err(ProtocolError::Param { field: "shots and draws", legal: "1 or more" });
    }
    let unit = |l: &Labelled| {
        let mut l = l.clone();
        l.rows.normalize();
        l
    };
    let (train, test) = (unit(&split.train), unit(&split.test));
    let members = train.members();
    if let Some(c) = members.iter().position(|m| m.len() < shots) {
        let (name, have) = (&train.names[c], members[c].len());
        return Err(ProtocolError::TooFew(format!(
            "class `{name}` has {have} rows to learn from, {shots} shots were asked for"
        )));
    }
    let one = |draw: usize| -> Result<Scores, ProtocolError> {
        ctx.check()?;
        let mut r = rng::item(ctx.seed, "few-shot draw", draw as u64);
        let mut ids = Vec::new();
        for class in &members {
            let mut left = class.clone();
            for _ in 0..shots {
                ids.push(left.swap_remove(r.random_range(0..left.len())));
            }
        }
        let model = fit(&train.pick(&ids), 1.0 * ids.len() as f64, ctx)?;
        Ok(Scores::of(&test.labels, &model.predict(test.view(), ctx)?))
    };
    Ok(FewShot { shots, draws: (0..draws).map(one).collect::<Result<_, _>>()? })
}
