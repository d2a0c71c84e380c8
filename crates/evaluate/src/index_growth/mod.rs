//! What a growing index does to retrieval: the curse of low dimensions, in theory, by dice and on data.
//!
//! A query finds its document only if no other vector is nearer. Random unit vectors beat a cosine t with a chance p that
//! falls exponentially with the dimension ([`ln_exceeds`]), so n of them beat it with chance 1 - (1 - p)ⁿ ([`any_of`]):
//! every dimension has an index size at which it tips ([`ln_tipping_point`]). Real vectors fill fewer dimensions than they
//! have: use their intrinsic dimension. [`throw`] checks the formula by dice; [`grow`] measures the loss of a retriever on
//! a judged collection as distractors are added, and [`fooled`] how often meaningless strings outrank the right document
//! (distractors that nobody judged may be relevant; meaningless strings cannot).
//!
//! Source: Reimers and Gurevych, *The Curse of Dense Low-Dimensional Information Retrieval for Large Index Sizes*, 2021.

pub(crate) mod claim;
mod sphere;
mod study;
mod theory;

pub use sphere::{INDEX, Throw, throw};
pub use study::{Growth, Opinions, fooled, grow};
pub use theory::{any_of, exceeds_gaussian, ln_exceeds, ln_tipping_point};
