//! Bad input gets one clear error that names file, place and remedy; what was there stays.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use common::{Bench, npy};

#[test]
fn wrong_usage_is_status_2() {
    let b = Bench::new();
    b.run(&["build"]).fails(2, &["Usage"]);
    b.run(&["search", "x.space", "q", "--colour"]).fails(2, &["--colour"]);
    b.run(&["methods", "--home", "nowhere"]).fails(2, &["nowhere"]);
    b.run(&["reproduce", "999"]).fails(2, &["999"]);
}

#[test]
fn what_is_not_there_is_named() {
    let b = Bench::new();
    b.run(&["build", "no/such/folder", "-o", "x.space"]).fails(1, &["no/such/folder"]);
    b.run(&["search", "none.space", "q"]).fails(1, &["none.space"]);
    b.file("a.txt", "some words");
    b.run(&["build", "a.txt", "-o", "x.space", "--encoder", "no/model"]).fails(1, &["no/model"]);
    b.run(&["embed", "a.txt", "-o", "o.npy", "--model", "missing.safetensors"]).fails(1, &["missing.safetensors"]);
    assert!(!b.path("x.space").exists(), "a failed build leaves no half-written space");
}

#[test]
fn empty_sources_are_said() {
    let b = Bench::new();
    fs_err::create_dir_all(b.path("empty")).unwrap();
    b.run(&["build", "empty", "-o", "x.space"]).fails(1, &["empty"]);
    b.file("void.jsonl", "");
    b.run(&["build", "void.jsonl", "-o", "x.space"]).fails(1, &["void.jsonl"]);
    b.file("void.npy", "");
    b.run(&["inspect", "void.npy"]).fails(1, &["void.npy"]);
}

#[test]
fn a_failed_build_keeps_the_space_that_was_there() {
    let b = Bench::new();
    b.file("good.jsonl", "{\"id\":\"a\",\"text\":\"old words\"}\n");
    b.run(&["build", "good.jsonl", "-o", "x.space"]).ok();
    b.file("bad.jsonl", "{\"id\":\"b\",\"text\":\"new\"}\n{oops\n");
    b.run(&["build", "bad.jsonl", "-o", "x.space"]).fails(1, &["bad.jsonl", "2"]);
    let found = b.run(&["search", "x.space", "old", "--json"]).ok().json();
    assert_eq!(found["hits"][0]["id"], "a");
    b.run(&["build", "bad.jsonl", "-o", "y.space", "--skip-errors", "--json"]).ok();
}

#[test]
fn a_huge_line_does_not_fill_memory() {
    let b = Bench::new();
    let mut line = vec![b'x'; 200_000_000];
    line.push(b'\n');
    b.file("huge.jsonl", &line);
    b.run(&["build", "huge.jsonl", "-o", "x.space"]).fails(1, &["huge.jsonl", "1"]);
}

#[test]
fn invalid_utf8_is_repaired_or_counted() {
    let b = Bench::new();
    b.file("d/latin.txt", b"caf\xe9 au lait in the morning\n");
    b.file("d/ok.txt", "plain words\n");
    let built = b.run(&["build", "d", "-o", "x.space", "--json"]).ok().json();
    assert!(built["documents"].as_u64().unwrap() >= 1, "{built}");
}

#[test]
fn rows_that_are_no_rows_are_refused() {
    let b = Bench::new();
    b.file("nan.npy", npy(&[&[1.0, 2.0], &[3.0, f32::NAN]]));
    b.run(&["index", "nan.npy", "--factory", "Flat", "-o", "i.idx"]).fails(1, &["nan.npy", "row 1"]);
    let whole = npy(&[&[1.0, 2.0], &[3.0, 4.0]]);
    b.file("cut.npy", &whole[..whole.len() - 3]);
    b.run(&["index", "cut.npy", "--factory", "Flat", "-o", "i.idx"]).fails(1, &["cut.npy"]);
    b.file("ragged.tsv", "1\t2\t3\n4\t5\n");
    b.run(&["convert", "ragged.tsv", "o.npy"]).fails(1, &["ragged.tsv", "2"]);
    assert!(!b.path("o.npy").exists());
    b.file("ok.npy", npy(&[&[1.0, 2.0], &[3.0, 4.0]]));
    b.run(&["index", "ok.npy", "--factory", "Cube7", "-o", "i.idx"]).fails(2, &["Cube7"]);
    b.run(&["index", "ok.npy", "--metric", "hamming", "-o", "i.idx"]).fails(2, &["hamming"]);
    b.file("cut.safetensors", b"\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":");
    b.run(&["convert", "cut.safetensors", "o.npy"]).fails(1, &["cut.safetensors"]);
}

#[test]
fn a_cut_gzip_names_the_file() {
    let b = Bench::new();
    b.file("cut.jsonl.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab]);
    b.run(&["build", "cut.jsonl.gz", "-o", "x.space"]).fails(1, &["cut.jsonl.gz"]);
}

#[test]
fn an_unknown_recipe_key_is_named() {
    let b = Bench::new();
    b.file("a.txt", "words");
    b.file("r.toml", "[source]\nmax_wordz = 10\n");
    b.run(&["build", "a.txt", "-o", "x.space", "--recipe", "r.toml"]).fails(2, &["max_wordz", "r.toml"]);
}

#[test]
fn damage_is_found_and_derived_files_are_rebuilt() {
    let b = Bench::new();
    b.file("d.jsonl", "{\"id\":\"a\",\"text\":\"green apples\"}\n{\"id\":\"b\",\"text\":\"red cherries\"}\n");
    b.run(&["build", "d.jsonl", "-o", "x.space"]).ok();
    let hurt = hurt_one_segment_file(&b.path("x.space/segments"));
    b.run(&["check", "x.space", "--full"]).fails(1, &[&hurt]);
    b.run(&["check", "x.space", "--repair"]).ok();
    b.run(&["check", "x.space", "--full"]).ok();
    let found = b.run(&["search", "x.space", "cherry", "--json"]).ok().json();
    assert_eq!(found["hits"][0]["id"], "b");
}

/// Flips a byte in the middle of the largest file of derived data; gives its name.
fn hurt_one_segment_file(segments: &std::path::Path) -> String {
    let segment = fs_err::read_dir(segments).unwrap().next().unwrap().unwrap().path();
    let files = fs_err::read_dir(&segment).unwrap().map(|f| f.unwrap().path());
    let derived = files.filter(|f| !f.to_string_lossy().contains("items"));
    let path = derived.max_by_key(|f| fs_err::metadata(f).unwrap().len()).unwrap();
    let mut bytes = fs_err::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs_err::write(&path, bytes).unwrap();
    path.file_name().unwrap().to_string_lossy().into_owned()
}
