//! Reports as terminal text and as one self-contained HTML file. (JSON is serde's.)

mod html;
mod text;

pub use html::html;
pub use text::text;

use vectory_core::report::Measure;

/// A value with its unit: four significant digits, whole numbers as they are.
fn value(m: &Measure) -> String {
    let Some(v) = m.value else { return "–".into() };
    let shown = number(v);
    if m.unit.is_empty() { shown } else { format!("{shown} {}", m.unit) }
}

fn number(v: f64) -> String {
    let size = v.abs();
    if !v.is_finite() {
        return "not finite".into();
    }
    if v.fract() == 0.0 && size < 1e15 {
        return format!("{:.0}", v + 0.0);
    }
    match size {
        s if s >= 1000.0 => format!("{v:.0}"),
        s if s >= 100.0 => format!("{v:.1}"),
        s if s >= 10.0 => format!("{v:.2}"),
        s if s >= 1.0 => format!("{v:.3}"),
        s if s >= 0.001 => format!("{v:.4}"),
        _ => format!("{v:.2e}"),
    }
}

fn interval(m: &Measure) -> Option<String> {
    m.interval.map(|(low, high)| format!("{} to {}", number(low), number(high)))
}
