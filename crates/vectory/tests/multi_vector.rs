//! Token vectors and sparse vectors through the binary: embed, index, search.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use common::Bench;

const TEXTS: &str = "a dog barks at the mailman\nstock prices fell sharply on monday\nthe puppy plays with a ball\nbanks raise interest rates\n";

fn ids(found: &serde_json::Value, query: usize) -> Vec<u64> {
    found["hits"][query].as_array().unwrap().iter().map(|h| h["id"].as_u64().unwrap()).collect()
}

#[test]
fn texts_become_tokens_and_are_found() {
    let b = Bench::new();
    b.file("docs.txt", TEXTS);
    b.file("asked.txt", "barking dogs\ninterest of banks\n");
    for form in ["npz", "npy"] {
        let (docs, asked) = (format!("docs.{form}"), format!("asked.{form}"));
        let made = b.run(&["embed", "docs.txt", "--lines", "--tokens", "-o", &docs, "--json"]).ok().json();
        assert_eq!(made["rows"], 4);
        b.run(&["embed", "asked.txt", "--lines", "--tokens", "--queries", "-o", &asked]).ok();
        for factory in ["MaxSim", "MaxSim,SQ8", "MUVERA8x3x8,Flat", "PLAID4,R4", "ESPN2"] {
            let built = b.run(&["index", &docs, "--factory", factory, "-o", "t.idx", "--json"]).ok().json();
            assert_eq!((&built["rows"], &built["metric"]), (&4.into(), &"maxsim".into()), "{factory}");
            let found = b.run(&["search", "t.idx", &asked, "-k", "2", "--nprobe", "4", "--json"]).ok().json();
            assert_eq!((ids(&found, 0)[0], ids(&found, 1)[0]), (0, 3), "{factory}: {found}");
        }
        let stats = b.run(&["search", "t.idx", &asked, "--stats", "--json"]).ok().json();
        assert!(stats["stats"]["reads_per_query"].as_f64().unwrap() >= 1.0, "{stats}");
    }
    let whole = b.run(&["index", "docs.npz", "--factory", "MaxSim", "-o", "t.idx", "--json"]).ok().json();
    let half =
        b.run(&["index", "docs.npz", "--factory", "MaxSim", "--pool-factor", "2", "-o", "h.idx", "--json"]).ok().json();
    assert!(half["tokens"].as_u64().unwrap() * 2 <= whole["tokens"].as_u64().unwrap());
}

#[test]
fn sparse_vectors_are_found() {
    let b = Bench::new();
    b.file("s.jsonl", "{\"indices\":[1,5],\"values\":[1,2]}\n{\"indices\":[5,9],\"values\":[1,1]}\n{\"indices\":[2],\"values\":[3]}\n");
    b.file("q.jsonl", "{\"indices\":[5],\"values\":[1]}\n");
    for factory in ["Sparse", "Sparse,F32", "Seismic"] {
        b.run(&["index", "s.jsonl", "--factory", factory, "-o", "s.idx"]).ok();
        let found = b.run(&["search", "s.idx", "q.jsonl", "--json"]).ok().json();
        assert_eq!(ids(&found, 0), [0, 1], "{factory}");
    }
}

#[test]
fn wrong_input_is_named() {
    let b = Bench::new();
    b.file("docs.txt", TEXTS);
    b.run(&["embed", "docs.txt", "--lines", "-o", "plain.npy"]).ok();
    b.run(&["index", "plain.npy", "--factory", "MaxSim", "-o", "t.idx"]).fails(1, &["plain.npy", "plain.lengths.npy"]);
    b.run(&["index", "plain.npy", "--factory", "PLAIDx", "-o", "t.idx"]).fails(2, &["PLAIDx", "number of centroids"]);
    b.run(&["embed", "docs.txt", "--lines", "--tokens", "-o", "d.npz"]).ok();
    b.run(&["embed", "docs.txt", "--lines", "--tokens", "--truncate", "8", "-o", "short.npz"]).ok();
    b.run(&["index", "d.npz", "--factory", "MaxSim", "--pool-factor", "0", "-o", "t.idx"]).fails(2, &["--pool-factor"]);
    b.run(&["index", "d.npz", "--factory", "MaxSim", "-o", "t.idx"]).ok();
    b.run(&["search", "t.idx", "short.npz"]).fails(1, &["8 values", "256"]);
    b.file("s.jsonl", "{\"indices\":[1],\"values\":[-1]}\n");
    b.run(&["index", "s.jsonl", "--factory", "Seismic", "-o", "s.idx"]).fails(1, &["item 0", "-1"]);
    b.file("bad.jsonl", "{\"indices\":[1],\"values\":[]}\n");
    b.run(&["index", "bad.jsonl", "--factory", "Sparse", "-o", "s.idx"]).fails(1, &["bad.jsonl", "line 1"]);
}
