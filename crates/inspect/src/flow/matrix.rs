//! Similarities of all rows to all, pooled, as a picture.

use std::fmt::Write;

use vectory_core::{Vectors, VectorsRef, simd};

use crate::svg::{Axis, escape};

/// Most cells a side.
const CELLS: usize = 120;
const SIDE: f64 = 560.0;
const TOP: f64 = 40.0;
/// Room for the numbers of sentences, and for the key.
const LEFT: f64 = 60.0;
const BOTTOM: f64 = 46.0;
const KEY: f64 = 92.0;

/// The picture. A cell of several rows shows the similarity of their means.
pub(super) fn svg(name: &str, rows: VectorsRef<'_>) -> String {
    let n = rows.rows().min(CELLS);
    let pooled = pooled(rows, n);
    let mut values = vec![0.0f32; n * n];
    for i in 0..n {
        for j in 0..n {
            values[i * n + j] = simd::cosine(pooled.row(i), pooled.row(j));
        }
    }
    // The colours span the middle 96 % of what is off the diagonal.
    let mut off: Vec<f32> = (0..n * n).filter(|c| c / n != c % n).map(|c| values[c]).collect();
    off.sort_by(f32::total_cmp);
    let at = |share: f64| off.get((share * off.len().saturating_sub(1) as f64) as usize).copied().unwrap_or(0.0);
    let (low, high) = (at(0.02), at(0.98).max(at(0.02) + 1e-6));
    let title = format!("Sentence by sentence, {name}");
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"{2}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"13\" fill=\"currentColor\" style=\"max-width:{0}px\"><text x=\"{LEFT}\" y=\"24\" font-size=\"15\" font-weight=\"600\">{2}</text>\
         <g shape-rendering=\"crispEdges\">",
        LEFT + SIDE + KEY,
        SIDE + TOP + BOTTOM,
        escape(&title)
    );
    let size = SIDE / n.max(1) as f64;
    for i in 0..n {
        // Runs of one shade are one rectangle.
        let mut start = 0;
        let shade = |j: usize| (((values[i * n + j] - low) / (high - low)).clamp(0.0, 1.0) * 15.0).round() as u32;
        for j in 1..=n {
            if j == n || shade(j) != shade(start) {
                let _ = write!(
                    out,
                    "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{}\"/>",
                    LEFT + start as f64 * size,
                    TOP + i as f64 * size,
                    (j - start) as f64 * size + 0.3,
                    size + 0.3,
                    colour(f64::from(shade(start)) / 15.0)
                );
                start = j;
            }
        }
    }
    out.push_str("</g>");
    axes(&mut out, rows.rows());
    key(&mut out, low, high);
    out.push_str("</svg>");
    out
}

/// Numbers of sentences along both sides.
fn axes(out: &mut String, sentences: usize) {
    for (value, label) in Axis::linear("", 0.0, sentences as f64).ticks() {
        let at = value / sentences.max(1) as f64 * SIDE;
        let (x, y) = (LEFT + at, TOP + at);
        let _ = write!(
            out,
            "<text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{label}</text><text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{label}</text>",
            TOP + SIDE + 18.0,
            LEFT - 8.0,
            y + 4.5
        );
    }
    let _ = write!(
        out,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">sentence</text>",
        LEFT + SIDE / 2.0,
        TOP + SIDE + 38.0
    );
}

/// What the shades mean.
fn key(out: &mut String, low: f32, high: f32) {
    const STEPS: usize = 16;
    let (x, size) = (LEFT + SIDE + 18.0, 11.0);
    for step in 0..STEPS {
        let _ = write!(
            out,
            "<rect x=\"{x:.0}\" y=\"{:.1}\" width=\"14\" height=\"{:.1}\" fill=\"{}\"/>",
            TOP + 20.0 + step as f64 * size,
            size + 0.3,
            colour(1.0 - step as f64 / (STEPS - 1) as f64)
        );
    }
    let bottom = TOP + 20.0 + STEPS as f64 * size;
    for (y, text) in
        [(TOP + 10.0, "cosine".to_owned()), (TOP + 31.0, format!("{high:.2}")), (bottom, format!("{low:.2}"))]
    {
        let shift = if text == "cosine" { 0.0 } else { 20.0 };
        let _ = write!(out, "<text x=\"{:.0}\" y=\"{y:.0}\">{text}</text>", x + shift);
    }
}

/// Pale to deep blue.
fn colour(t: f64) -> String {
    let mix = |a: f64, b: f64| (a + (b - a) * t).round();
    format!("rgb({},{},{})", mix(240.0, 12.0), mix(244.0, 52.0), mix(250.0, 104.0))
}

/// Means of equally many consecutive rows of unit length.
fn pooled(rows: VectorsRef<'_>, n: usize) -> Vectors {
    let mut out = Vectors::zeros(n, rows.dim());
    for (i, row) in rows.iter().enumerate() {
        let norm = simd::norm(row);
        if norm > 0.0 {
            simd::axpy(norm.recip(), row, out.row_mut(i * n / rows.rows()));
        }
    }
    out
}
