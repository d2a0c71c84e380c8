//! From the written chain to steps that can be fitted.

use serde_json::{Map, Number, Value};
use vectory_core::{Context, Vectors, VectorsRef};

use super::catalog::{Bare, STEPS, StepInfo};
use super::fitted::Chain;
use crate::{FitTransform, Side, Transform, TransformError};

/// A chain that is not fitted yet.
pub struct Plan {
    text: String,
    steps: Vec<(String, Box<dyn FitTransform>)>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plan({})", self.text)
    }
}

impl Plan {
    /// Reads `name:argument,key=value | name | …`.
    ///
    /// # Errors
    /// [`TransformError::Parse`] naming the step and what would be right.
    pub fn parse(text: &str) -> Result<Self, TransformError> {
        let mut steps = Vec::new();
        for (i, step) in text.split('|').map(str::trim).enumerate() {
            let made = one(step).map_err(|why| TransformError::Parse { at: i + 1, step: step.to_owned(), why })?;
            steps.push((step.to_owned(), made));
        }
        let names: Vec<&str> = steps.iter().map(|s| s.0.as_str()).collect();
        Ok(Self { text: names.join(" | "), steps })
    }

    /// The chain as it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Fits the steps one after the other, each on what the earlier ones make of the rows. Anchors go through the earlier steps,
    /// too; targets do not.
    ///
    /// # Errors
    /// [`TransformError::Step`] naming the step that failed; [`TransformError::NonFinite`], [`TransformError::Pairs`].
    pub fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Chain, TransformError> {
        side.check(rows)?;
        if rows.rows() == 0 || rows.dim() == 0 {
            return Err(TransformError::TooFew { needed: 1, rows: rows.rows() });
        }
        for rows in [Some(rows), side.anchors, side.targets].into_iter().flatten() {
            if let Some((row, dim)) = rows.first_non_finite() {
                return Err(TransformError::NonFinite { row, dim });
            }
        }
        let mut fitted: Vec<Box<dyn Transform>> = Vec::with_capacity(self.steps.len());
        let (mut seen, mut anchors): (Option<Vectors>, Option<Vectors>) = (None, None);
        for (i, (name, step)) in self.steps.iter().enumerate() {
            ctx.check()?;
            let named = |e: TransformError| e.at(i + 1, name);
            let now = seen.as_ref().map_or(rows, Vectors::view);
            let side = Side { anchors: anchors.as_ref().map(Vectors::view).or(side.anchors), ..*side };
            let model = step.fit(now, &side, ctx).map_err(named)?;
            if i + 1 < self.steps.len() {
                let next = model.apply(now, ctx).map_err(named)?;
                if let Some((row, dim)) = next.view().first_non_finite() {
                    return Err(named(TransformError::NonFinite { row, dim }));
                }
                anchors = side.anchors.map(|a| model.apply(a, ctx)).transpose().map_err(named)?;
                seen = Some(next);
            }
            fitted.push(model);
        }
        Ok(Chain::new(self.text.clone(), rows.dim(), fitted))
    }
}

fn one(step: &str) -> Result<Box<dyn FitTransform>, String> {
    let (name, arguments) = step.split_once(':').map_or((step, None), |(n, a)| (n.trim(), Some(a)));
    let Some(info) = STEPS.iter().find(|s| s.name == name) else {
        let names: Vec<&str> = STEPS.iter().map(|s| s.name).collect();
        let what = if name.is_empty() { "a step is missing".to_owned() } else { format!("there is no step `{name}`") };
        return Err(format!("{what}; the steps are {}", names.join(", ")));
    };
    let mut values = Map::new();
    for argument in arguments.into_iter().flat_map(|a| a.split(',')).map(str::trim) {
        let (key, value) = match argument.split_once('=') {
            Some((k, v)) => (k.trim(), value_of(v.trim())),
            None => bare(info, argument)?,
        };
        if values.insert(key.to_owned(), value).is_some() {
            return Err(format!("`{key}` is given twice"));
        }
    }
    (info.make)(Value::Object(values)).map_err(|e| format!("{e} (write {})", info.example))
}

fn value_of(text: &str) -> Value {
    if let Ok(n) = text.parse::<u64>() {
        return Value::Number(n.into());
    }
    match (text.parse::<f64>().ok().and_then(Number::from_f64), text) {
        (Some(n), _) => Value::Number(n),
        (_, "true") => Value::Bool(true),
        (_, "false") => Value::Bool(false),
        _ => Value::String(text.to_owned()),
    }
}

/// What an argument without a key stands for.
fn bare(info: &StepInfo, argument: &str) -> Result<(&'static str, Value), String> {
    let value = value_of(argument);
    for (key, kind) in info.bare {
        match kind {
            Bare::Number if value.is_number() => return Ok((key, value)),
            Bare::Words(words) if words.contains(&argument) => return Ok((key, value)),
            Bare::Flag(word) if *word == argument => return Ok((key, Value::Bool(true))),
            _ => {}
        }
    }
    Err(format!("`{argument}` means nothing to `{}` (write {})", info.name, info.example))
}
