//! A square table of values as coloured cells with their numbers.

use std::fmt::Write;

use super::escape;

const CELL: f64 = 64.0;
const TOP: f64 = 44.0;

/// A square of values, named alike on both sides.
#[derive(Clone, Debug)]
pub struct Heat {
    /// Its title.
    pub title: String,
    /// Names of rows and columns.
    pub names: Vec<String>,
    /// Row after row; a missing value is NaN.
    pub values: Vec<Vec<f64>>,
    /// Values of the palest and of the deepest colour.
    pub range: (f64, f64),
}

impl Heat {
    /// The table as an `<svg>` element that scales with its place.
    #[must_use]
    pub fn svg(&self) -> String {
        let n = self.names.len();
        let names: Vec<String> = self.names.iter().map(|s| shortened(s, 28)).collect();
        let longest = names.iter().map(|s| s.chars().count()).max().unwrap_or(0) as f64;
        let left = 20.0 + longest * 7.4;
        let (wide, high) = (left + CELL * n as f64 + 16.0, TOP + CELL * n as f64 + 34.0 + longest * 5.4);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide:.0} {high:.0}\" role=\"img\" aria-label=\"{0}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"currentColor\" style=\"max-width:{wide:.0}px\">\
             <text x=\"12\" y=\"24\" font-size=\"15\" font-weight=\"600\">{0}</text>",
            escape(&self.title)
        );
        for (i, name) in names.iter().enumerate() {
            let middle = TOP + CELL * (i as f64 + 0.5);
            let _ = write!(
                out,
                "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>",
                left - 10.0,
                middle + 4.5,
                escape(name)
            );
            let (x, y) = (left + CELL * (i as f64 + 0.5), TOP + CELL * n as f64 + 18.0);
            let _ = write!(
                out,
                "<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"end\" transform=\"rotate(-40 {x:.0} {y:.0})\">{}</text>",
                escape(name)
            );
            for (j, value) in self.values[i].iter().enumerate() {
                self.cell(&mut out, left + CELL * j as f64, TOP + CELL * i as f64, *value);
            }
        }
        out.push_str("</svg>");
        out
    }

    fn cell(&self, out: &mut String, x: f64, y: f64, value: f64) {
        let (low, high) = self.range;
        let depth = if value.is_finite() && high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        // From a pale to a deep blue; the number is dark on pale and white on deep.
        let mix = |a: f64, b: f64| (a + (b - a) * depth).round();
        let fill = format!("rgb({},{},{})", mix(236.0, 24.0), mix(242.0, 72.0), mix(249.0, 124.0));
        let ink = if depth > 0.5 { "#fff" } else { "#17202a" };
        let text = if value.is_finite() { format!("{value:.2}") } else { "–".to_owned() };
        let _ = write!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{0}\" height=\"{0}\" fill=\"{fill}\"/><text x=\"{1:.1}\" y=\"{2:.1}\" text-anchor=\"middle\" fill=\"{ink}\">{text}</text>",
            CELL - 2.0,
            x + CELL / 2.0 - 1.0,
            y + CELL / 2.0 + 3.5
        );
    }
}

fn shortened(name: &str, most: usize) -> String {
    let count = name.chars().count();
    if count <= most {
        name.to_owned()
    } else {
        format!("…{}", name.chars().skip(count + 1 - most).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_a_cell() {
        let heat = Heat {
            title: "a & b".into(),
            names: vec!["x".into(), "a very long name of a model that is cut".into()],
            values: vec![vec![1.0, 0.25], vec![f64::NAN, 1.0]],
            range: (0.0, 1.0),
        };
        let svg = heat.svg();
        assert_eq!((svg.matches("<rect").count(), svg.matches("</text>").count()), (4, 9));
        assert!(svg.contains("a &amp; b") && svg.contains(">0.25<") && svg.contains(">–<") && !svg.contains("NaN"));
    }
}
