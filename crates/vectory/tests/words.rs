//! Questions to models of words, and what happens when they make no sense.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

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
    let line = |i: usize| {
        format!(
            "the {} eats with the {} near the {}\n",
            ["dog", "cat"][i % 2],
            ["cow", "pig"][i / 2 % 2],
            ["car", "bus", "tram"][i % 3]
        )
    };
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
    for (kind, dim) in [("glove", "5"), ("swivel", "5"), ("ppmi", "5"), ("sn", "5"), ("pu", "5")] {
        for threads in ["1", "3"] {
            ok(&[
                "learn",
                kind,
                "c.safetensors",
                "--dim",
                dim,
                "-o",
                &format!("{kind}{threads}.vec"),
                "--threads",
                threads,
            ]);
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
    fails(&["learn", "cwm", "c.safetensors", "-o", "x.vec"], 2, &["c.safetensors holds cooccurrence", "text", "glove"]);
    fails(&["learn", "sgns", "t.txt", "c.safetensors", "-o", "x.vec"], 2, &["c.safetensors", "expected text"]);
    let missing: &[&[&str]] =
        &[&["learn", "sgns", "t.txt"], &["learn", "counts", "t.txt"], &["learn", "glove", "c.safetensors"]];
    for args in missing {
        fails(&[args, &["-o", "nosuch/m.safetensors"][..]].concat(), 2, &["there is no folder nosuch"]);
    }
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
fn a_training_that_was_interrupted_goes_on_to_the_same_vectors() {
    let (_dir, at) = folder();
    let text: String = (0..4000u64)
        .map(|i| (0..20).map(|j| format!("w{} ", vectory::core::rng::mix(i * 32 + j) % 300)).collect::<String>() + "\n")
        .collect();
    fs_err::write(at.join("t.txt"), text).unwrap();
    for (kind, epochs) in [("glove", "60"), ("sgns", "40")] {
        let out = format!("{kind}.safetensors");
        let (vec, whole) = (format!("{kind}.vec"), format!("{kind}-whole.safetensors"));
        let run = |out: &str, more: &[&str]| {
            let mut c = Command::new(env!("CARGO_BIN_EXE_vectory"));
            c.args(["learn", kind, "t.txt", "--dim", "64", "--epochs", epochs, "--quiet", "-o", out]).current_dir(&at);
            if kind == "sgns" {
                c.args(["--deterministic", "--sample", "0"]);
            }
            c.args(more);
            c
        };
        // Whenever it is stopped before it learns or after: later, or sooner.
        let mut wait = std::time::Duration::from_millis(100);
        let mut tries = 0..30;
        let checkpoint = at.join(format!("{out}.checkpoint"));
        while tries.next().is_some() && !checkpoint.exists() {
            let mut child = run(&out, &["--threads", "2"]).spawn().unwrap();
            std::thread::sleep(wait);
            assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
            match child.wait().unwrap().code() {
                Some(130) => wait = wait * 5 / 4,
                ended => {
                    assert!(ended == Some(0) || ended.is_none(), "{kind}: {ended:?}");
                    wait = wait * 2 / 3;
                }
            }
        }
        assert!(checkpoint.exists(), "{kind} was never stopped while it learned");
        let _ = fs_err::remove_file(at.join(&out));
        let (code, text) = said(&run(&out, &["--resume", "--seed", "5"]).output().unwrap());
        assert!(code == 1 && text.contains("the seed differs"), "{kind}: {text}");
        for (out, more) in [(&out, &["--resume", "--threads", "1"][..]), (&whole, &["--threads", "1"])] {
            let (code, text) = said(&run(out, more).output().unwrap());
            assert_eq!(code, 0, "{kind}: {text}");
        }
        assert!(!checkpoint.exists(), "{kind} left its checkpoint");
        let rows = |name: &str| {
            let (code, text) = said(&vectory(&at, &["convert", name, &vec, "--to", "word2vec"]));
            assert_eq!(code, 0, "{text}");
            fs_err::read(at.join(&vec)).unwrap()
        };
        assert!(rows(&out) == rows(&whole), "{kind} came to other vectors");
    }
    let (code, text) = said(&vectory(&at, &["learn", "ppmi", "t.txt", "--resume", "-o", "p.vec"]));
    assert!(code == 2 && text.contains("no passes"), "{text}");
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

#[test]
fn files_for_other_programs_are_those_that_they_loaded() {
    // gold/exchange/make.py has fastText and gensim load these very bytes.
    let gold = Path::new(env!("CARGO_MANIFEST_DIR")).join("../learn/gold");
    let sums: serde_json::Value =
        serde_json::from_str(&fs_err::read_to_string(gold.join("exchange/gold.json")).unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (source, name, form) in [
        ("sg.bin", "sg.fasttext", "fasttext"),
        ("w2v.txt", "text-to.bin", "word2vec-binary"),
        ("w2v.bin", "binary-to.txt", "word2vec"),
    ] {
        let from = gold.join("wordmodels").join(source);
        let (status, text) = said(&vectory(dir.path(), &["convert", from.to_str().unwrap(), name, "--to", form]));
        assert_eq!(status, 0, "{text}");
        let bytes = fs_err::read(dir.path().join(name)).unwrap();
        assert_eq!(format!("{:016x}", vectory::core::hash::fnv1a(&bytes)), sums[name].as_str().unwrap(), "{name}");
    }
}

#[test]
fn codes_senses_and_mixtures_are_learned_asked_and_refused() {
    let (_dir, at) = folder();
    let ok = |args: &[&str]| {
        let (status, text) = said(&vectory(&at, args));
        assert_eq!(status, 0, "{args:?}: {text}");
        text
    };
    let fails = |args: &[&str], status: i32, words: &[&str]| {
        let (code, text) = said(&vectory(&at, args));
        assert_eq!(code, status, "{args:?}: {text}");
        words.iter().for_each(|w| assert!(text.contains(w), "{args:?} does not say `{w}`: {text}"));
    };
    assert!(
        ok(&["learn", "paragraphs", "t.txt", "--binary", "64", "--epochs", "3", "-o", "b.safetensors"])
            .contains("300 documents of 64 bits")
    );
    assert!(ok(&["embed", "t.txt", "--lines", "--model", "b.safetensors", "-o", "b.npy"]).contains("300 rows × 64"));
    fails(&["learn", "paragraphs", "t.txt", "--binary", "0", "-o", "x"], 2, &["bits is 0", "1 to 4096"]);
    fails(&["learn", "paragraphs", "t.txt", "--real", "8", "-o", "x"], 2, &["--binary"]);
    ok(&[
        "learn",
        "senses",
        "t.txt",
        "--dim",
        "8",
        "--senses",
        "2",
        "--epochs",
        "3",
        "--sample",
        "0",
        "-o",
        "s.safetensors",
    ]);
    let text = ok(&["senses", "s.safetensors", "dog", "--context", "the dog eats", "--context", "the bus", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    for context in json["contexts"].as_array().unwrap() {
        let sum: f64 = context["senses"].as_array().unwrap().iter().map(|s| s["probability"].as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{json}");
    }
    assert!(ok(&["nn", "s.safetensors", "dog#0", "-k", "2"]).contains('#'));
    fails(&["senses", "s.safetensors", "zebra"], 1, &["`zebra`", "s.safetensors"]);
    fails(&["senses", "b.safetensors", "dog"], 1, &["b.safetensors", "word-senses"]);
    let text = ok(&[
        "learn",
        "lda2vec",
        "t.txt",
        "-n",
        "2",
        "--dim",
        "8",
        "--epochs",
        "3",
        "--mixtures",
        "m.npy",
        "-o",
        "l.safetensors",
    ]);
    assert!(text.contains("NPMI") && text.contains("300 documents"), "{text}");
    assert!(ok(&["convert", "m.npy", "m.tsv"]).contains("300 rows × 2"));
    assert!(ok(&["embed", "t.txt", "--lines", "--model", "l.safetensors", "-o", "l.npy"]).contains("300 rows × 8"));
    fails(&["learn", "lda2vec", "t.txt", "-n", "1", "-o", "x"], 2, &["topics is 1", "2 to 1000"]);
    assert!(!at.join("x").exists());
}
