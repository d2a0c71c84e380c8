//! Is a set of vectors any good? Broken and repeated rows, lengths, common direction, isotropy, spectrum, intrinsic
//! dimension, hubness and outlier dimensions, each with what it means and how sure it is.
//!
//! [`report`] measures and says it in words and pictures; [`analyse`] gives the bare values; [`render`] makes text or HTML.
//!
//! What needs neighbours works on a sample when there are more rows than [`InspectParams::sample`] and says so; all else is
//! exact. 100,000 rows of 384 dimensions take seconds to tens of seconds on two threads.
//!
//! ```
//! use vectory_core::{Context, Vectors};
//! use vectory_inspect::{InspectParams, render, report};
//! let rows: Vec<f32> = (0..600).map(|i| ((i * 37 % 101) as f32 / 50.0) - 1.0).collect();
//! let vectors = Vectors::from_slice(&rows, 6)?;
//! let report = report(vectors.view(), &InspectParams::default(), &Context::new(0, 1)?)?;
//! assert_eq!(report.get("rows"), Some(100.0));
//! assert!(render::text(&report).contains("IsoScore"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod adapter;
pub mod analysis;
mod claim;
pub mod collapse;
pub mod compare;
pub mod concepts;
pub mod cosine;
pub mod cures;
pub mod dimension;
pub mod explain;
pub mod flow;
pub mod frequency;
pub mod hubness;
pub mod invariance;
pub mod isotropy;
pub mod latent;
pub mod magnitude;
pub mod map;
pub mod meaning;
pub mod neighborhood;
mod normal;
pub mod outliers;
mod params;
pub mod regions;
pub mod render;
pub mod representers;
pub mod robustness;
pub mod rows;
mod sections;
pub mod spectrum;
pub mod typicality;
pub use vectory_core::svg;

use vectory_core::registry::Method;
use vectory_core::report::{Report, Section};
use vectory_core::{Context, Metric, Vectors, VectorsRef};

pub use analysis::{Analysis, analyse};
pub use params::{InspectError, InspectParams};
pub use render::{html, text};

/// The published methods that live here.
pub const METHODS: &[Method] = &[
    claim::ISO_SCORE,
    concepts::CAUSAL,
    meaning::CONCEPTUALIZATION,
    invariance::PAC,
    latent::ORIGINS,
    outliers::POSITIONAL,
    collapse::NEURAL_COLLAPSE,
    explain::STRATIFIED_LIME,
    magnitude::WEIGHTING,
    typicality::PROTOTYPICALITY,
    representers::REPRESENTERS,
    adapter::PROB_VLM,
    regions::ST_DQR,
    robustness::ROBUSTNESS,
    flow::SEMANTIC_VARIATION,
];

/// Measures the rows and puts the values into words and pictures; ends with what transforms would change, measured.
///
/// # Errors
/// [`InspectError`] for parameters out of range, fewer than two usable rows, or an interrupt.
pub fn report(x: VectorsRef<'_>, params: &InspectParams, ctx: &Context) -> Result<Report, InspectError> {
    let analysis = analyse(x, params, ctx)?;
    let mut report = sections::report(&analysis, params);
    let usable = analysis.scan.usable(x.rows(), params.metric == Metric::Cosine);
    let copied: Option<Vectors> = usable.map(|kept| x.picked(kept.iter().copied()));
    let looks = cures::cures(copied.as_ref().map_or(x, Vectors::view), params, ctx)?;
    report.sections.push(sections::cures::cures(&looks));
    Ok(report)
}

/// How rows that count much differ from those that count little, in words; a weight a row.
///
/// # Errors
/// [`InspectError`] for weights or values that are not finite, or another number of weights.
pub fn frequency_section(x: VectorsRef<'_>, weights: &[f64], ctx: &Context) -> Result<Section, InspectError> {
    Ok(sections::cures::frequency(&frequency::frequency(x, weights, ctx)?))
}
