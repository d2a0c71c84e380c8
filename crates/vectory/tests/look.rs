//! Looking at a collection over HTTP: upload, report, topics, explanation, evaluation; jobs and their progress.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod serving;

use serde_json::{Value, json};
use serving::Server;

const KINDS: [(&str, [&str; 8]); 3] = [
    ("animals", ["cat", "kitten", "dog", "puppy", "fur", "whiskers", "paw", "tail"]),
    ("money", ["stock", "bond", "market", "bank", "price", "shares", "loan", "interest"]),
    ("sky", ["planet", "orbit", "star", "rocket", "telescope", "galaxy", "moon", "comet"]),
];

/// 60 texts of each kind.
fn lines() -> String {
    let text = |k: usize, i: usize| {
        let words = KINDS[k].1;
        let word = |j: usize| words[(i * 7 + j * (i % 3 + 1)) % words.len()];
        format!("The {} and the {} with a {} near the {}", word(0), word(1), word(2), word(3))
    };
    let line = |k: usize, i: usize| {
        json!({"id": format!("{}-{i}", KINDS[k].0), "text": text(k, i), "kind": KINDS[k].0, "n": i}).to_string() + "\n"
    };
    (0..60).flat_map(|i| (0..3).map(move |k| (k, i))).map(|(k, i)| line(k, i)).collect()
}

fn uploaded(server: &Server) {
    let (status, _, body) = server.raw("POST", "/collections/t/upload?name=t.jsonl&wait=true", "", lines().as_bytes());
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, answer["result"]["state"].as_str()), (200, Some("done")), "{answer}");
    assert_eq!(answer["result"]["result"]["documents"], 180);
}

#[test]
fn a_file_is_uploaded_and_looked_at_from_all_sides() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    uploaded(&server);
    assert!(!dir.path().join("uploads").join("1").exists(), "the file does not stay");
    let post = |what: &str, body: Value| server.ask("POST", &format!("/collections/t/{what}"), body).unwrap();
    let found = post("search", json!({"query": "a small kitten", "k": 5}));
    assert_eq!(found["hits"][0]["payload"]["kind"], "animals");

    let report = post("inspect", json!({"wait": true}));
    assert_eq!((report["state"].as_str(), report["kind"].as_str()), (Some("done"), Some("inspect")), "{report}");
    assert!(
        report["result"].to_string().contains("IsoScore")
            && report["result"]["html"].as_str().unwrap().contains("<svg")
    );
    assert_eq!(server.ask("GET", "/collections/t/inspect", Value::Null).unwrap()["id"], report["id"]);
    assert_eq!(post("inspect", json!({}))["id"], report["id"], "the same of the same commit is not done twice");

    let topics = post("topics", json!({"wait": true, "min_size": 12}));
    assert!(topics["result"]["topics"].as_array().unwrap().len() >= 2, "{topics}");

    let why = post("explain", json!({"query": "kitten", "text": "stocks fell while the cat slept near the bank"}));
    let best = why["words"]
        .as_array()
        .unwrap()
        .iter()
        .max_by(|a, b| a["effect"].as_f64().unwrap().total_cmp(&b["effect"].as_f64().unwrap()));
    assert_eq!(best.unwrap()["word"], "cat", "{why}");
    assert!(
        post("explain", json!({"query": "kitten", "id": "money-3"}))["score"].as_f64().unwrap()
            < why["score"].as_f64().unwrap()
    );

    let relevant: Vec<String> = (0..60).map(|i| format!("sky-{i}")).collect();
    let scores = post(
        "evaluate",
        json!({"queries": [{"text": "rocket to a planet and a star", "relevant": relevant}], "measures": ["p@10", "ndcg@10"], "wait": true}),
    );
    assert!(scores["result"]["views"]["fused"]["p@10"]["mean"].as_f64().is_some_and(|p| p > 0.9), "{scores}");

    let jobs = server.ask("GET", "/jobs", Value::Null).unwrap();
    let kinds: Vec<&str> = jobs["jobs"].as_array().unwrap().iter().map(|j| j["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["evaluate", "topics", "inspect", "build"], "the newest first");
    let metrics = server.ask("GET", "/metrics", Value::Null).unwrap().as_str().unwrap().to_owned();
    assert!(metrics.contains("jobs_running 0"));

    // More of the same file changes nothing; another commit is looked at anew.
    server.raw("POST", "/collections/t/upload?name=more.txt&wait=true", "", b"A comet crossed the orbit of the moon.");
    assert_ne!(post("inspect", json!({"wait": true}))["id"], report["id"]);
    assert!(server.terminate());
}

#[test]
fn what_cannot_be_looked_at_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--max-body", "1"]);
    uploaded(&server);
    server.ask("PUT", "/collections/g", json!({"vectors": {"size": 2, "distance": "Dot"}})).unwrap();
    let cases: Vec<(&str, &str, Value, u16, &str)> = vec![
        ("POST", "/collections/nosuch/inspect", json!({}), 404, "nosuch"),
        ("GET", "/collections/t/topics", Value::Null, 404, "POST to this address"),
        ("POST", "/collections/t/inspect", json!({"view": "words"}), 400, "there are meaning"),
        ("POST", "/collections/t/inspect", json!({"k": 0}), 400, "1 ..= 1000"),
        ("POST", "/collections/t/topics", json!({"min_size": 1000, "wait": true}), 422, "180 texts"),
        ("POST", "/collections/g/topics", json!({}), 400, "has no encoder"),
        (
            "POST",
            "/collections/g/evaluate",
            json!({"queries": [{"text": "a", "relevant": ["1"]}], "wait": true}),
            422,
            "vectors are given",
        ),
        ("POST", "/collections/t/evaluate", json!({"queries": []}), 400, "1 to 10000"),
        (
            "POST",
            "/collections/t/evaluate",
            json!({"queries": [{"text": "a", "relevant": {"x": "y"}}]}),
            400,
            "queries[0].relevant",
        ),
        ("POST", "/collections/t/explain", json!({"query": "a"}), 400, "`text` or `id`"),
        ("POST", "/collections/t/explain", json!({"query": "a", "id": "nosuch"}), 404, "nosuch"),
        ("POST", "/collections/t/reembed", json!({"model": "../../etc"}), 400, "models folder"),
        ("POST", "/collections/t/reembed", json!({"model": "default", "wait": true}), 400, "already"),
        ("GET", "/jobs/77777", Value::Null, 404, "77777"),
        ("DELETE", "/jobs/x", Value::Null, 404, "no job x"),
    ];
    for (method, path, body, status, part) in cases {
        let (got, message) = server.refused(method, path, body);
        assert!(got == status && message.contains(part), "{method} {path}: {got} {message}");
    }
    let upload = |path: &str, body: &[u8]| {
        let (status, _, answer) = server.raw("POST", path, "", body);
        (status, String::from_utf8_lossy(&answer).into_owned())
    };
    for (path, body, status, part) in [
        ("/collections/t/upload", &b"x"[..], 400, "?name="),
        ("/collections/t/upload?name=a.txt", b"", 400, "body is empty"),
        ("/collections/t/upload?name=a.jsonl", b"{\"text\": ", 400, "a.jsonl"),
        ("/collections/t/upload?name=a.bin", b"\0\x01\x02", 400, "no text"),
        ("/collections/g/upload?name=a.txt", b"some text", 422, "vectors are given"),
        ("/collections/..%2Fx/upload?name=a.txt", b"some text", 400, "collection name"),
    ] {
        let (got, message) = upload(path, body);
        assert!(got == status && message.contains(part), "{path}: {got} {message}");
        assert!(!message.contains(&dir.path().display().to_string()), "the server's paths are its own: {message}");
    }
    assert_eq!(upload("/collections/t/upload?name=a.txt", &vec![b'a'; 3 << 20]).0, 413);
}
