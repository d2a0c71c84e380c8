//! What lies on disk, and the one point at which it changes.
//!
//! ```text
//! notes.space/
//!   space.toml          format version and the resolved recipe
//!   items.redb          documents, passages, tombstones and the manifest: its transaction is the commit point
//!   segments/000042/    immutable: numbers, rows and graph of each dense view, postings of each sparse one,
//!                       and segment.json with the size and the block checksums of every file
//!   *.safetensors       fitted chains and learned encoders of views
//!   LOCK                held by the one writer, for as long as it lives
//! ```
//!
//! **Why redb in its single-writer mode.** Its default mode lets one process in and keeps every reader out while it
//! writes. In [`redb::ConcurrencyMode::SingleWriter`] other processes read beside the writer: each read transaction sees the
//! commit it began at, and the writer does not reuse the pages that it needs. So the manifest, the tombstones and the
//! texts that a reader uses are of one commit, and neither side waits for the other.
//!
//! **A commit**: the new segment is written to `segments/.tmp-N`, every file synced, the folder renamed and its parent
//! synced; then one transaction adds the documents, the tombstones and the manifest that names the segment. Before it,
//! nothing of the new is seen; after it, all. What a crash leaves in `segments/` without a mention in the manifest is
//! removed by the next writer. A reader that finds a segment gone (merged and removed since it read the manifest)
//! begins again at the newer commit.
//!
//! **Small segments are the head**: a commit of few passages makes a segment without a graph, searched exactly, until
//! it is merged with its neighbours. So there is one form for fresh and for settled data, and one code path.

mod dense;
mod error;
mod faults;
mod guard;
mod items;
mod layout;
mod lock;
mod manifest;
mod open;
mod part;
mod record;
mod rows;
mod segment;
pub(crate) mod sums;
mod weights;

pub use error::StoreError;
pub use faults::Faults;
pub use lock::LockError;
pub use manifest::{EncoderEntry, IndexKind, Manifest, PayloadIndex, SegmentEntry};

pub(crate) use dense::{DenseRows, Starts};
pub(crate) use items::{
    ItemsReader, ItemsWriter, READ_CACHE, ReadTables, WRITE_CACHE, WriteTables, apply_changes, commit, compact_items,
    create_items, open_items_read, open_items_read_with, open_items_write, put_state,
};
pub(crate) use layout::{CHAIN, Layout, is_model, link};
pub(crate) use lock::Lock;
pub(crate) use open::{FORMAT, SpaceFile};
pub(crate) use part::{Ids, Part, PartView};
pub(crate) use record::{DocumentRecord, PassageRecord, pack_text};
pub(crate) use rows::{KIND as ROWS_KIND, RowsWriter, TENSOR};
pub(crate) use segment::{
    Form, SegmentView, graph_path, ids_path, open_segment, postings_path, rows_path, starts_path, weights_path,
};
pub(crate) use sums::{Sums, sum_file};
pub(crate) use weights::{Weights, WeightsBuilder};
