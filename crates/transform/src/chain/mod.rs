//! Chains: steps one after the other, written as `center | whiten:zipf | truncate:128 | normalize`.

mod catalog;
mod fitted;
mod parse;
mod stream;

pub use catalog::{STEPS, StepInfo};
pub use fitted::{Chain, KIND, VERSION};
pub use parse::Plan;
pub use stream::Streamed;
