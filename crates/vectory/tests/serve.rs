//! The server as its users meet it: the real binary, over HTTP.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod serving;

use std::io::Write;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use serving::Server;

/// A Python with qdrant-client: `$VECTORY_PYTHON`, or one that is made here when PyPI can be reached.
fn python(packages: &[&str]) -> Option<String> {
    // One installation at a time.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Ok(python) = std::env::var("VECTORY_PYTHON") {
        return Some(python);
    }
    let venv = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    let python = venv.join("bin/python").display().to_string();
    if !venv.join("bin/python").exists() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&venv).output();
        if !made.is_ok_and(|m| m.status.success()) {
            return None;
        }
    }
    let install = Command::new(&python)
        .args(["-m", "pip", "install", "-q", "--retries", "1", "--timeout", "10"])
        .args(packages)
        .output();
    install.is_ok_and(|i| i.status.success()).then_some(python)
}

fn quick_start(script: &str, modules: &str, packages: &[&str]) {
    let Some(python) = python(packages) else {
        println!(
            "skipped: {} cannot be installed (PyPI is not reachable, or there is no python3)",
            packages.join(", ")
        );
        return;
    };
    if !Command::new(&python).args(["-c", &format!("import {modules}")]).output().is_ok_and(|o| o.status.success()) {
        println!("skipped: {python} does not have {modules}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let script = format!("{}/../serve/tests/clients/{script}", env!("CARGO_MANIFEST_DIR"));
    let done = Command::new(python).arg(script).arg(&server.url).env("NO_PROXY", "127.0.0.1").output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("ok"), "{said}");
}

#[test]
fn the_quick_start_of_qdrant_client_works() {
    quick_start("qdrant_quickstart.py", "qdrant_client, numpy", &["qdrant-client"]);
}

#[test]
fn the_quick_start_of_langchain_works() {
    quick_start("langchain_quickstart.py", "langchain_qdrant", &["qdrant-client", "langchain-qdrant"]);
}

/// Its dependencies are many: tested where they are installed already.
#[test]
fn the_quick_start_of_llama_index_works() {
    quick_start("llama_index_quickstart.py", "llama_index.vector_stores.qdrant", &["qdrant-client"]);
}

fn collection(server: &Server, name: &str) {
    server.ask("PUT", &format!("/collections/{name}"), json!({"vectors": {"size": 2, "distance": "Cosine"}})).unwrap();
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--max-body", "1"]);
    collection(&server, "c");
    let cases: Vec<(&str, &str, Value, u16, &str)> = vec![
        ("PUT", "/collections/c/points", json!({"points": [{"id": -1, "vector": [1, 2]}]}), 400, "points[0].id"),
        (
            "PUT",
            "/collections/c/points",
            json!({"points": [{"id": 1, "vector": [1, "x"]}]}),
            400,
            "points[0].vector[1]",
        ),
        (
            "PUT",
            "/collections/c/points",
            json!({"points": [{"id": 1, "vector": [1, 2, 3]}]}),
            400,
            "`points[0].vector`: has 3 values, expected 2",
        ),
        (
            "PUT",
            "/collections/c/points",
            json!({"points": [{"id": 1, "vector": {"x": [1, 2]}}]}),
            400,
            "no vector named `x`",
        ),
        ("POST", "/collections/c/points/query", json!({"query": [1, 2], "limt": 1}), 400, "known here: query"),
        ("POST", "/collections/c/points/query", json!({"query": [1, 2], "limit": 0}), 400, "`limit`: is 0"),
        ("POST", "/collections/c/points/query", json!({"query": {"formula": {}}}), 422, "formula is not supported"),
        ("POST", "/collections/c/points/query", json!({"query": 77}), 404, "no point 77"),
        (
            "POST",
            "/collections/c/points/scroll",
            json!({"filter": {"must": [{"key": "a", "match": {}}]}}),
            400,
            "filter.must[0].match",
        ),
        ("POST", "/collections/nosuch/points/count", json!({}), 404, "nosuch"),
        ("PUT", "/collections/..%2Fx", json!({"vectors": {"size": 2, "distance": "Dot"}}), 400, "collection name"),
        ("PUT", "/collections/d", json!({"vectors": {"size": 0, "distance": "Dot"}}), 400, "from 1 to 65536"),
        ("PUT", "/collections/d", json!({"vectors": {"size": 2, "distance": "Far"}}), 400, "vectors.distance"),
        ("GET", "/telemetry", Value::Null, 422, "telemetry (there is none"),
        ("GET", "/nosuch", Value::Null, 404, "openapi.json"),
        ("DELETE", "/healthz", Value::Null, 405, "DELETE"),
        ("POST", "/collections/c/points/count", json!({"filter": {"x".repeat(2 << 20): 1}}), 413, "1048576 bytes"),
        ("POST", "/v1/embeddings", json!({"model": "gpt", "input": "a"}), 404, "does not exist"),
    ];
    for (method, path, body, status, part) in cases {
        let (got, message) = server.refused(method, path, body);
        assert!(got == status && message.contains(part), "{method} {path}: {got} {message}");
    }
    for (word, place) in [("NaN", "line 1 column 3"), ("-Infinity", "line 1 column 3"), ("1e999", "out of range")] {
        let body = format!("{{\"points\": [{{\"id\": 1, \"vector\": [{word}, 1]}}]}}");
        let (status, _, said) =
            server.raw("PUT", "/collections/c/points", "content-type: application/json\r\n", body.as_bytes());
        let said = String::from_utf8_lossy(&said);
        assert!(status == 400 && said.contains(place), "{word}: {said}");
        assert_eq!(said.contains("no NaN and no Infinity"), word != "1e999", "{said}");
    }
    assert_eq!(server.ask("POST", "/collections/c/points/count", json!({})).unwrap()["count"], 0);
}

#[test]
fn keys_let_in_whom_they_should() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--api-key", "all", "--read-key", "some"]);
    let ask = |key: Option<&str>, method: &str, path: &str| {
        let body = json!({"vectors": {"size": 2, "distance": "Dot"}});
        let client = vectory::serve::Client::new(&server.url, key.map(str::to_owned), None).unwrap();
        match client.ask(method, path, Some(&body).filter(|_| method != "GET")) {
            Ok(_) => 200,
            Err(vectory::serve::ClientError::Refused { status, .. }) => status,
            Err(e) => panic!("{e}"),
        }
    };
    assert_eq!(ask(None, "GET", "/healthz"), 200);
    assert_eq!(ask(None, "GET", "/collections"), 401);
    assert_eq!(ask(Some("wrong"), "GET", "/collections"), 401);
    assert_eq!(ask(Some("some"), "GET", "/collections"), 200);
    assert_eq!(ask(Some("some"), "PUT", "/collections/c"), 403);
    assert_eq!(ask(Some("all"), "PUT", "/collections/c"), 200);
    let far = Command::new(env!("CARGO_BIN_EXE_vectory"))
        .args(["serve", "--host", "0.0.0.0", "--dir"])
        .arg(dir.path())
        .env_remove("VECTORY_API_KEY")
        .output()
        .unwrap();
    assert_eq!(far.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&far.stderr).contains("--api-key"));
    let second = Command::new(env!("CARGO_BIN_EXE_vectory"))
        .args(["serve", "--port", "0", "--dir"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another process"), "{second:?}");
}

#[test]
fn snapshots_restore_and_collections_travel() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("a"), &[]);
    server.ask("PUT", "/collections/c", json!({"vectors": {"size": 2, "distance": "Dot"}})).unwrap();
    let points: Vec<Value> =
        (0..500).map(|i| json!({"id": i, "vector": [i as f32 + 1.0, 1.0], "payload": {"n": i}})).collect();
    server.ask("PUT", "/collections/c/points?wait=true", json!({"points": points})).unwrap();
    let all = |server: &Server, name: &str| {
        server
            .ask("POST", &format!("/collections/{name}/points/scroll"), json!({"limit": 1000, "with_vector": true}))
            .unwrap()
    };
    let before = all(&server, "c");
    let snapshot = server.ask("POST", "/collections/c/snapshots", Value::Null).unwrap();
    server.ask("POST", "/collections/c/points/delete?wait=true", json!({"filter": {}})).unwrap();
    assert_eq!(server.ask("POST", "/collections/c/points/count", json!({})).unwrap()["count"], 0);
    let file = dir.path().join("a/snapshots/c").join(snapshot["name"].as_str().unwrap());
    let outside = server.refused("PUT", "/collections/c/snapshots/recover", json!({"location": "file:///etc/passwd"}));
    assert_eq!(outside.0, 403);
    server
        .ask("PUT", "/collections/c/snapshots/recover", json!({"location": format!("file://{}", file.display())}))
        .unwrap();
    assert_eq!(all(&server, "c"), before);

    // The same by commands, through another server.
    let restored = dir.path().join("r.space");
    let run = |args: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_vectory")).args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    run(&["restore", file.to_str().unwrap(), "-o", restored.to_str().unwrap()]);
    run(&["check", "--full", restored.to_str().unwrap()]);
    run(&["push", restored.to_str().unwrap(), &server.url, "--name", "pushed"]);
    assert_eq!(all(&server, "pushed"), before);
    let pulled = dir.path().join("pulled.space");
    run(&["pull", &format!("{}/pushed", server.url), "-o", pulled.to_str().unwrap()]);
    let third = Server::start(&dir.path().join("b"), &[pulled.to_str().unwrap()]);
    assert_eq!(all(&third, "pulled"), before);

    // A byte that changes is found.
    let mut bytes = fs_err::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let damaged = dir.path().join("damaged.snapshot");
    fs_err::write(&damaged, bytes).unwrap();
    let target = dir.path().join("d.space");
    let done = Command::new(env!("CARGO_BIN_EXE_vectory"))
        .args(["restore", damaged.to_str().unwrap(), "-o", target.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!done.status.success() && !target.exists(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_built_space_is_served_with_its_words_and_its_meaning() {
    let dir = tempfile::tempdir().unwrap();
    let text = [
        ("a", "The cat sat on the mat."),
        ("b", "Stock prices fell sharply today."),
        ("c", "A kitten sleeps on a rug."),
    ];
    let lines: String =
        text.iter().map(|(id, t)| json!({"id": id, "text": t, "kind": id}).to_string() + "\n").collect();
    fs_err::write(dir.path().join("t.jsonl"), lines).unwrap();
    let space = dir.path().join("t.space");
    let built = Command::new(env!("CARGO_BIN_EXE_vectory"))
        .arg("build")
        .arg(dir.path().join("t.jsonl"))
        .arg("-o")
        .arg(&space)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let server = Server::start(&dir.path().join("more"), &[space.to_str().unwrap()]);
    let found = server
        .ask("POST", "/collections/t/points/query", json!({"query": "young cat on a carpet", "limit": 2}))
        .unwrap();
    let ids: Vec<&str> = found["points"].as_array().unwrap().iter().filter_map(|p| p["id"].as_str()).collect();
    assert!(ids.contains(&"a") && ids.contains(&"c"), "{found}");
    let one = server
        .ask(
            "POST",
            "/collections/t/points/query",
            json!({"query": {"text": "falling shares", "model": "default"}, "using": "meaning", "limit": 1}),
        )
        .unwrap();
    assert_eq!(one["points"][0]["id"], "b", "{one}");
    let own = server
        .ask("POST", "/collections/t/search", json!({"query": "cat", "explain": true, "filter": "kind = \"a\""}))
        .unwrap();
    assert_eq!(own["hits"][0]["id"], "a");
    assert!(
        own["hits"][0]["explain"].as_array().is_some_and(|e| !e.is_empty())
            && own["hits"].as_array().unwrap().len() == 1,
        "{own}"
    );
    let remote = Command::new(env!("CARGO_BIN_EXE_vectory"))
        .args(["search", &format!("{}/t", server.url), "cat", "-k", "1"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&remote.stdout).contains("cat sat"), "{remote:?}");
    let item = server.ask("GET", "/collections/t/items/a", Value::Null).unwrap();
    assert_eq!(item["neighbours"][0]["id"], "c", "{item}");
    let rows = server
        .ask("POST", "/v1/embeddings", json!({"model": "default", "input": ["cat", "kitten", "bond market"]}))
        .unwrap();
    let row = |i: usize| {
        rows["data"][i]["embedding"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    assert!(dot(&row(0), &row(1)) > dot(&row(0), &row(2)));
    let ranked = server.ask("POST", "/rerank", json!({"query": "cat", "texts": ["bond market", "kitten"]})).unwrap();
    assert_eq!(ranked[0]["index"], 1);
    let metrics = server.ask("GET", "/metrics", Value::Null).unwrap();
    let metrics = metrics.as_str().unwrap();
    for part in [
        "collection_points{collection=\"t\"} 3",
        "collection_requests_duration_seconds_bucket{collection=\"t\",kind=\"read\",le=",
        "rest_responses_total{method=\"POST\"",
    ] {
        assert!(metrics.contains(part), "{part} is missing in:\n{metrics}");
    }
    let page = server.ask("GET", "/ui", Value::Null).unwrap().as_str().unwrap().to_owned();
    assert!(page.contains("<title>Vectory</title>"));
    // Addresses may stand in its program's comments; what it loads is looked at in a browser by `page.rs`.
    for load in ["src=\"http", "href=\"http", "url(http", "src=\"//", "href=\"//"] {
        assert!(!page.contains(load), "the page asks nobody else: {load}");
    }
    let api = server.ask("GET", "/openapi.json", Value::Null).unwrap();
    assert!(api["paths"]["/collections/{collection}/points/query"]["post"].is_object());
    assert!(server.terminate(), "ends well when told to");
}

#[test]
fn what_was_begun_is_finished_and_a_full_queue_says_when_to_come() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--workers", "1", "--queue", "0"]);
    collection(&server, "c");
    let pause = || std::thread::sleep(std::time::Duration::from_millis(300));
    let body = json!({"points": [{"id": 1, "vector": [1, 2]}]}).to_string();
    let (first, second) = body.split_at(10);
    let mut slow = server.connect();
    let head = format!(
        "PUT /collections/c/points HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    slow.write_all(format!("{head}{first}").as_bytes()).unwrap();
    pause();
    let (status, head, _) = server.raw("GET", "/collections", "", b"");
    assert!(status == 503 && head.contains("retry-after: 1"), "{head}");
    server.ask_to_end();
    pause();
    slow.write_all(second.as_bytes()).unwrap();
    let (status, _, answer) = serving::answer(&mut slow);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
    assert!(server.terminate());
    let again = Server::start(dir.path(), &[]);
    assert_eq!(again.ask("POST", "/collections/c/points/count", json!({})).unwrap()["count"], 1);
}

#[test]
fn numbers_that_are_none_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    collection(&server, "c");
    for vector in
        ["[1, NaN]", "[1, 1e999]", "[1, -1e39]", "[1, null]", "[[1, 2]]", "[]", "{\"indices\": [1], \"values\": [1]}"]
    {
        let body = format!("{{\"points\": [{{\"id\": 1, \"vector\": {vector}}}]}}");
        let (status, _, answer) = server.raw("PUT", "/collections/c/points", "", body.as_bytes());
        assert_eq!(status, 400, "{vector}: {}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(server.ask("POST", "/collections/c/points/count", json!({})).unwrap()["count"], 0);
}

#[test]
fn what_cannot_be_opened_is_said_once() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |args: &[&str], status: i32| {
        let done =
            Command::new(env!("CARGO_BIN_EXE_vectory")).args(["serve", "--port", "0"]).args(args).output().unwrap();
        assert_eq!(done.status.code(), Some(status), "{args:?}");
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    let missing = dir.path().join("nosuch.space").display().to_string();
    let said = refused(&[&missing], 1);
    assert!(said.contains("there is no space here") && said.matches(&format!("{missing}:")).count() == 1, "{said}");
    let made = Server::start(&dir.path().join("d"), &[]);
    collection(&made, "c");
    assert!(made.terminate());
    let file = dir.path().join("d/c.space/space.toml");
    let newer = fs_err::read_to_string(&file).unwrap().replace("format = 1", "format = 77");
    fs_err::write(&file, newer).unwrap();
    let said = refused(&["--dir", dir.path().join("d").to_str().unwrap()], 1);
    assert!(said.contains("format 77") && said.contains("reads up to 1"), "{said}");
    assert!(refused(&["--max-memory", "5"], 2).contains("5 MB"));
}
