//! Spaces: durable, searchable collections of documents under one recipe.
#![forbid(unsafe_code)]

pub mod filter;
pub mod fusion;
pub mod recipe;
