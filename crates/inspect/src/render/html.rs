//! One HTML file that needs nothing else: styles inside, pictures inside, light and dark by the reader's setting.

use vectory_core::report::{Report, Section, Table};

use super::{interval, value};
use crate::svg::escape;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6570;--line:#dfe3e8;--page:#fff;--box:#f6f8fa}\
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ec;--soft:#9aa5b1;--line:#30363d;--page:#11151a;--box:#191f26}}\
body{margin:0 auto;max-width:60rem;padding:2rem 1.25rem 4rem;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2.25rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}\
nav{color:var(--soft);font-size:.9rem}nav a{color:inherit;margin-right:.9rem}\
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.92rem;margin:.5rem 0}\
th{text-align:left;font-weight:600}td,th{padding:.22rem .9rem .22rem 0;vertical-align:top;border-bottom:1px solid var(--line)}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.s{color:var(--soft)}\
.finding{background:var(--box);border-left:3px solid #4a86c5;padding:.6rem .9rem;margin:.75rem 0}\
figure{margin:1.25rem 0;max-width:44rem}figure svg{width:100%;height:auto;display:block}figcaption{color:var(--soft);font-size:.88rem}\
code{font-family:ui-monospace,monospace;font-size:.9em}\
@media print{body{max-width:none}figure,.finding{break-inside:avoid}}";

/// The report as one self-contained HTML page.
#[must_use]
pub fn html(report: &Report) -> String {
    let title = escape(&report.title);
    let links: String =
        report.sections.iter().map(|s| format!("<a href=\"#{}\">{}</a>", anchor(&s.title), escape(&s.title))).collect();
    let body: String = report.sections.iter().map(section).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<h1>{title}</h1>\n<nav>{links}</nav>\n{body}</body>\n</html>\n"
    )
}

fn anchor(title: &str) -> String {
    title.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect()
}

fn section(s: &Section) -> String {
    let mut out = format!("<section id=\"{}\">\n<h2>{}</h2>\n", anchor(&s.title), escape(&s.title));
    for f in &s.findings {
        out.push_str(&format!("<p class=\"finding\">{}</p>\n", coded(&escape(f))));
    }
    let mut told = s.measures.iter().filter(|m| !m.tabled).peekable();
    if told.peek().is_some() {
        out.push_str("<div class=\"wide\"><table>\n");
        for m in told {
            let note = match interval(m) {
                Some(i) => format!("95 %: {i}{}{}", if m.note.is_empty() { "" } else { "; " }, m.note),
                None => m.note.clone(),
            };
            out.push_str(&format!(
                "<tr><th>{}</th><td class=\"n\">{}</td><td class=\"s\">{}</td></tr>\n",
                escape(&m.name),
                escape(&minus(&value(m))),
                escape(&note)
            ));
        }
        out.push_str("</table></div>\n");
    }
    for p in &s.pictures {
        out.push_str(&format!("<figure>{}<figcaption>{}</figcaption></figure>\n", p.svg, escape(&p.caption)));
    }
    if let Some(t) = &s.table {
        out.push_str(&table(t));
    }
    out.push_str("</section>\n");
    out
}

/// What stands between backticks as code.
fn coded(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text.to_owned();
    }
    let one = |(i, part): (usize, &&str)| if i % 2 == 0 { (*part).to_owned() } else { format!("<code>{part}</code>") };
    parts.iter().enumerate().map(one).collect()
}

/// Columns of numbers are aligned to the right, columns of words to the left.
fn table(t: &Table) -> String {
    let numbers: Vec<bool> =
        (0..t.columns.len()).map(|c| t.rows.iter().filter_map(|r| r.get(c)).all(|v| is_number(v))).collect();
    let cells = |tag: &str, row: &[String]| -> String {
        row.iter()
            .enumerate()
            .map(|(c, v)| {
                let class = if numbers.get(c).copied().unwrap_or(false) { " class=\"n\"" } else { "" };
                format!("<{tag}{class}>{}</{tag}>", escape(&minus(v)))
            })
            .collect()
    };
    let rows: String = t.rows.iter().map(|r| format!("<tr>{}</tr>\n", cells("td", r))).collect();
    format!("<div class=\"wide\"><table>\n<tr>{}</tr>\n{rows}</table></div>\n", cells("th", &t.columns))
}

/// A number, perhaps with a unit or in per cent, or what stands for a missing one.
fn is_number(text: &str) -> bool {
    let text = text.trim();
    let first = text.trim_start_matches(['-', '+', '−', '±']).chars().next();
    text.is_empty()
        || text == "–"
        || (first.is_some_and(|c| c.is_ascii_digit()) && text.split_whitespace().count() <= 4)
}

/// A hyphen before a number is a minus.
fn minus(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => format!("−{rest}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_core::report::{Measure, Picture};

    #[test]
    fn words_go_to_the_left_and_numbers_to_the_right() {
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let page = table(&Table { columns: row("name", "value"), rows: vec![row("a", "-0.5"), row("12 b", "–")] });
        assert!(page.contains("<th>name</th><th class=\"n\">value</th>"), "{page}");
        assert!(page.contains("<td>a</td><td class=\"n\">−0.5</td>"), "{page}");
    }

    #[test]
    fn pages_stand_alone_and_escape_what_they_show() {
        let section = Section {
            title: "A & B".into(),
            measures: vec![Measure::new("x < y", 0.5).note("n")],
            pictures: vec![Picture { caption: "c".into(), svg: "<svg></svg>".into() }],
            findings: vec!["<script> `a | b`".into()],
            table: Some(Table { columns: vec!["k".into()], rows: vec![vec!["v".into()]] }),
        };
        let page = html(&Report { title: "T".into(), sections: vec![section] });
        assert!(page.starts_with("<!doctype html>") && page.contains("prefers-color-scheme:dark"));
        assert!(
            page.contains("x &lt; y")
                && page.contains("&lt;script&gt; <code>a | b</code>")
                && page.contains("<figure><svg></svg>")
        );
        for outside in ["http:", "https:", "src=", "@import", "<script"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
