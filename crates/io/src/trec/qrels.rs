//! Judgements: which documents answer which queries.

use std::io::Write;
use std::path::Path;

use super::{LINE, TrecError, each_line};
use crate::stream::{self, Lines, Output};

/// One judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The query's id.
    pub query: String,
    /// The document's id.
    pub document: String,
    /// 0 is not relevant; larger is more relevant; some collections use negative grades for spam.
    pub grade: i32,
}

/// Reads judgements in BEIR's form (three columns by tabs, a header) or TREC's (four columns); the first line tells which.
///
/// # Errors
/// [`TrecError`] naming the file and line of the first row of another form.
pub fn read_qrels(path: &Path) -> Result<Vec<Judgement>, TrecError> {
    let mut lines = Lines::new(stream::open(path, None)?, LINE);
    let (mut rows, mut columns) = (Vec::new(), None);
    each_line(&mut lines, |text, _| {
        let cells = split(text);
        let first = columns.is_none();
        let expected = *columns.get_or_insert(cells.len());
        if !(3..=4).contains(&expected) {
            return Err(format!(
                "{expected} columns, expected 3 (query, document, grade) or 4 (query, 0, document, grade)"
            ));
        }
        if cells.len() != expected {
            return Err(format!("{} columns, expected {expected} as in the first line", cells.len()));
        }
        let grade = cells[expected - 1];
        match grade.parse::<i32>().ok().or_else(|| whole(grade)) {
            Some(grade) => {
                let [query, document] = [cells[0], cells[expected - 2]].map(str::to_owned);
                rows.push(Judgement { query, document, grade });
                Ok(())
            }
            None if first => Ok(()),
            None => Err(format!("the grade is `{grade}`, expected a whole number")),
        }
    })?;
    Ok(rows)
}

/// By tabs where there are any, since ids of BEIR may have blanks in them; else by blanks.
fn split(text: &str) -> Vec<&str> {
    if text.contains('\t') { text.split('\t').map(str::trim).collect() } else { text.split_whitespace().collect() }
}

/// `1.0` as 1: some files write grades so.
fn whole(text: &str) -> Option<i32> {
    let x: f64 = text.parse().ok()?;
    (x.fract() == 0.0 && x.abs() < 1e9).then_some(x as i32)
}

/// Writes judgements in BEIR's form. The file is replaced in one step.
///
/// # Errors
/// When the file cannot be written, or an id holds a tab or line end.
pub fn write_qrels(path: &Path, rows: &[Judgement]) -> Result<(), TrecError> {
    let mut out = Output::create(path)?;
    out.write_all(b"query-id\tcorpus-id\tscore\n")?;
    for (i, row) in rows.iter().enumerate() {
        if row.query.contains(['\t', '\n', '\r']) || row.document.contains(['\t', '\n', '\r']) {
            let why = format!("the ids `{}`, `{}` hold a tab or line end", row.query, row.document);
            return Err(TrecError::Form { path: path.display().to_string(), line: i as u64 + 2, why });
        }
        writeln!(out, "{}\t{}\t{}", row.query, row.document, row.grade)?;
    }
    Ok(out.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Judgement>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q.tsv");
        fs_err::write(&path, text).unwrap();
        read_qrels(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn both_forms_say_the_same() {
        let beir = read("query-id\tcorpus-id\tscore\nq1\td 1\t2\nq2\td2\t0\n").unwrap();
        assert_eq!(beir[0], Judgement { query: "q1".into(), document: "d 1".into(), grade: 2 });
        let trec = read("q1 0 d1 2\nq2\t0\td2\t-1\n").unwrap();
        assert_eq!((trec[1].document.as_str(), trec[1].grade), ("d2", -1));
        assert_eq!(read("q1\td1\t1.0\n").unwrap()[0].grade, 1);
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn bad_lines_are_named() {
        assert!(
            read("q1 0 d1 2\nq2 0 d2\n").unwrap_err().ends_with("q.tsv:2: 3 columns, expected 4 as in the first line")
        );
        assert!(read("q 0 d 1\nq 0 d x\n").unwrap_err().contains(":2: the grade is `x`"));
        assert!(read("one two\n").unwrap_err().contains(":1: 2 columns"));
    }

    #[test]
    fn written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q.tsv.gz");
        let rows = vec![Judgement { query: "q".into(), document: "d é".into(), grade: 3 }];
        write_qrels(&path, &rows).unwrap();
        assert_eq!(read_qrels(&path).unwrap(), rows);
    }
}
