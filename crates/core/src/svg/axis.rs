//! Axes: where a value lies, and which values get a tick.

/// How values are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By their logarithm; values at or below 0 lie at the lower end.
    Log,
}

/// One axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What is measured, with its unit.
    pub label: String,
    /// How values are laid out.
    pub scale: Scale,
    /// The value at its lower end.
    pub low: f64,
    /// The value at its upper end.
    pub high: f64,
}

impl Axis {
    /// An even axis from `low` to `high` (widened when they are equal or not finite).
    #[must_use]
    pub fn linear(label: &str, low: f64, high: f64) -> Self {
        let (low, high) = if low.is_finite() && high.is_finite() && high > low { (low, high) } else { widened(low) };
        Self { label: label.to_owned(), scale: Scale::Linear, low, high }
    }

    /// A logarithmic axis over the positive values given, from decade to decade.
    #[must_use]
    pub fn log(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let mut range: Option<(f64, f64)> = None;
        for v in values.into_iter().filter(|v| *v > 0.0 && v.is_finite()) {
            let (low, high) = range.get_or_insert((v, v));
            *low = low.min(v);
            *high = high.max(v);
        }
        let (low, high) = range.unwrap_or((0.1, 1.0));
        let (down, up) = (low.log10().floor(), high.log10().ceil());
        let up = if up > down { up } else { down + 1.0 };
        Self { label: label.to_owned(), scale: Scale::Log, low: 10f64.powf(down), high: 10f64.powf(up) }
    }

    /// Where a value lies, from 0 (lower end) to 1; values outside lie at the ends.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let at = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => (value.max(self.low) / self.low).ln() / (self.high / self.low).ln(),
        };
        at.clamp(0.0, 1.0)
    }

    /// Values that get a tick, with their labels.
    #[must_use]
    pub fn ticks(&self) -> Vec<(f64, String)> {
        match self.scale {
            Scale::Linear => linear_ticks(self.low, self.high),
            Scale::Log => log_ticks(self.low, self.high),
        }
    }
}

fn widened(value: f64) -> (f64, f64) {
    if value.is_finite() { (value - 0.5, value + 0.5) } else { (0.0, 1.0) }
}

/// Round values: as many as seven steps of 1, 2, 2.5 or 5 make.
fn linear_ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    let width = high - low;
    let power = 10f64.powf((width / 10.0).log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0, 20.0].map(|m| m * power);
    let step = steps.into_iter().find(|s| width / s <= 7.0).unwrap_or(width);
    let decimals = if step >= 1.0 && step.fract() == 0.0 { 0 } else { decimals_of(step) };
    let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    (first..=last).map(|i| i as f64 * step).map(|v| (v, number(v, decimals))).collect()
}

/// How many decimals show a step in full (2.5e-3: 4).
fn decimals_of(step: f64) -> usize {
    (0..12).find(|d| ((step * 10f64.powi(*d)).round() - step * 10f64.powi(*d)).abs() < 1e-6).unwrap_or(0) as usize
}

fn number(value: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", value + 0.0);
    if value.abs() >= 10_000.0 && decimals == 0 { grouped(&plain) } else { plain.replace('-', "\u{2212}") }
}

/// 1234567 as "1 234 567", with narrow spaces.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.as_bytes()[i - 1].is_ascii_digit() {
            out.push('\u{202f}');
        }
        out.push(if c == '-' { '\u{2212}' } else { c });
    }
    out
}

/// Decades, thinned to seven at most; 1, 2, 5 within a decade where there are one or two.
fn log_ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    let (first, last) = (low.log10().round() as i32, high.log10().round() as i32);
    let decades = last - first;
    let factors: &[f64] = if decades <= 2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let every = (decades / 7 + 1).max(1);
    let mut out = Vec::new();
    for e in (first..=last).step_by(every as usize) {
        for f in factors {
            let v = f * 10f64.powi(e);
            if v <= high * 1.001 {
                out.push((v, log_label(*f, e)));
            }
        }
    }
    out
}

fn log_label(factor: f64, exponent: i32) -> String {
    if (-3..=3).contains(&exponent) {
        return number(factor * 10f64.powi(exponent), (-exponent).max(0) as usize);
    }
    let raised: String = exponent.to_string().chars().map(superscript).collect();
    if factor == 1.0 { format!("10{raised}") } else { format!("{factor}·10{raised}") }
}

fn superscript(c: char) -> char {
    match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        d => char::from_u32(0x2070 + d.to_digit(10).unwrap_or(0)).unwrap_or(d),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(a: &Axis) -> Vec<String> {
        a.ticks().into_iter().map(|t| t.1).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&Axis::linear("", 0.0, 1.0)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(&Axis::linear("", -3.0, 21.0)), ["0", "5", "10", "15", "20"]);
        assert_eq!(
            labels(&Axis::linear("", 0.0, 80_500.0)),
            ["0", "20\u{202f}000", "40\u{202f}000", "60\u{202f}000", "80\u{202f}000"]
        );
        assert_eq!(labels(&Axis::log("", [0.003, 20.0])), ["0.001", "0.01", "0.1", "1", "10", "100"]);
        assert_eq!(labels(&Axis::log("", [2e-9, 0.9])), ["10⁻⁹", "10⁻⁷", "10⁻⁵", "0.001", "0.1"]);
    }

    #[test]
    fn places_run_from_zero_to_one() {
        let a = Axis::log("", [1.0, 100.0]);
        assert_eq!((a.place(1.0), a.place(10.0), a.place(1e9), a.place(-1.0)), (0.0, 0.5, 1.0, 0.0));
        assert_eq!(Axis::linear("", 5.0, 5.0).place(5.0), 0.5);
    }
}
