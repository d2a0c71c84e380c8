//! Learners that need no neural framework, and the encoders that they make.
//!
//! | method | module |
//! |---|---|
//! | static sentence encoder: a vector a token, averaged | [`statics`] |
#![forbid(unsafe_code)]

pub mod statics;
