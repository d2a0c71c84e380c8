//! Learners and models that need no neural framework.
//!
//! | model | go to |
//! |---|---|
//! | a static sentence encoder: token vectors, summed | [`statics`] |
#![forbid(unsafe_code)]

pub mod statics;
