//! The judged texts of the claims: 20 newsgroups (a tar of messages) and AG News (csv).

use std::io::Read;
use std::path::Path;

use vectory_core::registry::ClaimError;
use vectory_io::stream;

/// Texts with the number of each one's class.
pub struct Judged {
    /// The texts.
    pub texts: Vec<String>,
    /// The class of each.
    pub labels: Vec<u32>,
    /// The classes' names.
    pub classes: Vec<String>,
}

fn bytes(path: &Path) -> Result<Vec<u8>, ClaimError> {
    let mut out = Vec::new();
    stream::open(path, None).map_err(ClaimError::failed)?.read_to_end(&mut out).map_err(ClaimError::failed)?;
    Ok(out)
}

/// Messages without headers, quotes, and signatures, which give the group away.
///
/// # Errors
/// When the file cannot be read or is no tar.
pub fn newsgroups(path: &Path) -> Result<Judged, ClaimError> {
    let tar = bytes(path)?;
    let mut found = Judged { texts: vec![], labels: vec![], classes: vec![] };
    let mut at = 0;
    while at + 512 <= tar.len() && tar[at] != 0 {
        let head = &tar[at..at + 512];
        let text = |range: std::ops::Range<usize>| {
            String::from_utf8_lossy(&head[range]).trim_end_matches('\0').trim().to_owned()
        };
        let size = usize::from_str_radix(text(124..136).trim_matches(['\0', ' ']), 8).map_err(ClaimError::failed)?;
        let (name, start) = (text(0..100), at + 512);
        let end = (start + size).min(tar.len());
        if head[156] == b'0'
            && let [_, group, file] = name.split('/').collect::<Vec<_>>()[..]
            && !file.starts_with('.')
        {
            if found.classes.last().is_none_or(|c| c != group) && !found.classes.iter().any(|c| c == group) {
                found.classes.push(group.to_owned());
            }
            let class = found.classes.iter().position(|c| c == group).unwrap_or(0) as u32;
            let body = body(&String::from_utf8_lossy(&tar[start..end]));
            if body.split_whitespace().count() >= 5 {
                found.texts.push(body);
                found.labels.push(class);
            }
        }
        at = start + size.div_ceil(512) * 512;
    }
    Ok(found)
}

fn body(message: &str) -> String {
    let unix = message.replace("\r\n", "\n");
    let after = unix.split_once("\n\n").map_or("", |(_, b)| b);
    let own = |l: &&str| {
        let l = l.trim_start();
        !l.starts_with(['>', '|', ':'])
            && !l.ends_with("writes:")
            && !l.ends_with("wrote:")
            && !l.starts_with("In article")
    };
    let until = after.split("\n-- \n").next().unwrap_or("");
    until.lines().filter(own).collect::<Vec<_>>().join("\n")
}

/// AG News: class, title, description.
///
/// # Errors
/// When the file cannot be read.
pub fn ag_news(path: &Path) -> Result<Judged, ClaimError> {
    let text = String::from_utf8_lossy(&bytes(path)?).into_owned();
    let mut found = Judged {
        texts: vec![],
        labels: vec![],
        classes: ["World", "Sports", "Business", "Sci/Tech"].map(String::from).to_vec(),
    };
    for line in text.lines() {
        let line = line.trim();
        let Some((class, rest)) = line.trim_start_matches('"').split_once("\",\"") else { continue };
        let class: u32 = class.parse().map_err(ClaimError::failed)?;
        found.labels.push(class.saturating_sub(1));
        found.texts.push(rest.trim_end_matches('"').replace("\",\"", ". ").replace("\"\"", "\"").replace('\\', " "));
    }
    Ok(found)
}
