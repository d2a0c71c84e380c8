//! A disk that is full, as the system has it: files may not grow beyond a limit, so that writes are cut short and then fail, in
//! the middle of a segment, of a graph, or of the table of items.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

use std::path::Path;
use std::process::{Command, Output};

const BINARY: &str = env!("CARGO_BIN_EXE_vectory");

fn run(args: &[&str]) -> Output {
    Command::new(BINARY).args(args).args(["--threads", "2", "--json"]).output().unwrap()
}

/// The same with files of at most so many kilobytes.
fn limited(kilobytes: usize, args: &[&str]) -> Output {
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$@\"");
    Command::new("bash")
        .args(["-c", &script, "bash", BINARY])
        .args(args)
        .args(["--threads", "2", "--json"])
        .output()
        .unwrap()
}

fn lines(from: usize, to: usize) -> String {
    let word = |i: usize| format!("word{}", (i * i + i / 3) % 997);
    let text = |i: usize| (0..40).map(|j| word(i * 41 + j * 7)).collect::<Vec<_>>().join(" ");
    (from..to).map(|i| format!("{{\"id\": \"d{i}\", \"text\": \"{}\"}}\n", text(i))).collect()
}

fn documents(space: &Path) -> u64 {
    let checked = run(&["check", "--full", space.to_str().unwrap()]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let report: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    report["documents"].as_u64().unwrap()
}

#[test]
fn writes_that_are_cut_short_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (source, space) = (dir.path().join("a.jsonl"), dir.path().join("a.space"));
    let (from, to) = (source.to_str().unwrap().to_owned(), space.to_str().unwrap().to_owned());
    fs_err::write(&source, lines(0, 500)).unwrap();
    let built = run(&["build", &from, "-o", &to]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let before = documents(&space);
    fs_err::write(&source, lines(0, 3000)).unwrap();
    let mut failed = 0;
    // The table of items alone is larger than the first limits; with the last ones there is room.
    for kilobytes in [64, 700, 1500, 2100, 2900, 4000, 1 << 20] {
        let done = limited(kilobytes, &["build", &from, "-o", &to]);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        let now = documents(&space);
        if done.status.success() {
            assert_eq!(now, 3000);
        } else {
            failed += 1;
            assert_eq!(done.status.code(), Some(1), "{kilobytes}: {said}");
            assert!(said.contains("large") || said.contains("I/O") || said.contains("error"), "{kilobytes}: {said}");
            assert!(now == before || now == 3000, "{kilobytes} kB: {now} documents, before {before}");
        }
    }
    assert!(failed >= 2, "the limits were never met");
    assert_eq!(documents(&space), 3000);
}
