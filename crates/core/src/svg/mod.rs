//! Small plots as SVG text: a title, two axes with ticks, bars, lines, points and marked values. No script, no style sheet.
//!
//! Text and axes are drawn in `currentColor`, so that a plot takes the colours of the page around it, light or dark.

mod axis;
mod draw;
mod heat;

pub use axis::{Axis, Scale};
pub use heat::Heat;

/// What is drawn into the frame, in data units.
#[derive(Clone, Debug)]
pub enum Mark {
    /// Bars from the lower end of the y axis: left, right, height.
    Bars(Vec<(f64, f64, f64)>),
    /// A line through points, with an optional name for the key.
    Line(Vec<(f64, f64)>, Option<String>),
    /// Points, each with a place from 0 (pale) to 1 (deep) on the colour scale, and an optional name for the key.
    Points(Vec<(f64, f64, f64)>, Option<String>),
    /// A vertical rule at a value, with its name.
    At(f64, String),
}

/// A plot.
#[derive(Clone, Debug)]
pub struct Plot {
    /// Its title.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, first things undermost.
    pub marks: Vec<Mark>,
}

impl Plot {
    /// The plot as an `<svg>` element of 640 × 380 units that scales with its place.
    #[must_use]
    pub fn svg(&self) -> String {
        draw::svg(self)
    }
}

/// Text with the characters that XML reserves replaced.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Equal bins over the values: (left, right, count). Values outside `range` fall into the outermost bins; a range of no
/// width is widened around its value.
#[must_use]
pub fn histogram(values: impl IntoIterator<Item = f64>, range: (f64, f64), bins: usize) -> Vec<(f64, f64, f64)> {
    let (low, high) = if range.1 > range.0 { range } else { (range.0 - 0.5, range.0 + 0.5) };
    let width = (high - low) / bins as f64;
    let mut counts = vec![0.0; bins];
    for v in values {
        let bin = ((v - low) / width).max(0.0) as usize;
        counts[bin.min(bins - 1)] += 1.0;
    }
    counts.into_iter().enumerate().map(|(i, c)| (low + i as f64 * width, low + (i + 1) as f64 * width, c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(scale: Scale) -> Plot {
        Plot {
            title: "a < b & c".into(),
            x: Axis::linear("x", 0.0, 10.0),
            y: Axis { label: "y".into(), scale, low: 1e-3, high: 1e3 },
            marks: vec![
                Mark::Bars(vec![(0.0, 1.0, 5.0), (1.0, 2.0, 0.0)]),
                Mark::Line(vec![(0.0, 1.0), (5.0, f64::NAN), (10.0, 1e9)], Some("l".into())),
                Mark::Points(vec![(1.0, 2.0, 0.5), (f64::NAN, 2.0, 0.5)], None),
                Mark::At(3.0, "mean".into()),
            ],
        }
    }

    #[test]
    fn drawings_stay_in_their_frame_and_are_well_formed() {
        for scale in [Scale::Linear, Scale::Log] {
            let svg = plot(scale).svg();
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
            assert!(svg.contains("a &lt; b &amp; c"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
            assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
            assert_eq!(svg.matches("<rect").count(), 1, "an empty bar is not drawn");
            assert_eq!(svg.matches("<circle").count(), 1, "a point that is not a number is not drawn");
            for number in svg.split('"').filter_map(|s| s.parse::<f64>().ok()) {
                assert!((-640.0..=640.0).contains(&number), "{number}");
            }
        }
    }

    #[test]
    fn histograms_count_every_value_once() {
        let h = histogram([-5.0, 0.0, 0.5, 1.0, 99.0], (0.0, 1.0), 2);
        assert_eq!(h, [(0.0, 0.5, 2.0), (0.5, 1.0, 3.0)]);
        assert_eq!(histogram([2.0, 2.0], (2.0, 2.0), 1)[0].2, 2.0);
    }
}
