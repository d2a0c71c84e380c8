//! `vectory transform` through the real binary.

mod common;

use common::{Bench, npy};

/// Rows around (3, 1, 0), spread unevenly.
fn rows(n: usize) -> Vec<u8> {
    let value = |i: usize, j: usize| match j {
        0 => 3.0 + 4.0 * ((i * 7 % 13) as f32 / 13.0),
        1 => 1.0 + ((i * 5 % 11) as f32 / 11.0),
        _ => (i * 3 % 17) as f32 / 17.0 - 0.5,
    };
    let all: Vec<Vec<f32>> = (0..n).map(|i| (0..3).map(|j| value(i, j)).collect()).collect();
    npy(&all.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

#[test]
fn a_chain_is_fitted_kept_applied_and_undone() {
    let b = Bench::new();
    b.file("v.npy", rows(60));
    b.file("later.npy", rows(5));
    let fit =
        b.run(&["transform", "v.npy", "--with", "center|whiten", "-o", "w.npy", "--save", "t.safetensors", "--json"]);
    let json = fit.ok().json();
    assert_eq!((json["chain"].as_str(), json["rows"].as_u64()), (Some("center | whiten"), Some(60)));
    b.run(&["transform", "later.npy", "--apply", "t.safetensors", "-o", "l.npy"]).ok();
    // The first rows are the same rows: kept and fresh chains agree to the byte.
    let read = |name: &str| -> Vec<f32> {
        let bytes = fs_err::read(b.path(name)).unwrap();
        let head = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        bytes[head..].chunks_exact(4).map(|c| f32::from_le_bytes(c.try_into().unwrap())).collect()
    };
    assert_eq!(read("w.npy")[..15], read("l.npy"));
    b.run(&["transform", "l.npy", "--apply", "t.safetensors", "--inverse", "-o", "back.npy"]).ok();
    assert!(read("back.npy").iter().zip(&read("later.npy")).all(|(x, y)| (x - y).abs() < 1e-4));
    let said = b.run(&["transform", "--steps"]).ok().out;
    assert!(said.contains("whiten:zipf") && said.contains("erase"), "{said}");
}

#[test]
fn words_are_weighed_by_name() {
    let b = Bench::new();
    b.file("w.glove", "the 1 0\nof 0 1\ncat 5 5\ndog 6 4\nsun -3 2\n");
    b.file("counts.tsv", "the\t1000\nof\t500\ncat\t3\ndog\t2\n");
    b.run(&["transform", "w.glove", "--with", "center:zipf", "--weights", "counts.tsv", "-o", "c.glove"]).ok();
    let out = fs_err::read_to_string(b.path("c.glove")).unwrap();
    let the: Vec<f32> = out.lines().next().unwrap().split(' ').skip(1).map(|v| v.parse().unwrap()).collect();
    assert!((the[0] - (1.0 - 1027.0 / 1505.0)).abs() < 1e-3, "{out}");
    let report = b.run(&["inspect", "w.glove", "--weights", "counts.tsv"]).ok().out;
    assert!(report.contains("Frequency") && report.contains("second symmetry"), "{report}");
}

#[test]
fn what_is_wrong_is_said_with_the_way_out() {
    let b = Bench::new();
    b.file("v.npy", rows(30));
    b.file("bad.npy", npy(&[&[1.0, 2.0, 3.0], &[1.0, f32::NAN, 0.0], &[0.0, 1.0, 2.0]]));
    b.file("labels.txt", "a\nb\n");
    let with = |chain: &'static str| ["transform", "v.npy", "--with", chain, "-o", "o.npy"];
    b.run(&with("center | whitne")).fails(2, &["step 2", "whitne", "normalize"]);
    b.run(&with("truncate:9")).fails(2, &["step 1", "1 to 3"]);
    b.run(&with("erase")).fails(2, &["--labels"]);
    b.run(&["transform", "v.npy", "--with", "erase", "--labels", "labels.txt", "-o", "o.npy"])
        .fails(1, &["2 labels for 30 rows"]);
    b.run(&["transform", "bad.npy", "--with", "center", "-o", "o.npy"]).fails(1, &["bad.npy", "row 1"]);
    b.run(&["transform", "none.npy", "--with", "center", "-o", "o.npy"]).fails(1, &["none.npy"]);
    b.run(&["transform", "v.npy", "--with", "center"]).fails(2, &["--output"]);
    b.run(&["transform", "v.npy", "-o", "o.npy"]).fails(2, &["--apply"]);
    b.run(&["transform", "v.npy", "--apply", "v.npy", "-o", "o.npy"]).fails(1, &["v.npy"]);
    assert!(!b.path("o.npy").exists());
}
