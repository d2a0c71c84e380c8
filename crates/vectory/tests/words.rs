//! Questions to models of words, and what happens when they make no sense.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn vectory(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vectory")).args(args).current_dir(folder).output().unwrap()
}

/// Status and everything said.
fn said(o: &Output) -> (i32, String) {
    let text = [&o.stdout[..], &o.stderr[..]].map(|b| String::from_utf8_lossy(b).into_owned()).join("");
    (o.status.code().unwrap_or(-1), text)
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    let line = |i: usize| format!("the {} eats with the {} near the {}\n", ["dog", "cat"][i % 2], ["cow", "pig"][i / 2 % 2], ["car", "bus", "tram"][i % 3]);
    fs_err::write(path.join("t.txt"), (0..300).map(line).collect::<String>()).unwrap();
    (dir, path)
}

#[test]
fn learners_from_counts_agree_for_any_threads_and_refuse_what_makes_no_sense() {
    let (_dir, at) = folder();
    let ok = |args: &[&str]| {
        let (status, text) = said(&vectory(&at, args));
        assert_eq!(status, 0, "{args:?}: {text}");
        text
    };
    ok(&["learn", "counts", "t.txt", "-o", "c.safetensors"]);
    for (kind, dim) in [("glove", "5"), ("swivel", "5"), ("ppmi", "5"), ("sn", "5"), ("pu", "5"), ("cwm", "5")] {
        for threads in ["1", "3"] {
            ok(&["learn", kind, "c.safetensors", "--dim", dim, "-o", &format!("{kind}{threads}.vec"), "--threads", threads]);
        }
        let read = |t: &str| fs_err::read(at.join(format!("{kind}{t}.vec"))).unwrap();
        assert!(read("1") == read("3"), "{kind} depends on threads");
        let text = ok(&["nn", &format!("{kind}1.vec"), "dog", "-k", "3"]);
        assert_eq!(text.lines().count(), 3, "{kind}: {text}");
    }
    let fails = |args: &[&str], status: i32, words: &[&str]| {
        let (code, text) = said(&vectory(&at, args));
        assert_eq!(code, status, "{args:?}: {text}");
        words.iter().for_each(|w| assert!(text.contains(w), "{args:?} does not say `{w}`: {text}"));
    };
    fails(&["learn", "glove", "c.safetensors", "-o", "x.vec", "--set", "rate=2"], 2, &["rate", "x_max"]);
    fails(&["learn", "glove", "t.txt", "-o", "x.vec", "--window", "0"], 2, &["window", "1 to 255"]);
    fails(&["learn", "ppmi", "c.safetensors", "--dim", "5000", "-o", "x.vec"], 1, &["dims", "5000"]);
    fails(&["nn", "glove1.vec", "dgo"], 1, &["`dgo`", "spelling"]);
    fails(&["analogy", "glove1.vec", "dog", "cat", "zzz"], 1, &["`zzz`"]);
    fails(&["odd-one-out", "glove1.vec", "dog", "cat"], 2, &["3"]);
    fs_err::write(at.join("empty.txt"), "").unwrap();
    fails(&["learn", "glove", "empty.txt", "-o", "x.vec"], 1, &["no words in empty.txt"]);
    fs_err::write(at.join("one.txt"), "alone\n".repeat(9)).unwrap();
    fails(&["learn", "glove", "one.txt", "-o", "x.vec"], 1, &["no two words"]);
    fs_err::write(at.join("wrong.lex"), "xx yy\nlonely\n").unwrap();
    fails(&["learn", "retrofit", "glove1.vec", "--lexicon", "wrong.lex", "-o", "x.vec"], 1, &["wrong.lex", "2 lines"]);
    fails(&["evaluate", "words", "glove1.vec", "--data", "."], 1, &["no sets"]);
    assert!(!at.join("x.vec").exists());
}

#[test]
fn events_become_vectors_of_codes() {
    let (_dir, at) = folder();
    // Two kinds of patients with three codes each: two directions tell the kinds apart.
    let codes = ["flu", "fever", "cough", "cast", "fracture", "sling"];
    let row = |i: usize| format!("p{},{},{}\n", i / 6, i % 6, codes[(i / 6 % 2) * 3 + i % 3]);
    fs_err::write(at.join("e.csv"), format!("who,day,what\n{}", (0..600).map(row).collect::<String>())).unwrap();
    let (status, text) = said(&vectory(&at, &["learn", "events", "e.csv", "--dim", "2", "-o", "e.safetensors"]));
    assert!(status == 0 && text.contains("6 codes"), "{text}");
    let (_, text) = said(&vectory(&at, &["nn", "e.safetensors", "flu", "-k", "1"]));
    assert!(text.starts_with("fever") || text.starts_with("cough"), "{text}");
    fs_err::write(at.join("e.csv"), "p,1,x\np,soon,y\n").unwrap();
    let (status, text) = said(&vectory(&at, &["learn", "events", "e.csv", "-o", "f.safetensors"]));
    assert!(status == 1 && text.contains("e.csv:2"), "{text}");
}
