//! FEET (Lee et al. 2024): several models on one task, frozen and with few examples, in one table, with what changes between.

use std::fmt::Write;

use vectory_core::Context;

use super::{ProtocolError, Scores, Split, few_shot, linear_probe};

/// A model: its vectors of the same rows, split in the same way.
pub struct FeetModel {
    /// Its name.
    pub name: String,
    /// Its vectors.
    pub split: Split,
    /// Its scores after fine-tuning, where they are known: frozen vectors cannot tell.
    pub tuned: Option<Scores>,
}

/// What the table holds.
#[derive(Clone, Debug)]
pub struct FeetParams {
    /// Examples a class, one column each.
    pub shots: Vec<usize>,
    /// Draws of examples.
    pub draws: usize,
}

impl Default for FeetParams {
    fn default() -> Self {
        Self { shots: vec![2, 4, 8, 16], draws: 10 }
    }
}

/// A cell: mean, and standard deviation where there are draws.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Cell {
    /// The value, in per cent.
    pub value: f64,
    /// Over draws.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
}

/// Models by settings, for accuracy and macro-F1, and the change against frozen in per cent.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Feet {
    /// Columns: `2-shot`, …, `frozen`, and `fine-tuned` where it is known.
    pub settings: Vec<String>,
    /// Rows.
    pub models: Vec<String>,
    /// By model and setting.
    pub accuracy: Vec<Vec<Option<Cell>>>,
    /// By model and setting.
    pub macro_f1: Vec<Vec<Option<Cell>>>,
    /// 100 (setting − frozen) / frozen of the accuracy.
    pub delta: Vec<Vec<Option<f64>>>,
}

/// Runs every model through every setting.
///
/// # Errors
/// [`ProtocolError`]: as the protocols.
pub fn feet(models: &[FeetModel], params: &FeetParams, ctx: &Context) -> Result<Feet, ProtocolError> {
    let tuned = models.iter().any(|m| m.tuned.is_some());
    let mut settings: Vec<String> = params.shots.iter().map(|s| format!("{s}-shot")).collect();
    settings.push("frozen".into());
    settings.extend(tuned.then(|| "fine-tuned".to_owned()));
    let mut out = Feet { settings, models: vec![], accuracy: vec![], macro_f1: vec![], delta: vec![] };
    ctx.progress().begin("protocols", Some(models.len() as u64), "models");
    for m in models {
        let (mut accuracy, mut macro_f1) = (vec![], vec![]);
        for shots in &params.shots {
            let found = few_shot(&m.split, *shots, params.draws, ctx)?;
            let cell =
                |(mean, deviation): (f64, f64)| Some(Cell { value: 100.0 * mean, deviation: Some(100.0 * deviation) });
            accuracy.push(cell(found.summary(|s| s.accuracy)));
            macro_f1.push(cell(found.summary(|s| s.macro_f1)));
        }
        let plain = |v: f64| Cell { value: 100.0 * v, deviation: None };
        let (frozen, _) = linear_probe(&m.split, ctx)?;
        accuracy.push(Some(plain(frozen.accuracy)));
        macro_f1.push(Some(plain(frozen.macro_f1)));
        if tuned {
            accuracy.push(m.tuned.map(|s| plain(s.accuracy)));
            macro_f1.push(m.tuned.map(|s| plain(s.macro_f1)));
        }
        let base = 100.0 * frozen.accuracy;
        out.delta.push(accuracy.iter().map(|c| c.map(|c| 100.0 * (c.value - base) / base)).collect());
        out.accuracy.push(accuracy);
        out.macro_f1.push(macro_f1);
        out.models.push(m.name.clone());
        ctx.progress().advance(1);
    }
    ctx.progress().end();
    Ok(out)
}

impl Feet {
    /// Three Markdown tables: accuracy, macro-F1, change of accuracy. The best of a column is bold, the second in italics.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for (title, cells) in self.tables([|b| format!("**{b}**"), |b| format!("*{b}*")], "±") {
            let _ = writeln!(out, "**{title}**\n\n| model | {} |", self.settings.join(" | "));
            let _ = writeln!(out, "|---|{}", "---:|".repeat(self.settings.len()));
            for (model, row) in self.models.iter().zip(cells) {
                let _ = writeln!(out, "| {} | {} |", model.replace('|', "\\|"), row.join(" | "));
            }
            out.push('\n');
        }
        out
    }

    /// The same as LaTeX `tabular`s (package booktabs); the second of a column is underlined.
    #[must_use]
    pub fn latex(&self) -> String {
        let mut out = String::new();
        let marks = [|b: &str| format!("\\textbf{{{b}}}"), |b: &str| format!("\\underline{{{b}}}")];
        for (title, cells) in self.tables(marks, "$\\pm$") {
            let heads: Vec<String> = self.settings.iter().map(|s| escaped(s)).collect();
            let _ = writeln!(out, "% {title}\n\\begin{{tabular}}{{l{}}}\n\\toprule", "r".repeat(self.settings.len()));
            let _ = writeln!(out, "model & {} \\\\\n\\midrule", heads.join(" & "));
            for (model, row) in self.models.iter().zip(cells) {
                let _ = writeln!(out, "{} & {} \\\\", escaped(model), row.join(" & "));
            }
            out.push_str("\\bottomrule\n\\end{tabular}\n\n");
        }
        out
    }

    /// Titles and cells as text; `marks` are those of the best and the second of a column.
    fn tables(&self, marks: [fn(&str) -> String; 2], pm: &str) -> Vec<(&'static str, Vec<Vec<String>>)> {
        let shown = |c: &Cell| match c.deviation {
            Some(d) => format!("{:.1} {pm} {d:.1}", c.value),
            None => format!("{:.1}", c.value),
        };
        let scored = |cells: &[Vec<Option<Cell>>]| -> Vec<Vec<String>> {
            // The places of a column's values, equal ones once.
            let ranks = |col: usize| {
                let mut v: Vec<f64> = cells.iter().filter_map(|r| r[col]).map(|c| c.value).collect();
                v.sort_by(|a, b| b.total_cmp(a));
                v.dedup();
                v
            };
            let one = |(col, c): (usize, &Option<Cell>)| match c {
                None => "–".to_owned(),
                Some(c) => match ranks(col).iter().position(|v| *v == c.value) {
                    Some(0) if cells.len() > 1 => marks[0](&shown(c)),
                    Some(1) if cells.len() > 2 => marks[1](&shown(c)),
                    _ => shown(c),
                },
            };
            cells.iter().map(|row| row.iter().enumerate().map(one).collect()).collect()
        };
        let change = |c: &Option<f64>| c.map_or_else(|| "–".to_owned(), |d| format!("{d:+.1}"));
        let delta = self.delta.iter().map(|row| row.iter().map(change).collect()).collect();
        vec![
            ("Accuracy (%)", scored(&self.accuracy)),
            ("Macro-F1 (%)", scored(&self.macro_f1)),
            ("Change of accuracy against frozen (%)", delta),
        ]
    }
}

/// Text as LaTeX shows it.
fn escaped(text: &str) -> String {
    let one = |c: char| match c {
        '\\' => "\\textbackslash{}".to_owned(),
        '~' => "\\textasciitilde{}".to_owned(),
        '^' => "\\textasciicircum{}".to_owned(),
        '|' | '<' | '>' => format!("${c}$"),
        '_' | '%' | '&' | '#' | '$' | '{' | '}' => format!("\\{c}"),
        c => c.to_string(),
    };
    text.chars().map(one).collect()
}
