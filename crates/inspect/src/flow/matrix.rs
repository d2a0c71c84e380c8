//! Similarities of all rows to all, pooled, as a picture.

use std::fmt::Write;

use vectory_core::{Vectors, VectorsRef, simd};

use crate::svg::escape;

/// Most cells a side.
const CELLS: usize = 120;
const SIDE: f64 = 560.0;
const TOP: f64 = 40.0;

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
         fill=\"currentColor\" style=\"max-width:{0}px\"><text x=\"0\" y=\"24\" font-size=\"15\" font-weight=\"600\">{2}</text><g shape-rendering=\"crispEdges\">",
        SIDE,
        SIDE + TOP,
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
                    start as f64 * size,
                    TOP + i as f64 * size,
                    (j - start) as f64 * size + 0.3,
                    size + 0.3,
                    colour(f64::from(shade(start)) / 15.0)
                );
                start = j;
            }
        }
    }
    out.push_str("</g></svg>");
    out
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
