//! Spaces: durable, searchable collections of documents under one recipe.
//!
//! ```text
//! sources ── build ──▶ documents ──▶ passages ──▶ views (terms, rows) ──▶ segments        (one Writer)
//! question ──────────▶ candidates of every view ──▶ fusion ──▶ documents, texts, snippets  (any number of Spaces)
//! ```
//!
//! [`build()`] makes or updates a space from files; [`Writer`] changes one document by document; [`Space`] answers
//! questions; [`check()`] looks after the files; a [`Recipe`] says how it is all done.
#![forbid(unsafe_code)]

pub mod filter;
pub mod fusion;
pub mod recipe;

mod build;
mod check;
mod claim;
mod engine;
mod search;
mod store;
mod write;

pub use build::{Build, BuildError, BuildParams, BuildSummary, SkippedSummary, build};
pub use claim::METHODS;
pub use check::{CheckLevel, CheckReport, Damage, Problem, check};
pub use engine::{ChangedEncoder, EncoderProvider, EngineError};
pub use recipe::{Recipe, RecipeError};
pub use search::{Answer, Answers, Explained, Info, OpenError, Query, Ranked, SearchError, Snippet, Space, StoredDocument, StoredPassage};
pub use store::{EncoderEntry, Faults, LockError, Manifest, SegmentEntry, StoreError};
pub use write::{Change, Changes, MergeSummary, WriteError, Writer, WriterParams};
