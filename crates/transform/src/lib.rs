//! Transforms: vectors become better vectors.
//!
//! A chain such as `center | whiten:zipf | truncate:128 | normalize` is [parsed](Plan::parse), fitted to rows, saved as one
//! artifact and applied to other rows later. Each step is a [`FitTransform`] (its parameters) that becomes a [`Transform`]
//! (what was fitted). Distances rather than rows are transformed by [`hubness`].
//!
//! | step | what for | source |
//! |---|---|---|
//! | [`center`](steps::Center) | remove the common direction | |
//! | [`whiten`](steps::Whiten) | equal variance in all directions, uniform or by word frequency | Zipfian whitening 2024 |
//! | [`pca`](steps::PcaStep), [`truncate`](steps::Truncate), [`tldr`](steps::tldr), [`minimax`](steps::minimax) | fewer dimensions | |
//! | [`abtt`](steps::Abtt), [`isotropy`](steps::Isotropy), [`clip`](steps::Clip), [`fnorm`](steps::Fnorm) | isotropy, fewer hubs | |
//! | [`relative`](steps::Relative), [`align`](steps::Align) | one space in terms of another | |
//! | [`erase`](steps::Erase) | make an attribute unreadable | INLP 2020, LEACE 2023 |
//! | [`decompose`](steps::Decompose) | few named parts | |
//!
//! ```
//! use vectory_core::{Context, Vectors};
//! use vectory_transform::{Plan, Side};
//! let rows: Vec<f32> = (0..600).map(|i| ((i * 37 % 101) as f32).sin() + 3.0).collect();
//! let (rows, ctx) = (Vectors::from_slice(&rows, 6)?, Context::new(0, 1)?);
//! let chain = Plan::parse("center | whiten | truncate:4 | normalize")?.fit(rows.view(), &Side::default(), &ctx)?;
//! assert_eq!(chain.apply(rows.view(), &ctx)?.dim(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod chain;
#[doc(hidden)]
pub mod claim_data;
mod claims;
pub mod encode;
mod error;
pub mod hubness;
pub mod models;
pub mod net;
pub mod steps;
mod traits;
pub mod umap;

use vectory_core::registry::Method;

pub use chain::{Chain, Plan};
pub use encode::Transformed;
pub use error::TransformError;
pub use traits::{FitTransform, Parts, Side, Transform};

/// The published methods that live here.
pub const METHODS: &[Method] = claims::METHODS;

#[cfg(test)]
mod tests;
