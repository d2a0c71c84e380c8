//! `vectory compress` and searches over codes, through the binary.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod common;

use common::Bench;

/// 400 rows of 16 as `.fvecs`, around eight places.
fn fvecs() -> Vec<u8> {
    let mut out = Vec::new();
    for i in 0..400u32 {
        out.extend(16u32.to_le_bytes());
        for j in 0..16u32 {
            let place = ((i % 8) * 37 + j * 11) % 23;
            let noise = (i * 7919 + j * 104_729) % 1000;
            out.extend((place as f32 + noise as f32 / 250.0).to_le_bytes());
        }
    }
    out
}

#[test]
fn codes_are_reported_saved_and_decoded() {
    let b = Bench::new();
    b.file("v.fvecs", fvecs());
    let report =
        |codec: &str| b.run(&["compress", "v.fvecs", "--codec", codec, "-o", "c.safetensors", "--json"]).ok().json();
    let (eight, two) = (report("LVQ8"), report("LVQ4x8"));
    assert_eq!(eight["bytes_per_row"], 32.0);
    assert!(eight["recall_at_10"].as_f64().unwrap() > 0.9 && eight["recall_at_10_reranked"].is_null(), "{eight}");
    assert!(two["recall_at_10_reranked"].as_f64().unwrap() > 0.95, "{two}");
    assert!(two["squared_error"].as_f64() < eight["squared_error"].as_f64());
    b.run(&["compress", "c.safetensors", "--decode", "-o", "back.npy"]).ok();
    let again = b.run(&["compress", "back.npy", "--codec", "F32", "-o", "f.safetensors", "--json"]).ok().json();
    assert_eq!((again["rows"].as_u64(), again["squared_error"].as_f64()), (Some(400), Some(0.0)));
}

#[test]
fn indexes_over_codes_are_built_and_asked() {
    let b = Bench::new();
    b.file("v.fvecs", fvecs());
    for factory in ["LVQ8", "IVF8,PQ8x4fs,RFlat", "HNSW8,LVQ4x8", "IVF8,Flat"] {
        b.run(&["index", "v.fvecs", "--factory", factory, "-o", "v.idx"]).ok();
        let args = ["search", "v.idx", "v.fvecs", "-k", "3", "--nprobe", "8", "--rerank", "100", "--json"];
        let found = b.run(&args).ok().json();
        let hits = found["hits"].as_array().unwrap();
        let itself = hits.iter().enumerate().filter(|(i, h)| h[0]["id"].as_u64() == Some(*i as u64)).count();
        assert!(hits.len() == 400 && itself > 390, "{factory}: {itself}");
    }
}

#[test]
fn wrong_uses_are_told() {
    let b = Bench::new();
    b.file("v.fvecs", fvecs());
    b.run(&["compress", "v.fvecs", "--codec", "LVQ7", "-o", "c"]).fails(2, &["LVQ7", "`bits` is 7"]);
    b.run(&["compress", "v.fvecs", "--codec", "PQ99", "-o", "c"]).fails(1, &["`m` is 99", "1..=16"]);
    b.run(&["compress", "v.fvecs", "--metric", "jaccard", "-o", "c"]).fails(2, &["jaccard"]);
    b.run(&["compress", "v.fvecs", "--decode", "-o", "x.npy"]).fails(1, &["v.fvecs"]);
    b.run(&["index", "v.fvecs", "--factory", "IVF8", "-o", "c"]).fails(2, &["`ivf8,Flat`"]);
}
