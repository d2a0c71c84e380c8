//! How commands end: results on stdout, one clear error on stderr, an exit status that tells them apart.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

/// A command that did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    /// 1 failed, 2 wrong usage, 130 interrupted.
    status: u8,
    /// What, where, and what would be right. Empty when the output has said it already.
    text: String,
}

impl Failure {
    /// It was asked rightly and could not be done.
    pub fn failed(text: impl std::fmt::Display) -> Self {
        Self { status: 1, text: text.to_string() }
    }

    /// It was asked wrongly.
    pub fn usage(text: impl std::fmt::Display) -> Self {
        Self { status: 2, text: text.to_string() }
    }

    /// It was stopped on purpose.
    pub fn interrupted(text: impl std::fmt::Display) -> Self {
        Self { status: 130, text: text.to_string() }
    }

    /// The output already says that something does not hold.
    pub fn said() -> Self {
        Self { status: 1, text: String::new() }
    }

    /// Whether it was stopped on purpose.
    pub fn is_interrupt(&self) -> bool {
        self.status == 130
    }

    /// Prints the error (as JSON where asked) and gives the exit status.
    pub fn report(&self, json: bool) -> ExitCode {
        if !self.text.is_empty() {
            if json {
                eprintln!("{}", serde_json::json!({"error": self.text, "status": self.status}));
            } else {
                eprintln!("vectory: {}", self.text);
            }
        }
        ExitCode::from(self.status)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    /// Any library error fails the command with its own text and, where the text does not have it, its cause.
    fn from(e: E) -> Self {
        let mut text = e.to_string();
        let mut cause = e.source();
        while let Some(c) = cause {
            let more = c.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            cause = c.source();
        }
        if text == "interrupted" { Self::interrupted(text) } else { Self::failed(text) }
    }
}

/// Prints a value as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::failed)?;
    print(&text)
}

/// Prints a text and a newline; a reader that has gone away (`| head`) is no error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Failure::failed(format!("cannot write to stdout: {e}"))),
        _ => Ok(()),
    }
}

/// A path whose folder is there: hours of work are not to end at one that is not.
pub(crate) fn in_a_folder(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.parent().filter(|p| !p.as_os_str().is_empty() && !p.is_dir()) {
        Some(folder) => Err(format!("there is no folder {}", folder.display())),
        None => Ok(path),
    }
}

/// 1234567 as `1,234,567`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A number and what it counts: `1 hit`, `2 hits`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(n as u64), if n == 1 { "" } else { "s" })
}

/// A number of bytes as people read it.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", n as f64 / 1e6),
        _ => format!("{:.2} GB", n as f64 / 1e9),
    }
}

/// Rows of texts in aligned columns; the columns in `right` are aligned to the right.
pub(crate) fn table(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|s| s.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[c] - cell.chars().count());
            let (before, after) = if right.contains(&c) { (pad.as_str(), "") } else { ("", pad.as_str()) };
            line.push_str(&format!("{before}{cell}{after}  "));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(bytes(1_500_000), "1.5 MB");
    }

    #[test]
    fn columns_align() {
        let t = table(&[vec!["a".into(), "10".into()], vec!["bbb".into(), "5".into()]], &[1]);
        assert_eq!(t, "a    10\nbbb   5\n");
    }
}
