//! Where the vectors point: the mean cosine, and isotropy with its rivals.

use vectory_core::report::{Measure, Picture, Section};

use super::{count, percent};
use crate::analysis::Analysis;
use crate::cosine::PairCosines;
use crate::isotropy::explained;
use crate::svg::{Axis, Mark, Plot, histogram};

pub(super) fn direction(a: &Analysis) -> Section {
    let Some(c) = &a.cosines else {
        return Section {
            title: "Direction".into(),
            measures: vec![Measure::missing("mean cosine", "fewer than two rows that are not zero")],
            ..Section::default()
        };
    };
    let (sampled, interval, spread) = c.sampled_mean();
    let verdict = match c.mean {
        m if m > 0.5 => {
            "The vectors crowd into a narrow cone: unrelated items already look similar, and raw cosines say little. \
                         Subtracting the mean vector opens the cone."
        }
        m if m > 0.1 => {
            "The vectors share a common direction, so cosines are shifted upwards: compare them with this mean, not with 0."
        }
        m if m < -0.1 => "Pairs point apart on average, which only very few rows can do.",
        _ => "Unrelated items have a cosine near 0, as they should.",
    };
    Section {
        title: "Direction".into(),
        measures: vec![
            Measure::new("mean cosine", c.mean).note("over all pairs of different rows, exact"),
            Measure::new("mean cosine of random pairs", sampled)
                .interval(interval.0, interval.1)
                .note(format!("{} sampled pairs", count(c.sampled.len()))),
            Measure::new("spread of cosines", spread).note("standard deviation over the sampled pairs"),
            Measure::new("length of the mean unit vector", c.resultant).note("1: all point the same way"),
        ],
        pictures: vec![picture(c)],
        findings: vec![format!(
            "Mean cosine of two rows: {:.3}. {verdict} It measures the common direction, not isotropy. Certain: computed from the \
             mean of the unit vectors.",
            c.mean
        )],
        ..Section::default()
    }
}

fn picture(c: &PairCosines) -> Picture {
    let low = c.sampled.iter().fold(1.0f64, |m, v| m.min(*v)).max(-1.0);
    let high = c.sampled.iter().fold(-1.0f64, |m, v| m.max(*v)).min(1.0);
    let bars = histogram(c.sampled.iter().copied(), (low, high), 60);
    let top = bars.iter().fold(0.0f64, |m, b| m.max(b.2));
    let plot = Plot {
        title: "Cosines of random pairs".into(),
        x: Axis::linear("cosine", low, high),
        y: Axis::linear("pairs", 0.0, top * 1.12),
        marks: vec![Mark::Bars(bars), Mark::At(c.mean, format!("mean {:.3}", c.mean))],
    };
    Picture { caption: format!("Cosines of {} random pairs of rows.", count(c.sampled.len())), svg: plot.svg() }
}

pub(super) fn isotropy(a: &Analysis) -> Section {
    let mut measures = Vec::new();
    let mut findings = Vec::new();
    match a.iso {
        Some(iso) => {
            let effective = iso.used * a.dim as f64;
            measures.push(
                Measure::new("IsoScore", iso.score).note("0: one direction has all the variance; 1: all have the same"),
            );
            measures.push(Measure::new("dimensions used", effective).note(format!(
                "{} of {}",
                percent(iso.used),
                a.dim
            )));
            let word = match iso.score {
                s if s > 0.7 => "evenly used",
                s if s > 0.3 => "unevenly used",
                s if s > 0.1 => "mostly unused",
                _ => "nearly collapsed onto few directions",
            };
            findings.push(format!(
                "IsoScore {:.3}: the space is {word}; its variance amounts to {effective:.1} of {} dimensions. Unused dimensions cost \
                 memory and time and let a few directions decide every comparison; reduction (PCA) or whitening may pay. {}",
                iso.score,
                a.dim,
                sureness(a)
            ));
        }
        None => measures.push(Measure::missing("IsoScore", "needs two dimensions and rows that differ")),
    }
    measures.extend(rivals(a));
    Section { title: "Isotropy".into(), measures, findings, ..Section::default() }
}

/// IsoScore of a sample is biased downwards when rows are few for the dimensions.
fn sureness(a: &Analysis) -> String {
    let ratio = a.usable as f64 / a.dim as f64;
    if ratio < 10.0 {
        format!("Unsure: only {ratio:.1} rows a dimension, which biases the score downwards; 10 or more are wanted.")
    } else {
        format!("Sure: computed from all rows, {ratio:.0} a dimension.")
    }
}

fn rivals(a: &Analysis) -> Vec<Measure> {
    let mut out = Vec::new();
    if let Some(c) = &a.cosines {
        out.push(
            Measure::new("average cosine isotropy", 1.0 - c.mean.abs())
                .note("1 − |mean cosine|; moved by the mean, blind to unused dimensions"),
        );
    }
    let (ln, rows) = a.ln_partition;
    let on = if rows == a.usable { String::new() } else { format!("; on {} sampled rows", count(rows)) };
    out.push(
        Measure::new("partition score", ln.exp())
            .note(format!("min Z / max Z over the principal directions; depends on scale{on}")),
    );
    for k in [1, 3, 10] {
        if k < a.dim {
            let name = format!("variance in the first {k} component{}", if k == 1 { "" } else { "s" });
            out.push(Measure::new(&name, explained(&a.spectrum, k)).note("share of the whole"));
        }
    }
    if let Some(i) = &a.local.intrinsic {
        out.push(
            Measure::new("intrinsic dimension isotropy", i.mackay_ghahramani / a.dim as f64)
                .note("intrinsic dimension over dimensions"),
        );
    }
    out
}
