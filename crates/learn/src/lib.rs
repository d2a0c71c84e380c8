//! Learners that need no neural framework, and the encoders that they make.
//!
//! | method | module |
//! |---|---|
//! | static sentence encoder: a vector a token, averaged | [`statics`] |
#![forbid(unsafe_code)]

pub mod statics;

/// The published methods that live here.
pub const METHODS: &[vectory_core::registry::Method] = &[];
