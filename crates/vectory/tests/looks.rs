//! The looks of `vectory inspect`, explanations by samples, and uncertainties, through the real binary.

mod common;

use common::{Bench, npy};

/// Two clouds of five dimensions, 120 rows; row 7 has the label of the other cloud, row 11 lies far out.
fn clouds(b: &Bench) {
    let value = |i: usize, j: usize| {
        let noise = ((i * 37 + j * 101) % 53) as f32 / 53.0 - 0.5;
        let centre = if j == 0 { if i.is_multiple_of(2) { -2.0 } else { 2.0 } } else { 0.0 };
        if i == 11 && j == 3 { 9.0 } else { centre + noise }
    };
    let all: Vec<Vec<f32>> = (0..120).map(|i| (0..5).map(|j| value(i, j)).collect()).collect();
    b.file("v.npy", npy(&all.iter().map(Vec::as_slice).collect::<Vec<_>>()));
    let label = |i: usize| if i.is_multiple_of(2) != (i == 7) { "even\n" } else { "odd\n" };
    b.file("l.txt", (0..120).map(label).collect::<String>());
}

#[test]
fn magnitude_names_the_edge_and_what_lies_outside() {
    let b = Bench::new();
    clouds(&b);
    b.file("new.npy", npy(&[&[2.0, 0.0, 0.0, 0.0, 0.0], &[0.0, 30.0, 0.0, 0.0, 0.0]]));
    let done = b
        .run(&[
            "inspect",
            "magnitude",
            "v.npy",
            "--metric",
            "l2",
            "--new",
            "new.npy",
            "-o",
            "w.tsv",
            "--html",
            "m.html",
            "--json",
        ])
        .ok();
    let report = done.json();
    assert_eq!(report["sections"][0]["table"]["rows"][0][0], "11", "{report}");
    let weights = fs_err::read_to_string(b.path("w.tsv")).unwrap();
    let shares: Vec<f64> = weights.lines().skip(1).map(|l| l.split('\t').nth(2).unwrap().parse().unwrap()).collect();
    assert!(shares[1] > 0.99 && shares[0] < 0.9, "{weights}");
    assert!(fs_err::read_to_string(b.path("m.html")).unwrap().contains("<svg"));
    b.run(&["inspect", "magnitude", "v.npy", "--scale", "0"]).fails(2, &["scale", "above 0"]);
    b.run(&["inspect", "magnitude", "v.npy", "--metric", "dot"]).fails(2, &["cosine or l2"]);
    // The whole report has it, too, and takes what it took before.
    let whole = b.run(&["inspect", "v.npy", "--metric", "l2", "-k", "5"]).ok().out;
    assert!(whole.contains("Magnitude") && whole.contains("effective rows"), "{whole}");
    b.run(&["inspect"]).fails(2, &[]);
}

#[test]
fn typicality_finds_the_wrong_label() {
    let b = Bench::new();
    clouds(&b);
    let out = b.run(&["inspect", "typicality", "v.npy", "--labels", "l.txt", "-o", "r.tsv"]).ok().out;
    assert!(out.contains("Do the ways agree?") && out.contains("doubtful labels"), "{out}");
    let ranks = fs_err::read_to_string(b.path("r.tsv")).unwrap();
    assert!(ranks.lines().count() == 121 && ranks.starts_with("row\tlabel\tmean\tadv\tret"), "{ranks}");
    let json = b.run(&["inspect", "typicality", "v.npy", "--labels", "l.txt", "--json"]).ok().json();
    assert_eq!(json["sections"][1]["table"]["rows"][0][2], "7 (even)", "the doubtful label comes first: {json}");
    b.file("few.txt", "a\nb\n");
    b.run(&["inspect", "typicality", "v.npy", "--labels", "few.txt"]).fails(1, &["2 lines for 120 rows"]);
}

#[test]
fn samples_add_up_to_a_prediction() {
    let b = Bench::new();
    clouds(&b);
    let json = b.run(&["explain", "--by-samples", "v.npy", "--labels", "l.txt", "--row", "20", "--json"]).ok().json();
    let number = |name: &str| json[name].as_f64().unwrap();
    assert!((number("score") - number("intercept") - number("sum")).abs() < 1e-3 * number("score").abs(), "{json}");
    assert!(json["lower"][0]["weight"].as_f64().unwrap() < 0.0, "{json}");
    b.run(&["explain", "--by-samples", "v.npy", "--labels", "l.txt", "--row", "500"]).fails(2, &["row 500"]);
    b.run(&["explain", "--by-samples", "v.npy", "--labels", "l.txt", "--class", "none"]).fails(2, &["even, odd"]);
    b.run(&["explain", "only a question"]).fails(2, &["TEXT"]);
}

#[test]
fn uncertainty_is_learned_kept_and_judged() {
    let b = Bench::new();
    clouds(&b);
    let args = [
        "inspect",
        "uncertainty",
        "v.npy",
        "--pairs",
        "v.npy",
        "v.npy",
        "--epochs",
        "2",
        "--save",
        "a.safetensors",
        "-o",
        "u.npy",
    ];
    b.run(&args).ok();
    b.run(&["inspect", "uncertainty", "v.npy", "--adapter", "a.safetensors", "-o", "again.npy"]).ok();
    assert_eq!(fs_err::read(b.path("u.npy")).unwrap(), fs_err::read(b.path("again.npy")).unwrap());
    let set = ["evaluate", "url", "set=v.npy:l.txt:u.npy", "--train", "v.npy", "--train-labels", "l.txt", "--json"];
    let json = b.run(&set).ok().json();
    assert_eq!(json.as_array().unwrap().len(), 5, "{json}");
    assert!(json[0]["worth"]["r_auroc"].as_f64().is_some(), "{json}");
    let table = b.run(&["evaluate", "url", "set=v.npy:l.txt", "--html", "u.html"]).ok().out;
    assert!(table.contains("R-AUROC") && table.contains("- length"), "{table}");
    b.run(&["evaluate", "url", "v.npy"]).fails(2, &["NAME=VECTORS:LABELS"]);
    b.run(&["inspect", "uncertainty", "v.npy"]).fails(2, &["--pairs"]);
    b.run(&["inspect", "uncertainty", "v.npy", "--adapter", "v.npy"]).fails(1, &["v.npy"]);
}

#[test]
fn regions_are_judged_on_rows_apart() {
    let b = Bench::new();
    let rows: Vec<[f32; 3]> = (0..400)
        .map(|i| {
            let (x, t) = ((i * 7 % 400) as f32 / 400.0, (i * 13 % 400) as f32 / 200.0 - 1.0);
            [x, t, t * t * (1.0 + x)]
        })
        .collect();
    b.file("x.npy", npy(&rows.iter().map(|r| &r[..1]).collect::<Vec<_>>()));
    b.file("y.npy", npy(&rows.iter().map(|r| &r[1..]).collect::<Vec<_>>()));
    let json = b
        .run(&["inspect", "regions", "x.npy", "--responses", "y.npy", "--cells", "24", "--epochs", "4", "--json"])
        .ok()
        .json();
    assert_eq!(json.as_array().unwrap().len(), 3);
    assert!(json.as_array().unwrap().iter().all(|j| j["coverage"].as_f64().unwrap() > 0.75), "{json}");
    b.run(&["inspect", "regions", "x.npy", "--responses", "x.npy"]).fails(1, &["2 or 3"]);
    b.run(&["inspect", "regions", "x.npy", "--responses", "y.npy", "--alpha", "1"]).fails(2, &["alpha"]);
}

#[test]
fn robustness_says_slopes_and_bounds() {
    let b = Bench::new();
    let words = ["river", "bridge", "stone", "music", "garden", "winter", "letter", "market", "window", "silver"];
    let text: String = (0..6)
        .map(|t| (0..70).map(|i| words[(i * i + 3 * t * i + t) % 10]).collect::<Vec<_>>().join(" ") + "\n")
        .collect();
    b.file("t.txt", text);
    let out = b.run(&["inspect", "robustness", "t.txt", "--lines", "--lengths", "8,16,64"]).ok().out;
    assert!(
        out.contains("paragraph vector") && out.contains("T = 64") && out.contains("slope, mean of word vectors"),
        "{out}"
    );
    b.run(&["inspect", "robustness", "t.txt", "--lines", "--lengths", "500"]).fails(1, &["t.txt", "long"]);
}
