//! Typed measurements, rendered as terminal text, JSON or one self-contained HTML file.

use serde::Serialize;

/// One measured value.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// What was measured: `IsoScore`, `mean cosine`.
    pub name: String,
    /// The value; `None` where it could not be had (the note says why).
    pub value: Option<f64>,
    /// Its unit; empty for a pure number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// A 95 % interval, where the value is an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// What it means, or why it is missing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Whether the section's table says it already: for JSON only.
    #[serde(skip)]
    pub tabled: bool,
}

impl Measure {
    /// A value without unit or note.
    #[must_use]
    pub fn new(name: &str, value: f64) -> Self {
        Self { value: Some(value), ..Self::missing(name, "") }
    }

    /// A value that could not be had, and why.
    #[must_use]
    pub fn missing(name: &str, why: &str) -> Self {
        let (name, note) = (name.to_owned(), why.to_owned());
        Self { name, value: None, unit: String::new(), interval: None, note, tabled: false }
    }

    /// With a unit.
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Self {
        unit.clone_into(&mut self.unit);
        self
    }

    /// With a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Left to the section's table where people read: text and HTML do not say it twice, JSON has it.
    #[must_use]
    pub fn in_table(mut self) -> Self {
        self.tabled = true;
        self
    }

    /// With a 95 % interval.
    #[must_use]
    pub fn interval(mut self, low: f64, high: f64) -> Self {
        self.interval = Some((low, high));
        self
    }
}

/// A table of texts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    /// Column heads.
    pub columns: Vec<String>,
    /// Rows, each as long as the heads.
    pub rows: Vec<Vec<String>>,
}

/// A picture as SVG text.
#[derive(Clone, Debug, Serialize)]
pub struct Picture {
    /// What it shows, said under it.
    pub caption: String,
    /// The `<svg>` element.
    #[serde(skip_serializing)]
    pub svg: String,
}

/// A part of a report.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Section {
    /// Its head.
    pub title: String,
    /// Its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// A table, where one helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// Pictures (in HTML only; JSON has the captions).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
    /// What it all means, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

/// A report: what was looked at, and what was seen.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// What was looked at.
    pub title: String,
    /// Its parts.
    pub sections: Vec<Section>,
}

impl Report {
    /// Every measure of every section, by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.sections.iter().flat_map(|s| &s.measures).find(|m| m.name == name).and_then(|m| m.value)
    }
}
