//! Runs the real binary in a folder of its own.
#![allow(dead_code, reason = "each test file uses its share")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of a test, and what is done in it.
pub struct Bench {
    pub dir: tempfile::TempDir,
}

/// How a command ended.
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    /// The output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("not JSON ({e}):\n{}\n{}", self.out, self.err))
    }

    /// Asserts that it went well.
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 0, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Asserts one clear error of the given status that mentions every given text, and no panic.
    pub fn fails(self, status: i32, says: &[&str]) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        for s in says {
            assert!(self.err.contains(s), "the error does not say `{s}`:\n{}", self.err);
        }
        self
    }
}

impl Bench {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, content).unwrap();
        path
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_vectory"));
        c.current_dir(self.dir.path()).args(args).stdin(Stdio::null());
        c
    }

    /// Runs `vectory ARGS` in the folder.
    pub fn run(&self, args: &[&str]) -> Done {
        done(self.command(args).output().unwrap())
    }

    /// Runs with something on stdin.
    pub fn run_with(&self, args: &[&str], stdin: &[u8]) -> Done {
        use std::io::Write;
        let mut child =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin).unwrap();
        done(child.wait_with_output().unwrap())
    }
}

fn done(o: Output) -> Done {
    Done {
        status: o.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&o.stdout).into_owned(),
        err: String::from_utf8_lossy(&o.stderr).into_owned(),
    }
}

/// A path below the data folder, or a line that says what is skipped and why.
pub fn data(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("VECTORY_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let full = root.join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: no data at {} (set VECTORY_DATA)", full.display());
    None
}

/// A small float32 .npy file of the given rows.
pub fn npy(rows: &[&[f32]]) -> Vec<u8> {
    let dim = rows.first().map_or(0, |r| r.len());
    let mut head = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {dim}), }}", rows.len());
    while (10 + head.len() + 1) % 64 != 0 {
        head.push(' ');
    }
    head.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend_from_slice(&u16::try_from(head.len()).unwrap().to_le_bytes());
    out.extend_from_slice(head.as_bytes());
    rows.iter().flat_map(|r| r.iter()).for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
    out
}
