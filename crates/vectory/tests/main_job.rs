//! From a folder to answers, through the real binary.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use common::Bench;

/// Three small documents about different things.
fn notes(b: &Bench) {
    b.file("notes/bread.md", "# Bread\n\nMix flour, water, salt and yeast. Knead the dough and let it rise overnight.\n\n## Baking\n\nBake the loaf in a hot oven until the crust is brown.\n");
    b.file(
        "notes/boats.txt",
        "A sailing boat needs wind. The captain lowers the anchor in the harbour when a storm comes.\n",
    );
    b.file("notes/sub/code.rs", "/// Adds two numbers.\npub fn add(a: i32, b: i32) -> i32 { a + b }\n");
    b.file("notes/.gitignore", "secret/\n");
    b.file("notes/secret/key.txt", "this must not be read\n");
    b.file("notes/picture.png", [0x89, b'P', b'N', b'G', 0, 1, 2, 3]);
}

fn ids(answer: &serde_json::Value) -> Vec<String> {
    answer["hits"].as_array().unwrap().iter().map(|h| h["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_folder_becomes_answers() {
    let b = Bench::new();
    notes(&b);
    let built = b.run(&["build", "notes", "-o", "n.space", "--json"]).ok().json();
    assert_eq!(built["documents"], 3, "{built}");
    assert_eq!(built["added"], 3, "{built}");
    let found = b.run(&["search", "n.space", "how do I make a loaf", "-k", "3", "--json"]).ok().json();
    assert!(ids(&found)[0].contains("bread.md"), "{found}");
    let found = b.run(&["search", "n.space", "ship in bad weather", "--view", "meaning", "--json"]).ok().json();
    assert!(ids(&found)[0].contains("boats.txt"), "{found}");
    let found = b.run(&["search", "n.space", "anchors", "--view", "words", "--json"]).ok().json();
    assert_eq!(ids(&found).len(), 1, "stemming finds `anchor` and nothing else: {found}");
    let text = b.run(&["search", "n.space", "anchor", "--explain"]).ok().out;
    assert!(text.contains("boats.txt") && text.contains("words"), "{text}");
}

#[test]
fn a_second_build_encodes_only_what_changed() {
    let b = Bench::new();
    notes(&b);
    b.run(&["build", "notes", "-o", "n.space"]).ok();
    let same = b.run(&["build", "notes", "-o", "n.space", "--resume", "--json"]).ok().json();
    assert_eq!(
        (&same["added"], &same["changed"], &same["removed"], &same["unchanged"]),
        (&0.into(), &0.into(), &0.into(), &3.into()),
        "{same}"
    );
    b.file("notes/boats.txt", "Bicycles have two wheels and a bell.\n");
    fs_err::remove_file(b.path("notes/sub/code.rs")).unwrap();
    b.file("notes/new.txt", "Volcanoes erupt.\n");
    let next = b.run(&["build", "notes", "-o", "n.space", "--json"]).ok().json();
    assert_eq!((&next["added"], &next["changed"], &next["removed"]), (&1.into(), &1.into(), &1.into()), "{next}");
    let gone = b.run(&["search", "n.space", "anchor harbour", "--view", "words", "--json"]).ok().json();
    assert!(ids(&gone).is_empty(), "{gone}");
    let new = b.run(&["search", "n.space", "volcano", "--json"]).ok().json();
    assert!(ids(&new)[0].contains("new.txt"), "{new}");
    b.run(&["check", "n.space", "--full"]).ok();
}

#[test]
fn a_filter_gives_k_hits_while_k_exist() {
    let b = Bench::new();
    let rows: String = (0..400)
        .map(|i| {
            let lang = if i % 40 == 0 { "en" } else { "de" };
            format!(
                "{{\"id\":\"d{i}\",\"text\":\"report number {i} about rivers\",\"year\":{},\"lang\":\"{lang}\"}}\n",
                1900 + i % 100
            )
        })
        .collect();
    b.file("r.jsonl", rows);
    b.run(&["build", "r.jsonl", "-o", "r.space"]).ok();
    let filter = r#"lang = "en" and year >= 1900"#;
    let found = b.run(&["search", "r.space", "rivers", "-k", "10", "--filter", filter, "--json"]).ok().json();
    assert_eq!(ids(&found).len(), 10, "{found}");
    for h in found["hits"].as_array().unwrap() {
        assert_eq!(h["payload"]["lang"], "en");
    }
    b.run(&["search", "r.space", "rivers", "--filter", "year >="]).fails(2, &["filter"]);
}

#[test]
fn columns_compression_and_stdin_are_read() {
    let b = Bench::new();
    b.file("t.csv", "key,body,year\na,\"the cat, asleep\",1999\nb,a dog runs,2005\n");
    b.run(&["build", "t.csv", "--id", "key", "--text", "body", "-o", "c.space"]).ok();
    let found = b.run(&["search", "c.space", "cat", "--view", "words", "--json"]).ok().json();
    assert_eq!(found["hits"][0]["id"], "a");
    assert_eq!(found["hits"][0]["payload"]["year"], 1999);
    let lines = b"{\"id\":\"x\",\"text\":\"from standard input\"}\n";
    b.run_with(&["build", "-", "-o", "s.space"], lines).ok();
    let found = b.run(&["search", "s.space", "input", "--json"]).ok().json();
    assert_eq!(found["hits"][0]["id"], "x");
}
