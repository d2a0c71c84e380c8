//! Vectors that are broken, few, flat or out of scale, through every command that looks at vectors: the right answer or one clear error.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use common::{Bench, npy};

/// `n` rows of six values in three groups; `change` alters row and column.
fn rows(n: usize, change: impl Fn(usize, usize, f32) -> f32) -> Vec<u8> {
    let value = |i: usize, j: usize| {
        let noise = ((i * 31 + j * 17) * 2_654_435_761 % 1009) as f32 / 1009.0 - 0.5;
        change(i, j, noise + if i % 3 == j { 3.0 } else { 0.0 })
    };
    let all: Vec<Vec<f32>> = (0..n).map(|i| (0..6).map(|j| value(i, j)).collect()).collect();
    npy(&all.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn bench() -> Bench {
    let b = Bench::new();
    b.file("ok.npy", rows(120, |_, _, v| v));
    b.file("nan.npy", rows(120, |i, j, v| if (i, j) == (7, 3) { f32::NAN } else { v }));
    b.file("flat.npy", rows(120, |_, _, _| 1.0));
    b.file("zeros.npy", rows(120, |_, _, _| 0.0));
    b.file("low.npy", rows(120, |i, j, v| if j < 2 { v } else { ((i * 7) % 5) as f32 }));
    b.file("huge.npy", rows(120, |_, _, v| v * 1e30));
    b.file("tiny.npy", rows(120, |_, _, v| v * 1e-30));
    b.file("few.npy", rows(5, |_, _, v| v));
    b.file("one.npy", rows(1, |_, _, v| v));
    b.file("empty.npy", "");
    b.file("labels.txt", (0..120).map(|i| ["ant\n", "bee\n", "cat\n"][i % 3]).collect::<String>());
    b.file("short.txt", "ant\nbee\n");
    b
}

/// Every value of a float file.
fn values(b: &Bench, name: &str) -> Vec<f32> {
    let bytes = fs_err::read(b.path(name)).unwrap();
    let head = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes[head..].chunks_exact(4).map(|c| f32::from_le_bytes(c.try_into().unwrap())).collect()
}

#[test]
fn transform_is_right_or_says_why_not() {
    let b = bench();
    let fit = |file: &str, chain: &str| b.run(&["transform", file, "--with", chain, "-o", "o.npy"]);
    for file in ["low.npy", "huge.npy", "tiny.npy", "few.npy", "flat.npy", "zeros.npy"] {
        for chain in ["center | normalize", "clip", "fnorm | normalize", "abtt", "pca:2"] {
            fit(file, chain).ok();
            assert!(values(&b, "o.npy").iter().all(|v| v.is_finite()), "{file} {chain}");
        }
    }
    // Whitened, the scale is gone: variances are 1, or 0 where there was none.
    for file in ["huge.npy", "tiny.npy", "low.npy"] {
        fit(file, "whiten:pca").ok();
        let out = values(&b, "o.npy");
        for j in 0..6 {
            let variance = out.iter().skip(j).step_by(6).map(|v| f64::from(*v).powi(2)).sum::<f64>() / 120.0;
            assert!((variance - 1.0).abs() < 1e-3 || variance < 1e-9, "{file}: {variance}");
        }
    }
    fit("flat.npy", "whiten").fails(2, &["rows", "differ"]);
    fit("flat.npy", "tldr:2,projector=8").fails(2, &["tldr:2", "differ"]);
    fit("one.npy", "whiten").fails(1, &["one.npy", "2 rows"]);
    fit("few.npy", "isotropy").fails(2, &["clusters", "1 to 5"]);
    fit("few.npy", "relative:300").fails(2, &["anchors", "1 to 5"]);
    fit("nan.npy", "center").fails(1, &["nan.npy", "row 7", "column 3"]);
    fit("empty.npy", "center").fails(1, &["empty.npy"]);
    b.run(&["transform", "ok.npy", "--with", "erase", "--labels", "short.txt", "-o", "o.npy"])
        .fails(1, &["short.txt", "2 labels for 120 rows"]);
}

#[test]
fn inspect_measures_what_can_be_measured() {
    let b = bench();
    for file in ["low.npy", "huge.npy", "tiny.npy", "few.npy", "flat.npy", "nan.npy"] {
        let report = b.run(&["inspect", file, "--json"]).ok().json();
        let sections = report["sections"].as_array().unwrap();
        let measures = sections.iter().flat_map(|s| s["measures"].as_array().cloned().unwrap_or_default());
        let named =
            |name: &str| measures.clone().find(|m| m["name"] == name).unwrap_or_else(|| panic!("{file}: {name}"));
        assert_eq!(
            named("rows with NaN or Inf")["value"].as_f64(),
            Some(f64::from(u8::from(file == "nan.npy"))),
            "{file}"
        );
        // IsoScore does not depend on the scale; of rows that are all the same there is none.
        let iso = named("IsoScore")["value"].as_f64();
        assert_eq!(iso.is_none(), file == "flat.npy", "{file}");
    }
    b.run(&["inspect", "one.npy"]).fails(1, &["one.npy", "at least 2"]);
    b.run(&["inspect", "zeros.npy"]).fails(1, &["zeros.npy", "0 of them usable"]);
    b.run(&["inspect", "empty.npy"]).fails(1, &["empty.npy"]);
    b.run(&["inspect", "ok.npy", "-k", "0"]).fails(2, &["`k`", "1000"]);
}

#[test]
fn compare_names_the_set_that_is_wrong() {
    let b = bench();
    b.run(&["compare", "ok.npy", "nan.npy"]).fails(1, &["`nan`", "row 7", "dimension 3"]);
    b.run(&["compare", "ok.npy", "nan.npy", "--mauve"]).fails(1, &["`nan`", "row 7"]);
    b.run(&["compare", "one.npy", "one.npy"]).fails(1, &["4 rows"]);
    b.run(&["compare", "ok.npy", "few.npy"]).fails(1, &["120", "5", "same item"]);
    b.run(&["compare", "ok.npy", "ok.npy", "--mauve", "--clusters", "1000"]).fails(1, &["k must be", "rows of both"]);
    // Scale does not matter, and lists are no longer than there are rows.
    let report = b.run(&["compare", "ok.npy", "huge.npy", "-k", "10,5000", "--json"]).ok().json();
    let text = report.to_string();
    assert!(text.contains("Jaccard@119") && !text.contains("Jaccard@5000"), "{text}");
    let space = report["sections"][1]["measures"][0].clone();
    assert!(space["name"] == "linear CKA" && space["value"].as_f64().unwrap() > 0.999, "{space}");
    for flat in ["flat.npy", "zeros.npy"] {
        let report = b.run(&["compare", "ok.npy", flat, "--json"]).ok().json();
        assert_eq!(report["sections"][1]["measures"][0]["value"].as_f64(), Some(0.0), "{flat}");
    }
}

#[test]
fn map_and_evaluate_name_file_and_row() {
    let b = bench();
    b.run(&["map", "nan.npy", "-o", "m.html"]).fails(1, &["nan.npy", "row 7"]);
    b.run(&["map", "empty.npy", "-o", "m.html"]).fails(1, &["empty.npy"]);
    for file in ["one.npy", "few.npy", "flat.npy", "huge.npy", "tiny.npy"] {
        b.run(&["map", file, "-o", "m.npy", "--epochs", "20"]).ok();
        assert!(values(&b, "m.npy").iter().all(|v| v.is_finite()), "{file}");
    }
    let judge = |rows: &str, labels: &str| b.run(&["evaluate", "vectors", rows, "--labels", labels]);
    judge("nan.npy", "labels.txt").fails(1, &["nan.npy", "row 7", "dimension 3"]);
    judge("ok.npy", "short.txt").fails(1, &["short.txt", "2 lines for 120 rows"]);
    judge("empty.npy", "labels.txt").fails(1, &["empty.npy"]);
    for file in ["huge.npy", "tiny.npy", "low.npy", "flat.npy"] {
        judge(file, "labels.txt").ok();
    }
    let feet = |more: &[&str]| {
        b.run(&[&["evaluate", "feet", "a_b=ok.npy", "--labels", "labels.txt", "--shots", "2"], more].concat())
    };
    let table = feet(&["--tuned", "a_b=ok.npy", "--format", "latex"]).ok().out;
    assert!(table.contains("fine-tuned") && table.contains("a\\_b &"), "{table}");
    feet(&["--tuned", "other=ok.npy"]).fails(2, &["no model is named `other`"]);
}
