//! A server for tests: the real binary, on a free port, in a folder of its own.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use vectory::serve::{Client, ClientError};

pub struct Server {
    child: Child,
    pub url: String,
    /// Whom to trust, when it speaks TLS.
    pub ca: Option<PathBuf>,
}

impl Server {
    /// Starts the binary with these arguments and waits until it says where it listens.
    pub fn start(folder: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vectory"))
            .args(["serve", "--port", "0", "--threads", "2", "--dir"])
            .arg(folder)
            .args(more)
            .env_remove("VECTORY_API_KEY")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        let url = first.split_whitespace().next().unwrap_or_default().to_owned();
        let plain = url.replace("https://", "http://");
        assert!(plain.starts_with("http://127.0.0.1:"), "the server said: {first}");
        // What it says later is nobody's business, but its pipe must not fill up.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, ca: None }
    }

    pub fn client(&self) -> Client {
        Client::new(&self.url, None, self.ca.as_deref()).unwrap()
    }

    pub fn ask(&self, method: &str, path: &str, body: Value) -> Result<Value, ClientError> {
        self.client().ask(method, path, Some(&body).filter(|b| !b.is_null()))
    }

    /// The status and the message of a request that is refused.
    pub fn refused(&self, method: &str, path: &str, body: Value) -> (u16, String) {
        match self.ask(method, path, body) {
            Err(ClientError::Refused { status, message, .. }) => (status, message),
            other => panic!("{method} {path} was not refused: {other:?}"),
        }
    }

    /// A request as it goes over the wire: status, head, body.
    pub fn raw(&self, method: &str, path: &str, more: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        let mut stream = self.connect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n{more}\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses may close before it has read all.
        let _ = stream.write_all(body);
        answer(&mut stream)
    }

    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(self.url.split("://").nth(1).unwrap()).unwrap()
    }

    /// Asks it to end, and goes on.
    pub fn ask_to_end(&self) {
        self.signal("-TERM");
    }

    /// Sends it a signal.
    pub fn signal(&self, which: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([which, &pid]).status().unwrap().success());
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ctrl-C's politer sibling; waits for the end.
    pub fn terminate(mut self) -> bool {
        self.ask_to_end();
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads an answer to its end.
pub fn answer(stream: &mut TcpStream) -> (u16, String, Vec<u8>) {
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all);
    let end = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(all.len());
    let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
    let status = head.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    (status, head, all.get(end + 4..).unwrap_or_default().to_vec())
}
