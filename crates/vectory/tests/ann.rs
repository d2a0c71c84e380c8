//! `evaluate ann`, `evaluate ann-order` and `index --auto`, through the binary.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod common;

use common::Bench;

const DIM: u32 = 16;

/// Rows as `.fvecs` around eight places; from `equal` on, all are the same.
fn fvecs(rows: u32, equal: u32, shift: u32) -> Vec<u8> {
    let mut out = Vec::new();
    for i in 0..rows {
        out.extend(DIM.to_le_bytes());
        for j in 0..DIM {
            let i = if i < equal { i + shift } else { 3 };
            let place = ((i % 8) * 37 + j * 11) % 23;
            let noise = (i * 7919 + j * 104_729 + i * j * 31) % 1000;
            out.extend((place as f32 + noise as f32 / 120.0).to_le_bytes());
        }
    }
    out
}

fn bench() -> Bench {
    let b = Bench::new();
    b.file("base.fvecs", fvecs(1500, 1500, 0));
    b.file("equal.fvecs", fvecs(3000, 600, 0));
    b.file("query.fvecs", fvecs(40, 40, 50_000));
    b.file("three.fvecs", fvecs(3, 3, 0));
    let mut nan = fvecs(20, 20, 0);
    nan[(4 + 4 * DIM as usize) * 7 + 4..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    b.file("nan.fvecs", nan);
    b.file("narrow.fvecs", [2u32.to_le_bytes(), 1f32.to_le_bytes(), 1f32.to_le_bytes()].concat());
    b
}

#[test]
fn curves_of_every_family_and_a_picture() {
    let b = bench();
    for (base, k) in [("base.fvecs", "10"), ("equal.fvecs", "10"), ("three.fvecs", "10"), ("equal.fvecs", "5000")] {
        let mut args =
            vec!["evaluate", "ann", "--base", base, "--query", "query.fvecs", "-k", k, "--repeat", "1", "--json"];
        for name in ["Flat", "HNSW8", "LoRANN16x16", "IVF16,LVQ8"] {
            args.extend(["--factory", name]);
        }
        args.extend(["--svg", "curve.svg"]);
        let found = b.run(&args).ok().json();
        for curve in found["curves"].as_array().unwrap() {
            let best =
                curve["points"].as_array().unwrap().iter().map(|p| p["recall"].as_f64().unwrap()).fold(0.0, f64::max);
            assert!(best > 0.97, "{base} {k}: {curve}");
        }
        let svg = fs_err::read_to_string(b.path("curve.svg")).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("LoRANN16x16"));
    }
}

#[test]
fn the_order_of_insertion_is_studied() {
    let b = bench();
    let args = ["evaluate", "ann-order", "--base", "base.fvecs", "--query", "query.fvecs", "--rows", "500", "--json"];
    let found = b.run(&args).ok().json();
    assert_eq!(found["orders"].as_array().unwrap().len(), 8, "{found}");
    let graphs: Vec<&str> = found["orders"].as_array().unwrap().iter().map(|o| o["graph"].as_str().unwrap()).collect();
    assert_eq!(graphs, ["hnsw"; 4].into_iter().chain(["ours"; 4]).collect::<Vec<_>>());
    assert!(found["orders"].as_array().unwrap().iter().all(|o| o["recall"].as_f64().unwrap() > 0.8), "{found}");
    let one = b.run(&[&args[..], &["--graph", "hnsw"]].concat()).ok().json();
    assert_eq!(one["orders"].as_array().unwrap()[..], found["orders"].as_array().unwrap()[..4]);
    b.run(&[&args[..], &["--graph", "nsw"]].concat()).fails(2, &["nsw"]);
}

#[test]
fn the_best_index_is_chosen_tuned_and_asked() {
    let b = bench();
    for rows in ["base.fvecs", "equal.fvecs", "three.fvecs"] {
        let args = ["index", rows, "--auto", "--target-recall", "0.9", "-o", "v.idx", "--json"];
        let built = b.run(&args).ok().json();
        assert!(built["tuned"]["recall"].as_f64().unwrap() >= 0.9, "{built}");
        let found = b.run(&["search", "v.idx", "query.fvecs", "-k", "5", "--json"]).ok().json();
        let hits = found["hits"].as_array().unwrap();
        assert!(
            hits.len() == 40
                && hits.iter().all(|h| h.as_array().unwrap().len() == if rows.starts_with("three") { 3 } else { 5 })
        );
    }
    let small = b.run(&["index", "base.fvecs", "--auto", "--max-bytes", "60000", "-o", "v.idx", "--json"]).ok().json();
    assert!(small["bytes"].as_u64().unwrap() < 70_000, "{small}");
}

#[test]
fn wrong_sets_and_uses_are_told() {
    let b = bench();
    let ann = |base: &str, query: &str, says: &str| {
        b.run(&["evaluate", "ann", "--base", base, "--query", query]).fails(1, &[says]);
        b.run(&["evaluate", "ann-order", "--base", base, "--query", query]).fails(1, &[says]);
    };
    ann("nan.fvecs", "query.fvecs", "row 7, column 0");
    ann("base.fvecs", "nan.fvecs", "row 7, column 0");
    ann("base.fvecs", "narrow.fvecs", "the queries of 2");
    ann("missing.fvecs", "query.fvecs", "missing.fvecs");
    let args = ["evaluate", "ann", "--base", "base.fvecs", "--query", "query.fvecs"];
    b.run(&[&args[..], &["--factory", "LoRANN8x0"]].concat()).fails(2, &["`rank` is 0"]);
    b.run(&[&args[..], &["--metric", "hamming"]].concat()).fails(2, &["hamming"]);
    b.run(&["index", "nan.fvecs", "--auto", "-o", "v.idx"]).fails(1, &["row 7, column 0"]);
    b.run(&["index", "base.fvecs", "--auto", "--max-bytes", "500", "-o", "v.idx"])
        .fails(1, &["fits 500 B", "smallest"]);
    b.run(&["index", "base.fvecs", "--target-recall", "1.5", "-o", "v.idx"]).fails(2, &["0 to 1"]);
}
