//! Terminal text: measures in columns, tables aligned, findings wrapped.

use vectory_core::report::{Report, Section, Table};

use super::{interval, value};

const WIDTH: usize = 100;

/// The report as text for a terminal, about 100 characters wide; pictures are left out.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = format!("{}\n{}\n", report.title, "═".repeat(report.title.chars().count()));
    for section in &report.sections {
        out.push('\n');
        out.push_str(&section_text(section));
    }
    out
}

fn section_text(s: &Section) -> String {
    let mut out = format!("{}\n", s.title);
    let rows: Vec<(String, String, String)> = s
        .measures
        .iter()
        .filter(|m| !m.tabled)
        .map(|m| {
            let note = match interval(m) {
                Some(i) if m.note.is_empty() => format!("95 %: {i}"),
                Some(i) => format!("95 %: {i}; {}", m.note),
                None => m.note.clone(),
            };
            (m.name.clone(), value(m), note)
        })
        .collect();
    let wide = |f: &dyn Fn(&(String, String, String)) -> usize| rows.iter().map(f).max().unwrap_or(0);
    let (names, values) = (wide(&|r| r.0.chars().count()), wide(&|r| r.1.chars().count()));
    for (name, value, note) in &rows {
        let line = format!("  {}  {}  {note}", pad(name, names, false), pad(value, values, true));
        out.push_str(&wrap(line.trim_end(), WIDTH, names + values + 6));
        out.push('\n');
    }
    if let Some(t) = &s.table {
        out.push_str(&table(t));
    }
    for f in &s.findings {
        out.push_str(&wrap(&format!("  → {f}"), WIDTH, 4));
        out.push('\n');
    }
    out
}

/// Columns right-aligned under their heads, two spaces apart.
fn table(t: &Table) -> String {
    let column = |i: usize| t.rows.iter().filter_map(move |r| r.get(i)).chain(t.columns.get(i));
    let widths: Vec<usize> =
        (0..t.columns.len()).map(|i| column(i).map(|c| c.chars().count()).max().unwrap_or(0)).collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(c, w)| pad(c, *w, true)).collect();
        format!("    {}\n", padded.join("  ").trim_end())
    };
    std::iter::once(line(&t.columns)).chain(t.rows.iter().map(|r| line(r))).collect()
}

fn pad(text: &str, width: usize, right: bool) -> String {
    let fill = " ".repeat(width.saturating_sub(text.chars().count()));
    if right { format!("{fill}{text}") } else { format!("{text}{fill}") }
}

/// Breaks a line at spaces; further lines are indented.
fn wrap(line: &str, width: usize, indent: usize) -> String {
    let lead: String = line.chars().take_while(|c| *c == ' ').collect();
    let mut out = lead.clone();
    let mut at = lead.chars().count();
    let mut first = true;
    // Runs of spaces inside the line are the columns: keep them by splitting at single spaces.
    for word in line[lead.len()..].split(' ') {
        let long = word.chars().count();
        if !first && at + 1 + long > width && !word.is_empty() {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            at = indent;
        } else if !first {
            out.push(' ');
            at += 1;
        }
        out.push_str(word);
        at += long;
        first = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_core::report::Measure;

    #[test]
    fn columns_line_up_and_long_notes_wrap_under_theirs() {
        let section = Section {
            title: "S".into(),
            measures: vec![
                Measure::new("a", 1.0).note("word ".repeat(30).trim()),
                Measure::new("long name", 0.25).unit("MB").interval(0.1, 0.4),
                Measure::missing("none", "why"),
                Measure::new("in the table below", 4.0).in_table(),
            ],
            table: Some(Table { columns: vec!["x".into(), "yy".into()], rows: vec![vec!["123".into(), "4".into()]] }),
            findings: vec!["f".into()],
            ..Section::default()
        };
        let got = text(&Report { title: "T".into(), sections: vec![section] });
        let lines: Vec<&str> = got.lines().collect();
        assert!(lines.iter().all(|l| l.chars().count() <= WIDTH), "{got}");
        assert!(lines[4].starts_with("  a                  1  word word"), "{got}");
        assert!(lines[5].starts_with("                        word"), "{got}");
        assert_eq!(lines[6], "  long name  0.2500 MB  95 %: 0.1000 to 0.4000");
        assert_eq!(lines[7], "  none               –  why");
        assert_eq!(&lines[8..], ["      x  yy", "    123   4", "  → f"]);
    }
}
