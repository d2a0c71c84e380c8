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
pub mod json;
pub mod recipe;

mod build;
mod check;
mod claim;
mod engine;
mod export;
mod live;
mod memory;
mod point;
mod reembed;
mod search;
mod snapshot;
mod store;
mod write;

pub use build::{Build, BuildError, BuildParams, BuildSummary, Shard, SkippedSummary, build};
pub use check::{CheckLevel, CheckReport, Damage, Encoder, Problem, check};
pub use claim::METHODS;
pub use engine::{ChangedEncoder, EncoderLearner, EncoderProvider, EngineError};
pub use export::{ExportError, Import, Merge, Moved, TableImport, export, import, import_table, merge};
pub use live::{Live, LiveError, LiveOpenError, LiveStatus, Op, Receipt, Selection};
pub use memory::{LEAST_MEMORY, MemoryError};
pub use point::{Given, PayloadChange, Point, canonical_id, id_value};
pub use recipe::{EncodeRecipe, GivenRecipe, IndexRecipe, Recipe, RecipeError, View, ViewKind};
pub use reembed::{Prepared, Reembed, Reembedded};
pub use search::{
    Answer, Answers, Ask, Explained, Facet, Found, FoundPassage, Fuse, Group, Info, Input, OpenError, PointQuery,
    Query, Ranked, SearchError, Select, Snippet, Space, StoredDocument, StoredPassage, StoredPoint, Strategy,
    WithPayload, WithVectors,
};
pub use snapshot::{SnapshotError, restore};
pub use store::{EncoderEntry, Faults, IndexKind, LockError, Manifest, PayloadIndex, SegmentEntry, StoreError};
pub use write::{Change, Changes, MergeJob, MergeSummary, Merged, WriteError, Writer, WriterParams};
