//! Recipes whose encoder is learned: from the passages themselves, or before, by `vectory learn`.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use common::Bench;

/// Two subjects that share no word but small ones.
fn notes(b: &Bench, from: usize, to: usize) {
    let kitchen = ["bread", "flour", "oven", "yeast", "dough", "crust"];
    let garage = ["wheel", "brake", "engine", "clutch", "gear", "axle"];
    for i in from..to {
        let words = if i % 2 == 0 { kitchen } else { garage };
        let line = |j: usize| {
            format!(
                "The {} and the {} are by the {}. ",
                words[(i + j) % 6],
                words[(i * 5 + j * 2 + 1) % 6],
                words[(i + 3 * j + 2) % 6]
            )
        };
        b.file(&format!("notes/{i}.txt"), (0..6).map(line).collect::<String>());
    }
}

fn recipe(encode: &str) -> String {
    format!(
        "[[view]]\nname = \"words\"\nkind = \"sparse\"\n[[view]]\nname = \"meaning\"\nkind = \"dense\"\nencode = {encode}\n"
    )
}

fn fingerprint(b: &Bench, space: &str) -> String {
    let report = b.run(&["check", space, "--full", "--json"]).ok().json();
    report["encoders"][0]["fingerprint"].as_str().unwrap().to_owned()
}

/// Ids of the answers of the meaning view.
fn asked(b: &Bench, space: &str, question: &str) -> Vec<usize> {
    let json = b.run(&["search", space, question, "--view", "meaning", "-k", "10", "--json"]).ok().json();
    let id = |h: &serde_json::Value| {
        h["id"].as_str().unwrap().trim_end_matches(".txt").rsplit('/').next().unwrap().parse().unwrap()
    };
    json["hits"].as_array().unwrap().iter().map(id).collect()
}

#[test]
fn an_encoder_is_learned_from_the_passages_kept_named_and_used_again() {
    let b = Bench::new();
    notes(&b, 0, 60);
    b.file(
        "r.toml",
        recipe("{ learn = \"sent2vec\", params = { dim = 8, epochs = 20, sample = 0.01, buckets = 1000 } }"),
    );
    let said = b.run(&["build", "notes", "-o", "x.space", "--recipe", "r.toml", "--threads", "1"]).ok();
    assert!(said.out.contains("meaning by sent2vec"), "{}", said.out);
    assert!(b.path("x.space/meaning.learned.safetensors").exists() && !b.path("x.space/learning.txt").exists());
    let text = b.run(&["check", "x.space"]).ok().out;
    assert!(text.contains("learned here by sent2vec") && text.contains("8 values"), "{text}");
    assert!(asked(&b, "x.space", "flour for the crust").iter().all(|i| i % 2 == 0));
    // The same texts and seed: the same encoder, for any number of threads; another seed: another.
    b.run(&["build", "notes", "-o", "y.space", "--recipe", "r.toml", "--threads", "2"]).ok();
    assert_eq!(fingerprint(&b, "y.space"), fingerprint(&b, "x.space"));
    b.run(&["build", "notes", "-o", "z.space", "--recipe", "r.toml", "--seed", "7"]).ok();
    assert_ne!(fingerprint(&b, "z.space"), fingerprint(&b, "x.space"));
    // More texts: the encoder stays.
    let before = fingerprint(&b, "x.space");
    notes(&b, 60, 70);
    let summary = b.run(&["build", "notes", "-o", "x.space", "--recipe", "r.toml", "--json"]).ok().json();
    assert_eq!((summary["added"].as_u64(), summary["unchanged"].as_u64()), (Some(10), Some(60)), "{summary}");
    assert_eq!(fingerprint(&b, "x.space"), before);
    assert!(asked(&b, "x.space", "the clutch of the engine").iter().all(|i| i % 2 == 1));
    // A snapshot has it.
    b.run(&["snapshot", "x.space", "-o", "x.snap"]).ok();
    b.run(&["restore", "x.snap", "-o", "again.space"]).ok();
    assert_eq!(asked(&b, "again.space", "flour for the crust"), asked(&b, "x.space", "flour for the crust"));
    // Another encoder in its place is found out, and one that is gone.
    fs_err::copy(b.path("z.space/meaning.learned.safetensors"), b.path("again.space/meaning.learned.safetensors"))
        .unwrap();
    b.run(&["check", "again.space", "--full"])
        .fails(1, &["meaning.learned.safetensors", "is not the encoder that made the rows"]);
    fs_err::remove_file(b.path("again.space/meaning.learned.safetensors")).unwrap();
    b.run(&["check", "again.space"]).fails(1, &["meaning.learned.safetensors", "restore a snapshot"]);
    b.run(&["search", "again.space", "oven"]).fails(1, &["meaning.learned.safetensors", "sent2vec"]);
    // Other parameters are another recipe.
    b.file("r.toml", recipe("{ learn = \"sent2vec\", params = { dim = 9 } }"));
    b.run(&["build", "notes", "-o", "x.space", "--recipe", "r.toml"])
        .fails(1, &["another recipe", "view `meaning` differs"]);
}

#[test]
fn what_cannot_be_learned_is_said_and_leaves_nothing() {
    let b = Bench::new();
    notes(&b, 0, 4);
    let fails = |encode: &str, status: i32, says: &[&str]| {
        b.file("r.toml", recipe(encode));
        b.run(&["build", "notes", "-o", "x.space", "--recipe", "r.toml"]).fails(status, says);
        assert!(!b.path("x.space").exists(), "{encode}");
    };
    fails("{ learn = \"word3vec\" }", 1, &["view `meaning`", "word3vec", "sent2vec"]);
    fails("{ learn = \"sgns\", params = { dims = 5 } }", 1, &["`dims`", "min_count"]);
    fails("{ learn = \"sgns\", params = { min_count = 1000 } }", 1, &["occurs 1000 times", "lower min_count"]);
    fails("{ learn = \"sgns\", model = \"m\" }", 2, &["view.meaning.encode.model"]);
    b.file("r.toml", recipe("{ learn = \"sgns\" }"));
    b.run_with(&["build", "-", "-o", "x.space", "--recipe", "r.toml"], b"a text").fails(1, &["stdin", "files"]);
    b.file("empty/nothing.bin", [0u8, 159, 146, 150]);
    b.run(&["build", "empty", "-o", "x.space", "--recipe", "r.toml"]).fails(1, &["no document"]);
    assert!(!b.path("x.space").exists());
}

#[test]
fn every_learned_model_is_an_encoder_of_recipes() {
    let b = Bench::new();
    notes(&b, 0, 60);
    let text: String =
        (0..60).map(|i| fs_err::read_to_string(b.path(&format!("notes/{i}.txt"))).unwrap() + "\n").collect();
    b.file("t.txt", &text);
    let labelled = |(i, l): (usize, &str)| format!("__label__{} {l}\n", ["kitchen", "garage"][i % 2]);
    b.file("l.txt", text.lines().enumerate().map(labelled).collect::<String>());
    let few = ["--dim", "8", "--epochs", "3"];
    let small = ["--bucket", "500"];
    let learn = |kind: &str, input: &str, more: &[&str]| {
        let out = format!("{kind}.safetensors");
        b.run(&[&["learn", kind, input, "-o", &out], &few[..], more].concat()).ok();
    };
    let kinds = [
        "sgns",
        "cbow",
        "fasttext",
        "paragraphs",
        "sent2vec",
        "classify",
        "glove",
        "swivel",
        "ppmi",
        "sn",
        "pu",
        "cwm",
    ];
    for kind in kinds {
        let (input, more) = match kind {
            "classify" => ("l.txt", &small[..]),
            "fasttext" | "sent2vec" => ("t.txt", &small[..]),
            _ => ("t.txt", &[][..]),
        };
        learn(kind, input, more);
        // From the recipe's folder, whatever folder is worked in.
        b.file(&format!("recipes/{kind}.toml"), recipe(&format!("{{ model = \"../{kind}.safetensors\" }}")));
        let space = format!("{kind}.space");
        b.run(&["build", "notes", "-o", &space, "--recipe", &format!("recipes/{kind}.toml")]).ok();
        let away = b
            .command(&["search", &format!("../{space}"), "flour", "--view", "meaning", "--json"])
            .current_dir(b.path("notes"))
            .output();
        let json: serde_json::Value =
            serde_json::from_slice(&away.unwrap().stdout).unwrap_or_else(|e| panic!("{kind}: {e}"));
        assert_eq!(json["hits"].as_array().map(Vec::len), Some(10), "{kind}: {json}");
    }
}

#[test]
fn the_shipped_recipe_learns() {
    let b = Bench::new();
    notes(&b, 0, 20);
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/learned.toml");
    b.run(&["build", "notes", "-o", "x.space", "--recipe", shipped.to_str().unwrap()]).ok();
    assert!(b.run(&["check", "x.space"]).ok().out.contains("learned here by sent2vec"));
}
