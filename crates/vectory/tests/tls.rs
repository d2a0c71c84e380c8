//! The server over TLS, on loopback, with certificates of a test authority.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod serving;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use serving::Server;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn start(folder: &Path, cert: &Path, key: &Path) -> Server {
    let mut server = Server::start(folder, &["--tls-cert", text(cert), "--tls-key", text(key)]);
    assert!(server.url.starts_with("https://"), "{}", server.url);
    server.ca = Some(file("ca.pem"));
    server
}

fn vectory(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vectory")).args(args).env_remove("VECTORY_API_KEY").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn spaces_travel_over_tls_and_only_to_whom_is_trusted() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(&dir.path().join("served"), &file("first.pem"), &file("first.key"));
    // Somebody who connects and says nothing keeps nobody waiting.
    let _silent = server.connect();
    server.ask("PUT", "/collections/c", json!({"vectors": {"size": 2, "distance": "Dot"}})).unwrap();
    let points = json!({"points": [{"id": 1, "vector": [1.0, 0.0], "payload": {"text": "tea"}}, {"id": 2, "vector": [0.0, 1.0]}]});
    server.ask("PUT", "/collections/c/points?wait=true", points).unwrap();

    let (space, ca) = (dir.path().join("c.space"), file("ca.pem"));
    let from = format!("{}/c", server.url);
    let pulled = vectory(&["pull", &from, "-o", text(&space), "--ca-cert", text(&ca)]);
    assert!(pulled.status.success(), "{}", said(&pulled));
    let pushed = vectory(&["push", text(&space), &server.url, "--name", "d", "--ca-cert", text(&ca)]);
    assert!(pushed.status.success(), "{}", said(&pushed));
    assert_eq!(server.ask("POST", "/collections/d/points/count", json!({})).unwrap()["count"], 2);
    // The collection has no words, so nothing is found; but it was asked.
    let asked = vectory(&["search", &from, "tea", "--ca-cert", text(&ca)]);
    assert!(asked.status.success() && said(&asked).contains("no hits"), "{}", said(&asked));

    for more in [&[][..], &["--ca-cert", text(&file("other-ca.pem"))]] {
        let other = dir.path().join("other.space");
        let refused = vectory(&[&["pull", &from, "-o", text(&other)], more].concat());
        let said = said(&refused);
        // A machine without any authorities of its own says that.
        assert!(!refused.status.success() && said.contains("--ca-cert"), "{said}");
        assert!(!other.exists());
    }
    let plain = vectory(&["pull", &from.replace("https:", "http:"), "-o", text(&dir.path().join("p.space"))]);
    assert!(!plain.status.success() && said(&plain).contains("begins with https://"), "{}", said(&plain));
    assert!(server.terminate(), "it ends in order");
}

/// An address whose every connection is answered with these bytes, then closed.
fn answering(bytes: &'static [u8]) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(bytes);
        }
    });
    address.to_string()
}

#[test]
fn redirects_and_proxies_that_speak_tls_are_told_apart_from_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let space = dir.path().join("c.space");
    let moved = answering(b"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.test/\r\nContent-Length: 0\r\n\r\n");
    let done = vectory(&["pull", &format!("http://{moved}/c"), "-o", text(&space)]);
    assert_eq!(done.status.code(), Some(1));
    assert!(said(&done).contains("moved to https://elsewhere.test/"), "{}", said(&done));
    // The server is plain, the proxy is not; and this one speaks no TLS at all.
    let mut asked = Command::new(env!("CARGO_BIN_EXE_vectory"));
    asked.args(["pull", "http://server.test/c", "-o", text(&space)]);
    let done = asked.env("ALL_PROXY", format!("https://{}", answering(b"no TLS here"))).output().unwrap();
    assert!(done.status.code() == Some(1) && !said(&done).contains("panicked"), "{}", said(&done));
}

#[test]
fn certificates_are_read_again_at_a_signal() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let put = |name: &str| {
        fs_err::copy(file(&format!("{name}.pem")), &cert).unwrap();
        fs_err::copy(file(&format!("{name}.key")), &key).unwrap();
    };
    put("first");
    let mut server = start(&dir.path().join("served"), &cert, &key);
    let answers = |server: &Server| server.ask("GET", "/collections", Value::Null).is_ok();
    assert!(answers(&server));
    fs_err::write(&cert, "half a certifi").unwrap();
    server.signal("-HUP");
    std::thread::sleep(Duration::from_millis(200));
    assert!(answers(&server), "the old certificate stays in use");
    put("second");
    server.signal("-HUP");
    server.ca = Some(file("other-ca.pem"));
    let start = Instant::now();
    while !answers(&server) {
        assert!(start.elapsed() < Duration::from_secs(10), "the new certificate did not come into use");
        std::thread::sleep(Duration::from_millis(50));
    }
    server.ca = Some(file("ca.pem"));
    assert!(!answers(&server), "the old one is not given out any more");
}

#[test]
fn what_is_wrong_with_the_files_is_said_before_anything_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let (first, key) = (file("first.pem"), file("first.key"));
    let locked = dir.path().join("locked.key");
    fs_err::write(&locked, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
        .unwrap();
    let torn = dir.path().join("torn.pem");
    fs_err::write(&torn, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let cases = [
        (dir.path().join("none.pem"), key.clone(), "none.pem"),
        (key.clone(), key.clone(), "has no certificate"),
        (torn, key, "cannot be used"),
        (first.clone(), first.clone(), "has no private key"),
        (first.clone(), locked, "password"),
        (first, file("second.key"), "does not belong to the certificate"),
    ];
    let folder = dir.path().join("served");
    for (cert, key, expected) in cases {
        let done = vectory(&[
            "serve",
            "--port",
            "0",
            "--dir",
            text(&folder),
            "--tls-cert",
            text(&cert),
            "--tls-key",
            text(&key),
        ]);
        assert!(done.status.code() == Some(2) && said(&done).contains(expected), "{expected}: {}", said(&done));
    }
    let alone = vectory(&["serve", "--port", "0", "--dir", text(&folder), "--tls-cert", text(&file("first.pem"))]);
    assert!(alone.status.code() == Some(2) && said(&alone).contains("--tls-key"), "{}", said(&alone));
    assert!(!folder.exists(), "nothing was made");
}
