//! Tokens to a [`Filter`], by recursive descent; errors carry the column and what was expected there.

use thiserror::Error;

use super::lexer::{Token, tokens};
use super::{Cell, Compare, Filter};

/// How deep brackets and `not` may nest: parsing is recursive, and input may be hostile.
const MAX_DEPTH: usize = 100;

/// A filter that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("filter, column {column}: expected {expected}, found {found}")]
pub struct FilterError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What would be right there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl FilterError {
    pub(super) fn new(column: usize, expected: &str, found: String) -> Self {
        Self { column, expected: expected.to_owned(), found }
    }
}

pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let filter = parser.any()?;
    match parser.peek() {
        Token::End => Ok(filter),
        _ => parser.fail("`and`, `or` or the end"),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |t| &t.1)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn fail<T>(&self, expected: &str) -> Result<T, FilterError> {
        let column = self.tokens.get(self.next).or(self.tokens.last()).map_or(1, |t| t.0);
        Err(FilterError::new(column, expected, self.peek().shown()))
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.peek().is(word);
        self.next += usize::from(found);
        found
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(s) if *s == symbol);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), FilterError> {
        if self.symbol(symbol) { Ok(()) } else { self.fail(&format!("`{symbol}`")) }
    }

    fn any(&mut self) -> Result<Filter, FilterError> {
        let mut list = vec![self.all()?];
        while self.keyword("or") {
            list.push(self.all()?);
        }
        Ok(if list.len() == 1 { list.remove(0) } else { Filter::Or(list) })
    }

    fn all(&mut self) -> Result<Filter, FilterError> {
        let mut list = vec![self.one()?];
        while self.keyword("and") {
            list.push(self.one()?);
        }
        Ok(if list.len() == 1 { list.remove(0) } else { Filter::And(list) })
    }

    fn one(&mut self) -> Result<Filter, FilterError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail(&format!("at most {MAX_DEPTH} nested conditions"));
        }
        let filter = if self.keyword("not") {
            Filter::Not(Box::new(self.one()?))
        } else if self.symbol("(") {
            let inner = self.any()?;
            self.expect(")")?;
            inner
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn condition(&mut self) -> Result<Filter, FilterError> {
        if self.peek().is("exists") && matches!(self.tokens.get(self.next + 1), Some((_, Token::Symbol("(")))) {
            self.next += 2;
            let field = self.field()?;
            self.expect(")")?;
            return Ok(Filter::Exists { field });
        }
        let field = self.field()?;
        if self.keyword("contains") {
            return match self.peek().clone() {
                Token::Text(text) => {
                    self.next += 1;
                    Ok(Filter::Contains { field, text })
                }
                _ => self.fail("a text in quotes"),
            };
        }
        if self.keyword("in") {
            return Ok(Filter::In { field, values: self.list()? });
        }
        if self.keyword("not") {
            return if self.keyword("in") {
                Ok(Filter::Not(Box::new(Filter::In { field, values: self.list()? })))
            } else {
                self.fail("`in`")
            };
        }
        let op = self.operator()?;
        Ok(Filter::Compare { field, op, value: self.value()? })
    }

    fn field(&mut self) -> Result<String, FilterError> {
        let reserved = ["and", "or", "not", "in", "contains"];
        match self.peek().clone() {
            Token::Word(w) if !reserved.iter().any(|r| w.eq_ignore_ascii_case(r)) => {
                self.next += 1;
                Ok(w)
            }
            Token::Quoted(w) => {
                self.next += 1;
                Ok(w)
            }
            _ => self.fail("a field name, `not`, `exists(…)` or `(`"),
        }
    }

    fn operator(&mut self) -> Result<Compare, FilterError> {
        let op = match self.peek() {
            Token::Symbol("=" | "==") => Compare::Equal,
            Token::Symbol("!=" | "<>") => Compare::NotEqual,
            Token::Symbol("<") => Compare::Less,
            Token::Symbol("<=") => Compare::LessEqual,
            Token::Symbol(">") => Compare::Greater,
            Token::Symbol(">=") => Compare::GreaterEqual,
            _ => return self.fail("one of = != < <= > >= in contains"),
        };
        self.next += 1;
        Ok(op)
    }

    fn value(&mut self) -> Result<Cell, FilterError> {
        let expected = "a number, a text in quotes, true or false";
        if self.symbol("-") {
            return match self.take() {
                Token::Number(n) => Ok(Cell::Number(-n)),
                _ => {
                    self.next -= 1;
                    self.fail("a number")
                }
            };
        }
        let cell = match self.peek() {
            Token::Number(n) => Cell::Number(*n),
            Token::Text(t) => Cell::Text(t.clone()),
            t if t.is("true") => Cell::Bool(true),
            t if t.is("false") => Cell::Bool(false),
            _ => return self.fail(expected),
        };
        self.next += 1;
        Ok(cell)
    }

    fn list(&mut self) -> Result<Vec<Cell>, FilterError> {
        self.expect("[")?;
        let mut values = Vec::new();
        if self.symbol("]") {
            return Ok(values);
        }
        loop {
            values.push(self.value()?);
            if self.symbol("]") {
                return Ok(values);
            }
            if !self.symbol(",") {
                return self.fail("`,` or `]`");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(field: &str, op: Compare, value: Cell) -> Filter {
        Filter::Compare { field: field.into(), op, value }
    }

    #[test]
    fn the_documented_example_reads_as_meant() {
        let text =
            r#"year >= 2020 and lang = "en" and not (tag in ["a","b"]) and title contains "x" and exists(author)"#;
        let Filter::And(parts) = text.parse().unwrap() else { panic!("not an `and`") };
        assert_eq!(parts.len(), 5);
        assert_eq!(parts[0], compare("year", Compare::GreaterEqual, Cell::Number(2020.0)));
        let list = vec![Cell::Text("a".into()), Cell::Text("b".into())];
        assert_eq!(parts[2], Filter::Not(Box::new(Filter::In { field: "tag".into(), values: list })));
        assert_eq!(parts[4], Filter::Exists { field: "author".into() });
    }

    #[test]
    fn and_binds_closer_than_or() {
        let Filter::Or(parts) = "a = 1 or b = 2 and c = 3".parse().unwrap() else { panic!("not an `or`") };
        assert!(matches!(&parts[1], Filter::And(both) if both.len() == 2));
    }

    #[test]
    fn values_of_every_kind() {
        let f: Filter = "`the field` = -1.5e3 OR b != TRUE or c.d = 'it\\'s'".parse().unwrap();
        let Filter::Or(parts) = f else { panic!("not an `or`") };
        assert_eq!(parts[0], compare("the field", Compare::Equal, Cell::Number(-1500.0)));
        assert_eq!(parts[1], compare("b", Compare::NotEqual, Cell::Bool(true)));
        assert_eq!(parts[2], compare("c.d", Compare::Equal, Cell::Text("it's".into())));
    }

    #[test]
    fn errors_show_the_column_and_what_was_expected() {
        let cases = [
            ("", 1, "field"),
            ("year", 5, "one of ="),
            ("year >= ", 9, "number"),
            ("year >= 2020 lang = 1", 14, "`and`"),
            ("(a = 1", 7, "`)`"),
            ("a in [1 2]", 9, "`,` or `]`"),
            ("a in 1", 6, "`[`"),
            ("a = \"open", 5, "closing quote"),
            ("a = 20x", 5, "number"),
            ("a = en", 5, "quotes"),
            ("a contains 5", 12, "text in quotes"),
            ("é = ;", 5, "value"),
            ("a not 5", 7, "`in`"),
            ("a = --1", 6, "a number"),
        ];
        for (text, column, expected) in cases {
            let err = text.parse::<Filter>().unwrap_err();
            assert_eq!(err.column, column, "{text}: {err}");
            assert!(err.to_string().contains(expected), "{text}: {err}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let text = "(".repeat(100_000);
        assert!(text.parse::<Filter>().unwrap_err().expected.contains("nested"));
        assert!(("not ".repeat(100_000) + "a = 1").parse::<Filter>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            let _ = text.parse::<Filter>();
        }
    }
}
