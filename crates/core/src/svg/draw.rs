//! Lays a plot out and writes its elements.

use std::fmt::Write;

use super::{Mark, Plot, Scale, escape};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 56.0;

/// Blue for data, orange for marked values: both read on white and on near-black, and to the colour-blind.
const DATA: &str = "#4a86c5";
const MARKED: &str = "#d9722b";
/// Lines in the order of their drawing; over bars, the first is left to the bars.
const LINES: [&str; 8] = [DATA, "#3f9d6b", "#a05fb4", "#b08c2e", "#d9722b", "#5c6f82", "#c2477f", "#2f9fa8"];

pub(super) fn svg(plot: &Plot) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"currentColor\">\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\" font-weight=\"600\">{0}</text>",
        escape(&plot.title)
    );
    grid(&mut out, plot);
    let mut keys = Vec::new();
    let mut lines = usize::from(plot.marks.iter().any(|m| matches!(m, Mark::Bars(_))));
    for mark in &plot.marks {
        match mark {
            Mark::Bars(bars) => draw_bars(&mut out, plot, bars),
            Mark::Line(points, name) => {
                let colour = LINES[lines % LINES.len()];
                lines += 1;
                draw_line(&mut out, plot, points, colour);
                keys.extend(name.as_deref().map(|n| (colour, n)));
            }
            Mark::Points(points, name) => {
                draw_points(&mut out, plot, points);
                keys.extend(name.as_deref().map(|n| (DATA, n)));
            }
            Mark::At(..) => {}
        }
    }
    frame(&mut out, plot);
    draw_values(&mut out, plot);
    draw_key(&mut out, &keys);
    out.push_str("</svg>");
    out
}

fn x_of(plot: &Plot, value: f64) -> f64 {
    LEFT + plot.x.place(value) * (WIDTH - LEFT - RIGHT)
}

fn y_of(plot: &Plot, value: f64) -> f64 {
    HEIGHT - BOTTOM - plot.y.place(value) * (HEIGHT - TOP - BOTTOM)
}

/// Appends formatted text; writing into a string cannot fail.
macro_rules! put {
    ($out:expr, $($text:tt)*) => { let _ = write!($out, $($text)*); };
}

fn grid(out: &mut String, plot: &Plot) {
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    for (value, label) in plot.y.ticks() {
        let y = y_of(plot, value);
        put!(out, "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"currentColor\" stroke-opacity=\"0.13\"/>");
        put!(out, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", LEFT - 9.0, y + 4.5);
    }
    for (value, label) in plot.x.ticks() {
        let x = x_of(plot, value);
        put!(out, "<path d=\"M{x:.1} {bottom}v5\" stroke=\"currentColor\"/>");
        put!(out, "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>", bottom + 20.0);
    }
}

fn frame(out: &mut String, plot: &Plot) {
    let (right, bottom, middle) = (WIDTH - RIGHT, HEIGHT - BOTTOM, (TOP + HEIGHT - BOTTOM) / 2.0);
    put!(out, "<path d=\"M{LEFT} {TOP}V{bottom}H{right}\" fill=\"none\" stroke=\"currentColor\"/>");
    let centre = (LEFT + right) / 2.0;
    put!(
        out,
        "<text x=\"{centre}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        HEIGHT - 14.0,
        escape(&plot.x.label)
    );
    let note = if plot.y.scale == Scale::Log { " (log scale)" } else { "" };
    put!(
        out,
        "<text x=\"17\" y=\"{middle}\" text-anchor=\"middle\" transform=\"rotate(-90 17 {middle})\">{}{note}</text>",
        escape(&plot.y.label)
    );
}

fn draw_bars(out: &mut String, plot: &Plot, bars: &[(f64, f64, f64)]) {
    let bottom = HEIGHT - BOTTOM;
    for (left, right, height) in bars.iter().filter(|b| b.2 > 0.0) {
        let (x, end, y) = (x_of(plot, *left), x_of(plot, *right), y_of(plot, *height));
        // A hair of space between bars, unless they are as thin as one.
        let gap = if end - x > 3.0 { 0.6 } else { 0.0 };
        put!(
            out,
            "<rect x=\"{:.2}\" y=\"{y:.2}\" width=\"{:.2}\" height=\"{:.2}\" fill=\"{DATA}\"/>",
            x + gap / 2.0,
            (end - x - gap).max(0.3),
            (bottom - y).max(0.0)
        );
    }
}

fn draw_line(out: &mut String, plot: &Plot, points: &[(f64, f64)], colour: &str) {
    let mut path = String::new();
    let mut pen = 'M';
    for (x, y) in points {
        // A value that cannot be drawn breaks the line.
        if !x.is_finite() || !y.is_finite() || (plot.y.scale == Scale::Log && *y <= 0.0) {
            pen = 'M';
            continue;
        }
        put!(path, "{pen}{:.2} {:.2}", x_of(plot, *x), y_of(plot, *y));
        pen = 'L';
    }
    put!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\"/>");
}

/// Pale blue over blue to orange: ordered in lightness, so that it reads without colours, too.
fn shade(place: f64) -> String {
    const STOPS: [[f64; 3]; 3] = [[176.0, 205.0, 235.0], [74.0, 134.0, 197.0], [217.0, 89.0, 30.0]];
    let at = place.clamp(0.0, 1.0) * 2.0;
    let (low, share) = if at < 1.0 { (0, at) } else { (1, at - 1.0) };
    let mix = |c: usize| (STOPS[low][c] * (1.0 - share) + STOPS[low + 1][c] * share).round() as u8;
    format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2))
}

/// The deepest come last, so that they are not covered.
fn draw_points(out: &mut String, plot: &Plot, points: &[(f64, f64, f64)]) {
    let mut shown: Vec<_> = points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
    shown.sort_by(|a, b| a.2.total_cmp(&b.2));
    let radius = if shown.len() > 600 { 1.7 } else { 2.8 };
    for (x, y, place) in shown {
        put!(
            out,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\" fill=\"{}\"/>",
            x_of(plot, *x),
            y_of(plot, *y),
            shade(*place)
        );
    }
}

/// Vertical rules with their names above the frame or, where two are close, one line lower.
fn draw_values(out: &mut String, plot: &Plot) {
    let mut at: Vec<(f64, &str)> = plot
        .marks
        .iter()
        .filter_map(|m| match m {
            Mark::At(v, name) => Some((x_of(plot, *v), name.as_str())),
            Mark::Bars(_) | Mark::Line(..) | Mark::Points(..) => None,
        })
        .collect();
    at.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The right end of the last name on each of three lines.
    let mut ends = [f64::MIN; 3];
    for (x, name) in at {
        let wide = name.chars().count() as f64 * 6.8;
        let flip = x + wide + 6.0 > WIDTH - RIGHT;
        let start = if flip { x - 5.0 - wide } else { x + 5.0 };
        let line = ends.iter().position(|e| *e < start - 4.0).unwrap_or(2);
        ends[line] = start + wide;
        let y = TOP + 12.0 + 17.0 * line as f64;
        let anchor = if flip { "end" } else { "start" };
        put!(
            out,
            "<path d=\"M{x:.2} {TOP}V{}\" stroke=\"{MARKED}\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\"/>\
             <text x=\"{:.2}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"{MARKED}\">{}</text>",
            HEIGHT - BOTTOM,
            if flip { x - 5.0 } else { x + 5.0 },
            escape(name)
        );
    }
}

fn draw_key(out: &mut String, keys: &[(&str, &str)]) {
    for (i, (colour, name)) in keys.iter().enumerate() {
        let y = TOP + 14.0 + 18.0 * i as f64;
        let x = WIDTH - RIGHT - 8.0;
        put!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text><path d=\"M{:.1} {y}h20\" stroke=\"{colour}\" stroke-width=\"2.5\"/>",
            x - 26.0,
            y + 4.5,
            escape(name),
            x - 20.0
        );
    }
}
