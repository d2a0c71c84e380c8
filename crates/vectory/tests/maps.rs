//! Maps, comparisons, protocols, topics, explanations and flow through the binary.

mod common;

use std::fmt::Write;

use common::{Bench, npy};

/// Rows around three corners, turned by `turn`; labels beside.
fn corners(b: &Bench, name: &str, n: usize, turn: f32) {
    let mut state = 7u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    let mut values = Vec::new();
    for i in 0..n {
        let mut row = [0.0f32; 4].map(|_| noise());
        row[i % 3] += 4.0;
        let (a, c) = (row[0], row[1]);
        row[0] = a * turn.cos() - c * turn.sin();
        row[1] = a * turn.sin() + c * turn.cos();
        values.extend(row);
    }
    let rows: Vec<&[f32]> = values.chunks(4).collect();
    b.file(name, npy(&rows));
    let labels: String = (0..n).map(|i| ["ant\n", "bee\n", "cat\n"][i % 3]).collect();
    b.file("labels.txt", labels);
}

#[test]
fn a_map_is_one_file_and_repeats() {
    let b = Bench::new();
    corners(&b, "v.npy", 240, 0.0);
    let args = [
        "map",
        "v.npy",
        "-o",
        "m.html",
        "--labels",
        "labels.txt",
        "--items",
        "labels.txt",
        "--epochs",
        "60",
        "--coordinates",
        "c.npy",
    ];
    let said = b.run(&[&args[..], &["--json", "--threads", "1"]].concat()).ok().json();
    assert_eq!((said["rows"].as_u64(), said["groups"].as_u64()), (Some(240), Some(3)), "{}", said["fields"]);
    let again = b.run(&[&args[..], &["--json", "--threads", "3"]].concat()).ok().json();
    assert_eq!(said["coordinates"], again["coordinates"]);
    let page = fs_err::read_to_string(b.path("m.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("\"name\":\"label\"") && !page.contains("http"));
    assert!(b.path("c.npy").exists());
    b.run(&["map", "v.npy", "-o", "m.html", "--items", "m.html"]).fails(1, &["m.html", "240 rows"]);
    b.run(&["map", "v.npy", "-o", "m.html", "--min-dist", "7"]).fails(2, &["min_dist", "spread"]);
    b.run(&["map", "v.npy", "-o", "m.html", "--field", "year"]).fails(2, &["year", "--labels"]);
    b.run(&["map", "none.npy", "-o", "m.html"]).fails(1, &["none.npy"]);
}

#[test]
fn a_turned_set_is_the_same_set() {
    let b = Bench::new();
    corners(&b, "v.npy", 240, 0.0);
    corners(&b, "turned.npy", 240, 0.6);
    corners(&b, "fewer.npy", 90, 0.6);
    let report = b.run(&["compare", "v.npy", "turned.npy", "--json"]).ok().json();
    let get = |report: &serde_json::Value, name: &str| {
        let measures = report["sections"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|s| s["measures"].as_array().cloned().unwrap_or_default());
        measures.into_iter().find(|m| m["name"] == name).and_then(|m| m["value"].as_f64()).unwrap()
    };
    assert!(get(&report, "linear CKA") > 0.9999 && get(&report, "Jaccard@10") > 0.99);
    b.run(&["compare", "v.npy", "turned.npy", "v.npy", "--html", "c.html"]).ok();
    assert!(fs_err::read_to_string(b.path("c.html")).unwrap().matches("<rect").count() >= 18);
    b.run(&["compare", "v.npy", "fewer.npy"]).fails(1, &["240", "90", "same item"]);
    let other = b.run(&["compare", "v.npy", "fewer.npy", "--mauve", "--clusters", "6", "--json"]).ok().json();
    assert!((0.0..=1.0).contains(&get(&other, "MAUVE")));
    b.run(&["compare", "v.npy", "fewer.npy", "v.npy", "--mauve"]).fails(2, &["two sets"]);
}

#[test]
fn labelled_vectors_are_judged() {
    let b = Bench::new();
    corners(&b, "v.npy", 240, 0.0);
    let text = b.run(&["evaluate", "vectors", "v.npy", "--labels", "labels.txt"]).ok().out;
    assert!(
        text.contains("linear probe, accuracy") && text.contains("clustering, NMI") && text.contains("5-shot"),
        "{text}"
    );
    let table = b
        .run(&["evaluate", "feet", "a=v.npy", "b=v.npy", "--labels", "labels.txt", "--shots", "2", "--draws", "2"])
        .ok()
        .out;
    assert!(table.contains("| model | 2-shot | frozen |") && table.contains("| b |"), "{table}");
    b.run(&["evaluate", "feet", "v.npy", "--labels", "labels.txt"]).fails(2, &["NAME=VECTORS"]);
    b.file("one.txt", "ant\n".repeat(240));
    b.run(&["evaluate", "vectors", "v.npy", "--labels", "one.txt"]).fails(1, &["two or more"]);
}

#[test]
fn texts_have_topics_reasons_and_movement() {
    let b = Bench::new();
    let kinds = [
        [
            "The striker scored a late goal and the team won the football match",
            "The coach praised the goalkeeper after the cup final",
        ],
        [
            "The central bank raised interest rates as inflation and prices rose",
            "Shares fell on the stock market after the company reported losses",
        ],
        [
            "The telescope found a distant galaxy with young stars",
            "Astronomers observed the planet and its moons with a new telescope",
        ],
    ];
    let mut text = String::new();
    for i in 0..240 {
        let _ = writeln!(text, "{} on day {} of season {}.", kinds[i % 3][i / 3 % 2], i % 29, i % 7);
    }
    b.file("t.txt", &text);
    let found = b.run(&["topics", "t.txt", "--lines", "-n", "3", "--json"]).ok().json();
    assert_eq!(found["topics"].as_array().unwrap().len(), 3);
    let sizes: u64 = found["topics"].as_array().unwrap().iter().map(|t| t["size"].as_u64().unwrap()).sum();
    assert_eq!(sizes, 240);
    let labels = ["--label", "sport=football,team", "--label", "money=bank,market", "--label", "space=galaxy,planet"];
    b.run(&[&["topics", "t.txt", "--lines", "-o", "l.txt"][..], &labels].concat()).ok();
    let given = fs_err::read_to_string(b.path("l.txt")).unwrap();
    let right = given.lines().enumerate().filter(|(i, l)| *l == ["sport", "money", "space"][i % 3]).count();
    assert!(right >= 220, "{right} of 240");
    b.run(&["topics", "t.txt", "--lines", "--label", "sport"]).fails(2, &["NAME=word"]);
    let why = b
        .run(&[
            "explain",
            "football result",
            "The team won the football match in the rain",
            "--samples",
            "300",
            "--json",
        ])
        .ok()
        .json();
    let words = why["words"].as_array().unwrap();
    let best =
        words.iter().max_by(|a, b| a["effect"].as_f64().unwrap().total_cmp(&b["effect"].as_f64().unwrap())).unwrap();
    assert_eq!(best["word"], "football");
    b.run(&["flow", "t.txt", "--html", "f.html"]).ok();
    assert!(fs_err::read_to_string(b.path("f.html")).unwrap().contains("Sentence by sentence"));
    b.file("short.txt", "Yes.");
    b.run(&["flow", "short.txt"]).fails(1, &["short.txt", "0 sentences"]);
}
