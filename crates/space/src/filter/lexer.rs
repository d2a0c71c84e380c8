//! Filter text to tokens, each with its column.

use super::parser::FilterError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Word(String),
    Quoted(String),
    Text(String),
    Number(f64),
    Symbol(&'static str),
    End,
}

impl Token {
    /// How an error shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(w) => format!("`{w}`"),
            Self::Quoted(w) => format!("`` `{w}` ``"),
            Self::Text(t) => format!("the text \"{t}\""),
            Self::Number(n) => format!("the number {n}"),
            Self::Symbol(s) => format!("`{s}`"),
            Self::End => "the end".into(),
        }
    }

    /// Whether it is this keyword, in any case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(w) if w.eq_ignore_ascii_case(keyword))
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 14] = ["!=", "<>", "<=", ">=", "==", "=", "<", ">", "(", ")", "[", "]", ",", "-"];

/// Tokens with their columns (from 1, in characters); the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FilterError> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text[..text.len() - rest.len()].chars().count() + 1;
        let Some(first) = rest.chars().next() else {
            out.push((at, Token::End));
            return Ok(out);
        };
        let (token, used) = match first {
            '"' | '\'' => quoted(rest, first, at).map(|(t, n)| (Token::Text(t), n))?,
            '`' => quoted(rest, first, at).map(|(t, n)| (Token::Quoted(t), n))?,
            c if c.is_ascii_digit() || c == '.' => number(rest, at)?,
            c if word_part(c) => {
                let end = rest.find(|c| !word_part(c) && c != '.').unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
            _ => match SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
                Some(s) => (Token::Symbol(s), s.len()),
                None => return Err(FilterError::new(at, "a field, a value or an operator", format!("`{first}`"))),
            },
        };
        out.push((at, token));
        rest = &rest[used..];
    }
}

fn word_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '@' || c == '$'
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), FilterError> {
    let exponent_sign = |i: usize| matches!(rest.as_bytes()[i - 1], b'e' | b'E');
    let part = |(i, c): (usize, char)| c.is_alphanumeric() || "._".contains(c) || "+-".contains(c) && exponent_sign(i);
    let end = rest.char_indices().find(|x| !part(*x)).map_or(rest.len(), |x| x.0);
    match rest[..end].parse() {
        Ok(n) => Ok((Token::Number(n), end)),
        Err(_) => Err(FilterError::new(at, "a number (texts go in quotes)", format!("`{}`", &rest[..end]))),
    }
}

/// The text between quotes and the bytes it took; a backslash keeps the next character as it is.
fn quoted(rest: &str, quote: char, at: usize) -> Result<(String, usize), FilterError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => text.extend(chars.next().map(|x| x.1)),
            c if c == quote => return Ok((text, i + c.len_utf8())),
            c => text.push(c),
        }
    }
    Err(FilterError::new(at, "a closing quote for the one that opens here", "the end".into()))
}
