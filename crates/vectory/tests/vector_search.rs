//! `vectory index` and `vectory search` over vector files: range searches, rows of bits.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod common;

use std::io::Read;

use common::Bench;

/// 300 points on a line, 0.5 apart, as `.fvecs` of two values.
fn line() -> Vec<u8> {
    let row = |i: u32| [2u32.to_le_bytes(), (0.5 * i as f32).to_le_bytes(), 0f32.to_le_bytes()].concat();
    (0..300).flat_map(row).collect()
}

/// Rows of four bytes as `.u8bin`: the bits of 0, 1, 2, ….
fn counting(rows: u32) -> Vec<u8> {
    let head = [rows.to_le_bytes(), 4u32.to_le_bytes()].concat();
    head.into_iter().chain((0..rows).flat_map(u32::to_le_bytes)).collect()
}

fn ids(found: &serde_json::Value) -> Vec<Vec<u64>> {
    let hits = |q: &serde_json::Value| q.as_array().unwrap().iter().map(|h| h["id"].as_u64().unwrap()).collect();
    found["hits"].as_array().unwrap().iter().map(hits).collect()
}

#[test]
fn all_within_a_radius() {
    let b = Bench::new();
    b.file("v.fvecs", line());
    b.file("q.fvecs", &line()[..24]);
    for factory in ["Flat", "HNSW8", "IVF4,Flat", "LVQ8,RFlat"] {
        b.run(&["index", "v.fvecs", "--factory", factory, "-o", "v.idx"]).ok();
        let found = b.run(&["search", "v.idx", "q.fvecs", "--radius", "1.5", "--nprobe", "4", "--json"]).ok().json();
        assert_eq!(ids(&found), [vec![0, 1, 2, 3], vec![1, 0, 2, 3, 4]], "{factory}");
        assert_eq!((found["found"].as_u64(), found["hits"][0][3]["score"].as_f64()), (Some(9), Some(1.5)));
    }
    b.run(&["search", "v.idx", "q.fvecs", "--radius", "1.5", "-o", "r.ivecs"]).ok();
    assert_eq!(fs_err::read(b.path("r.ivecs")).unwrap().len(), 2 * (4 + 5 * 4));
    b.run(&["search", "v.idx", "q.fvecs", "--radius", "-1"]).fails(2, &["-1", "l2 distance"]);
    b.run(&["search", "v.idx", "q.fvecs", "--radius", "1", "-k", "3"]).fails(2, &["--radius", "-k"]);
}

#[test]
fn rows_of_bits() {
    let b = Bench::new();
    b.file("v.u8bin", counting(1024));
    b.file("q.u8bin", counting(2));
    for factory in ["BFlat", "BHNSW16"] {
        b.run(&["index", "v.u8bin", "--factory", factory, "-o", "v.idx"]).ok();
        let found = b.run(&["search", "v.idx", "q.u8bin", "--radius", "1", "--json"]).ok().json();
        // Zero and the ten powers of two; one, zero and the powers of two plus one.
        let with_one: Vec<u64> = [1, 0, 3].into_iter().chain((2..10).map(|p| (1 << p) + 1)).collect();
        assert_eq!(ids(&found), [[0].into_iter().chain((0..10).map(|p| 1 << p)).collect(), with_one], "{factory}");
        let best = b.run(&["search", "v.idx", "q.u8bin", "-k", "3", "--json"]).ok().json();
        assert_eq!((ids(&best), best["hits"][1][1]["score"].as_f64()), (vec![vec![0, 1, 2], vec![1, 0, 3]], Some(1.0)));
    }
    b.run(&["index", "v.u8bin", "--factory", "BFlat", "--metric", "jaccard", "-o", "j.idx"]).ok();
    let found = b.run(&["search", "j.idx", "q.u8bin", "-k", "2", "--json"]).ok().json();
    assert_eq!((ids(&found)[1].clone(), found["hits"][1][1]["score"].as_f64()), (vec![1, 3], Some(0.5)));
    b.run(&["index", "v.u8bin", "--factory", "BFlat", "--metric", "l2", "-o", "x"])
        .fails(2, &["l2", "hamming or jaccard"]);
    b.run(&["index", "v.u8bin", "--factory", "Flat", "--metric", "hamming", "-o", "x"]).fails(2, &["hamming", "BFlat"]);
    b.run(&["index", "v.u8bin", "--factory", "BIVF8", "-o", "x"]).fails(2, &["`bivf8`", "BHNSW<m>"]);
    b.file("half.tsv", "0.5\t1\n");
    b.run(&["index", "half.tsv", "--factory", "BFlat", "-o", "x"]).fails(1, &["row 0, column 0", "0.5"]);
}

#[test]
fn ann_benchmarks_files_are_read() {
    let b = Bench::new();
    let packed = concat!(env!("CARGO_MANIFEST_DIR"), "/../io/fixtures/hdf5/gzip.h5.gz");
    let mut bytes = Vec::new();
    vectory::io::stream::open(packed.as_ref(), None).unwrap().read_to_end(&mut bytes).unwrap();
    b.file("a.hdf5", &bytes);
    let study = b.run(&["evaluate", "ann", "--hdf5", "a.hdf5", "-k", "2", "--factory", "Flat", "--json"]).ok().json();
    assert_eq!(
        (study["metric"].as_str(), study["rows"].as_u64(), study["queries"].as_u64()),
        (Some("cosine"), Some(4), Some(2))
    );
    assert_eq!(study["curves"][0]["points"][0]["recall"].as_f64(), Some(1.0));
    b.run(&["convert", "a.hdf5", "v.npy", "--name", "test"]).ok();
    let shown = b.run(&["inspect", "v.npy", "--json"]);
    assert!(shown.status == 0 && shown.out.contains("\"rows\""), "{}", shown.err);
    b.file("cut.hdf5", &bytes[..900]);
    b.run(&["evaluate", "ann", "--hdf5", "cut.hdf5"]).fails(1, &["cut.hdf5", "outside of the file"]);
}
