//! What the fuzz targets share: bytes become a file, a reader reads it to the end.
//!
//! `fuzz/run.sh 600` runs every target for ten minutes on stable Rust (`fuzz/run.sh 60 vectors_npy` one for a minute);
//! `cargo +nightly fuzz run vectors_npy` works as well, with `cargo-fuzz` installed. A finding is a panic, an
//! abort, a hang, or memory beyond libFuzzer's limit. The same kinds of damage are tried on stable by `crates/io/tests/damage.rs`.

mod server;
mod spaces;

pub use server::http_body;
pub use spaces::{filter_json, filter_text, index_files, recipe, space_files};

use std::path::Path;

use vectory_io::documents::{SourceParams, open_input};
use vectory_io::stream::Input;
use vectory_io::vectors::{Batch, ReadOptions};
use vectory_io::{documents, trec, vectors};

/// Calls `read` with a file of that name and content.
fn with_file(name: &str, bytes: &[u8], read: impl FnOnce(&Path)) {
    let Ok(dir) = tempfile::tempdir() else { return };
    let path = dir.path().join(name);
    if fs_err::write(&path, bytes).is_ok() {
        read(&path);
    }
}

/// Reads a file of vectors in batches, then whole.
pub fn vectors(name: &str, bytes: &[u8]) {
    with_file(name, bytes, |path| {
        if let Ok(mut reader) = vectors::open(path, &ReadOptions::default()) {
            let mut batch = Batch::default();
            while let Ok(n) = reader.read(&mut batch, 100) {
                assert_eq!(batch.values.len(), n * reader.dim());
                if n == 0 {
                    break;
                }
            }
        }
        let _ = vectors::read_all(path);
    });
}

/// Opens a file of codes, decodes and scores all of them.
pub fn codes(bytes: &[u8]) {
    use vectory_compress::Codec;
    with_file("c.safetensors", bytes, |path| {
        let Ok((codec, codes)) = vectory_compress::file::open(path) else { return };
        let (mut scores, mut row) = (vec![0.0; codes.rows()], vec![0.0; codec.dim()]);
        let query = codec.query(&vec![0.5; codec.dim()]);
        codec.block(&query, codes.view(), 0, &mut scores);
        (0..codes.rows() as u32).for_each(|id| codec.decode(codes.view(), id, &mut row));
    });
}

/// Reads a file of documents, errors skipped.
pub fn documents(name: &str, bytes: &[u8]) {
    with_file(name, bytes, |path| {
        let params = SourceParams { skip_errors: true, ..Default::default() };
        if let Ok(sources) = documents::open(&[path.to_owned().into()], &params) {
            sources.for_each(drop);
        }
    });
}

/// Reads documents from a stream.
pub fn stdin(bytes: &[u8]) {
    let params = SourceParams { skip_errors: true, ..Default::default() };
    if let Ok(sources) = open_input(Input::from_bytes("-", bytes.to_vec()), &params) {
        sources.for_each(drop);
    }
}

/// Reads judgements.
pub fn qrels(bytes: &[u8]) {
    with_file("q.tsv", bytes, |path| drop(trec::read_qrels(path)));
}

/// Reads a run.
pub fn run(bytes: &[u8]) {
    with_file("r.trec", bytes, |path| drop(trec::read_run(path)));
}

/// Reads ids.
pub fn ids(bytes: &[u8]) {
    with_file("i.ivecs", bytes, |path| drop(vectors::read_ids(path)));
}
