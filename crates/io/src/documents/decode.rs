//! Bytes to text: what is text at all, and what to do with bytes that are not UTF-8.

use std::borrow::Cow;

/// How many first bytes decide whether something is text.
pub const HEAD: usize = 8192;

/// Why bytes are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotText {
    /// There is a NUL byte near the start.
    Nul,
    /// Too many control characters, or bytes of no known encoding.
    Noise,
}

impl NotText {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nul => "a NUL byte near its start: not a text",
            Self::Noise => "its bytes are neither UTF-8 nor another text encoding",
        }
    }
}

/// A text and how many sequences of it had to be repaired.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    pub repaired: u32,
}

/// Judges a text by its first bytes, before the rest is read. UTF-16 with a byte-order mark is text.
pub fn looks_like_text(head: &[u8]) -> Result<(), NotText> {
    let head = &head[..head.len().min(HEAD)];
    if utf16(head).is_some() {
        return Ok(());
    }
    if head.contains(&0) {
        return Err(NotText::Nul);
    }
    let odd = head.iter().filter(|b| matches!(b, 1..=8 | 14..=26 | 28..=31 | 127)).count();
    if odd * 10 > head.len() { Err(NotText::Noise) } else { Ok(()) }
}

/// Decodes a whole text: UTF-8, UTF-16 with a mark, else a guess between damaged UTF-8 (bad sequences become U+FFFD) and
/// Windows-1252 (which contains Latin-1).
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, NotText> {
    looks_like_text(&bytes)?;
    if let Some(big) = utf16(&bytes) {
        return Ok(from_utf16(&bytes[2..], big));
    }
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            text.drain(..start);
            Ok(Decoded { text, repaired: 0 })
        }
        Err(e) => repair(&e.into_bytes()[start..]),
    }
}

/// As [`decode`] for a piece that is known to be text, such as a line or a cell: never refuses.
pub fn lossy(bytes: &[u8]) -> (Cow<'_, str>, u32) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), 0),
        Err(_) => match repair(bytes) {
            Ok(d) => (Cow::Owned(d.text), d.repaired),
            Err(_) => (Cow::Owned(String::from_utf8_lossy(bytes).into_owned()), 1),
        },
    }
}

fn utf16(head: &[u8]) -> Option<bool> {
    match head {
        [0xff, 0xfe, ..] => Some(false),
        [0xfe, 0xff, ..] => Some(true),
        _ => None,
    }
}

fn from_utf16(bytes: &[u8], big: bool) -> Decoded {
    let units = bytes.chunks_exact(2).map(|c| {
        let pair = [c[0], c[1]];
        if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    });
    let mut repaired = (bytes.len() % 2) as u32;
    let text = char::decode_utf16(units)
        .map(|c| {
            c.unwrap_or_else(|_| {
                repaired += 1;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    Decoded { text, repaired }
}

fn repair(bytes: &[u8]) -> Result<Decoded, NotText> {
    let (mut good, mut bad, mut high) = (0usize, 0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
        high += chunk.invalid().len();
    }
    let repaired = bad.min(u32::MAX as usize) as u32;
    if good >= bad {
        return Ok(Decoded { text: String::from_utf8_lossy(bytes).into_owned(), repaired });
    }
    // Western texts have few letters outside ASCII; something mostly outside it is another encoding or no text.
    if (high + good) * 3 > bytes.len() {
        return Err(NotText::Noise);
    }
    Ok(Decoded { text: bytes.iter().map(|b| windows_1252(*b)).collect(), repaired })
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
        '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte) - 0x80],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, u32) {
        let d = decode(bytes.to_vec()).unwrap();
        (d.text, d.repaired)
    }

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(text("\u{feff}grün".as_bytes()), ("grün".into(), 0));
        assert_eq!(text(b"\xff\xfeh\0i\0"), ("hi".into(), 0));
        assert_eq!(text(b"\xfe\xff\0h\0i"), ("hi".into(), 0));
        assert_eq!(text(b"a caf\xe9 in M\xfcnchen \x96 \x80 5"), ("a café in München – € 5".into(), 4));
    }

    #[test]
    fn damaged_utf8_is_repaired_not_reinterpreted() {
        let mut bytes = "Grüße aus Köln, schöne Grüße ".repeat(3).into_bytes();
        bytes.push(0xff);
        let (text, repaired) = text(&bytes);
        assert!(text.starts_with("Grüße aus Köln") && text.ends_with('\u{fffd}'));
        assert_eq!(repaired, 1);
    }

    #[test]
    fn binaries_are_refused() {
        assert_eq!(decode(b"\x7fELF\0\0\0".to_vec()), Err(NotText::Nul));
        let noise: Vec<u8> = (0..4000u64).map(|i| (vectory_core::rng::mix(i) % 255) as u8 + 1).collect();
        assert_eq!(decode(noise), Err(NotText::Noise));
    }

    #[test]
    fn a_bad_cell_is_never_refused() {
        assert_eq!(lossy(b"\xff\xff\xff").1, 1);
        assert_eq!(lossy(b"plain").0, "plain");
    }
}
