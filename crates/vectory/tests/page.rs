//! The page as its users meet it: the real binary, a real space, a real browser.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod serving;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use serving::Server;

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web")
}

fn works(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success())
}

/// A browser: `$CHROMIUM`, or the system's.
fn chromium() -> Option<String> {
    let named = std::env::var("CHROMIUM").ok();
    let known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(str::to_owned);
    named.into_iter().chain(known).find(|p| works(p))
}

/// What is missing for the browser's tests, if something is.
fn missing() -> Option<&'static str> {
    if !works("node") {
        return Some("there is no node");
    }
    if chromium().is_none() {
        return Some("there is no chromium (Debian: apt-get install chromium; or set CHROMIUM)");
    }
    if !web().join("node_modules/playwright-core").exists() {
        let installed = Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(web()).output();
        if !installed.is_ok_and(|i| i.status.success()) {
            return Some("playwright-core cannot be installed (npm is not reachable); `make web` installs it");
        }
    }
    None
}

/// 180 short texts on three subjects, as JSON lines.
fn texts() -> String {
    let subjects: [(&str, [&str; 4], [&str; 5]); 3] = [
        (
            "kitchen",
            ["bread dough", "a pumpkin soup", "an apple cake", "roast potatoes"],
            [
                "rises in a warm bowl",
                "bakes in a hot oven",
                "wants butter and salt",
                "cools on the kitchen table",
                "is cut with a sharp knife",
            ],
        ),
        (
            "space",
            ["a rocket", "the moon lander", "a comet", "the space station"],
            [
                "circles the planet",
                "is seen through a telescope",
                "carries astronauts",
                "burns fuel in orbit",
                "sends radio signals from the moon",
            ],
        ),
        (
            "zoo",
            ["the lion cub", "an old elephant", "a green parrot", "the polar bear"],
            [
                "sleeps in the shade",
                "is fed by the keeper",
                "plays with its mother",
                "drinks at the water hole",
                "calls loudly in the morning",
            ],
        ),
    ];
    let mut out = String::new();
    for i in 0..180 {
        let (topic, things, deeds) = &subjects[i % 3];
        let (thing, deed, then) = (things[i / 3 % 4], deeds[i / 12 % 5], deeds[(i / 7 + 1) % 5]);
        let year = 2000 + i % 20;
        let line = json!({
            "id": format!("t{i}"), "title": format!("{thing}, note {i}"), "topic": topic, "year": year,
            "text": format!("In the {topic} notes: {thing} {deed}, and then it {then}."),
        });
        let _ = writeln!(out, "{line}");
    }
    out
}

/// A server of a folder with the texts built into the collection `garden`.
fn garden(dir: &Path) -> Server {
    let source = dir.join("garden.jsonl");
    fs_err::write(&source, texts()).unwrap();
    let folder = dir.join("collections");
    let built = Command::new(env!("CARGO_BIN_EXE_vectory"))
        .arg("build")
        .arg(&source)
        .arg("-o")
        .arg(folder.join("garden.space"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Server::start(&folder, &[])
}

#[test]
fn the_page_works_in_a_browser() {
    if let Some(what) = missing() {
        println!("skipped: {what}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = garden(dir.path());
    let mut command = Command::new("node");
    command.arg("test/page.mjs").arg(&server.url).current_dir(web()).env("NO_PROXY", "127.0.0.1");
    command.env("CHROMIUM", chromium().unwrap_or_default());
    if let Ok(shots) = std::env::var("VECTORY_SCREENSHOTS") {
        command.arg(shots);
    }
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    println!("{said}");
    assert!(done.status.success(), "{said}");
}

#[test]
fn a_map_is_made_kept_and_says_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let server = garden(dir.path());
    let at = |path: &str| format!("/collections/garden/{path}");
    assert_eq!(server.ask("GET", &at("map"), Value::Null).unwrap()["state"], "none");
    assert_eq!(server.refused("GET", &at("map/points"), Value::Null).0, 404);
    let job = server.ask("POST", &at("map"), json!({})).unwrap();
    assert_eq!((&job["kind"], &job["collection"]), (&json!("map"), &json!("garden")), "{job}");
    let ready = loop {
        let now = server.ask("GET", &at("map"), Value::Null).unwrap();
        assert_ne!(now["state"], "failed", "{now}");
        if now["state"] == "ready" {
            break now;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    assert_eq!((&ready["points"], &ready["stale"]), (&json!(180), &json!(false)));
    let done = server.ask("GET", &format!("/jobs/{}", job["id"]), Value::Null).unwrap();
    assert_eq!((&done["state"], &done["result"]["points"]), (&json!("done"), &json!(180)), "{done}");
    assert!(ready["regions"].as_array().is_some_and(|r| r.len() >= 3), "{ready}");
    let wrong = [
        ("map", json!({"view": "nope"}), 400, "no dense view `nope`"),
        ("map/items", json!({"passages": [-1]}), 400, "passages[0]"),
        ("map/scores", json!({"query": "x", "k": 0}), 400, "1 to 5000"),
        ("map/matching", json!({"filter": "year >="}), 400, "column 8"),
        ("similar", json!({"positive": []}), 400, "names no item"),
        ("similar", json!({"positive": ["nobody"]}), 404, "no point nobody"),
    ];
    for (path, body, status, says) in wrong {
        let (got, message) = server.refused("POST", &at(path), body);
        assert!(got == status && message.contains(says), "{path}: {got} {message}");
    }
    let scored = server.ask("POST", &at("map/scores"), json!({"query": "bread in the oven", "k": 5})).unwrap();
    let told = server.ask("POST", &at("map/items"), json!({"passages": scored["passages"]})).unwrap();
    assert!(
        told.as_array().is_some_and(|t| t.len() == 5 && t.iter().all(|p| p["payload"]["topic"] == "kitchen")),
        "{told}"
    );
    let asked = json!({"positive": [told[0]["id"]], "negative": ["t1"], "k": 3});
    let like = server.ask("POST", &at("similar"), asked).unwrap();
    assert!(
        like["hits"].as_array().is_some_and(|h| h.len() == 3 && h.iter().all(|h| h["id"] != told[0]["id"])),
        "{like}"
    );
    server
        .ask("POST", &at("points/delete"), json!({"filter": {"must": [{"key": "topic", "match": {"value": "zoo"}}]}}))
        .unwrap();
    let after = server.ask("GET", &at("map"), Value::Null).unwrap();
    assert_eq!((&after["state"], &after["stale"]), (&json!("ready"), &json!(true)));
    assert!(server.terminate());
    // It is there without being made again.
    let again = Server::start(&dir.path().join("collections"), &[]);
    assert_eq!(again.ask("GET", &at("map"), Value::Null).unwrap()["points"], 180);
}
