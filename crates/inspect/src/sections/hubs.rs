//! Hubness in words.

use vectory_core::report::{Measure, Picture, Section, Table};

use super::{count, percent};
use crate::InspectParams;
use crate::analysis::Analysis;
use crate::hubness::Hubness;
use crate::svg::{Axis, Mark, Plot};

pub(super) fn hubness(a: &Analysis, params: &InspectParams) -> Section {
    let h = &a.local.hubness;
    let all = a.local.sample.len() == a.usable;
    let on = if all {
        "all rows".to_owned()
    } else {
        format!("{} sampled rows among themselves", count(a.local.sample.len()))
    };
    let top = h.top(5);
    let largest = top.first().map_or(0, |t| t.1);
    let word = match h.skewness {
        s if s < 1.0 => "even-handed",
        s if s < 2.0 => "mildly hubby",
        s if s < 4.0 => "clearly hubby",
        _ => "dominated by hubs",
    };
    let finding = format!(
        "The space is {word} (skewness {:.2}): the busiest row is among the {} nearest of {largest} others (even would be {}), and {} of the rows \
         are nobody's neighbour and are hard to find. Hubs answer queries that they have nothing to do with; centring, or \
         rescaling by local density (CSLS), lowers hubness. {}",
        h.skewness,
        h.k,
        h.k,
        percent(h.antihubs),
        if all { "Exact." } else { "From a sample: hubness of the whole is usually somewhat higher." }
    );
    Section {
        title: "Hubness".into(),
        measures: vec![
            Measure::new("k-occurrence skewness", h.skewness)
                .interval(h.interval.0, h.interval.1)
                .note(format!("k = {}, {}, {on}", h.k, params.metric)),
            Measure::new("Robin Hood index", h.robin_hood)
                .note("share of neighbour slots that an even distribution would move"),
            Measure::new("antihubs", h.antihubs).note("share of rows that are nobody's neighbour"),
            Measure::new("hubs", h.hubs).note("share of rows that occur 2k times or more"),
            Measure::new("largest k-occurrence", f64::from(largest)),
        ],
        table: Some(Table {
            columns: vec!["row".into(), "times a neighbour".into()],
            rows: top.iter().map(|(i, n)| vec![a.local.sample[*i].to_string(), n.to_string()]).collect(),
        }),
        pictures: vec![picture(h)],
        findings: vec![finding],
    }
}

fn picture(h: &Hubness) -> Picture {
    let largest = h.occurrences.iter().copied().max().unwrap_or(0) as usize;
    let mut counts = vec![0.0f64; largest + 1];
    h.occurrences.iter().for_each(|o| counts[*o as usize] += 1.0);
    // Wide tails are drawn in bars of several occurrences.
    let width = largest / 160 + 1;
    let bars: Vec<(f64, f64, f64)> = counts
        .chunks(width)
        .enumerate()
        .map(|(i, c)| {
            let left = (i * width) as f64 - 0.5;
            (left, left + width as f64, c.iter().sum())
        })
        .collect();
    let mut y = Axis::log("rows", bars.iter().map(|b| b.2));
    // A bar of one row must be seen.
    y.low = 0.5;
    let plot = Plot {
        title: format!("How often a row is among the {} nearest of another", h.k),
        x: Axis::linear("k-occurrence (times a neighbour)", -0.5, largest as f64 + 1.0),
        y,
        marks: vec![Mark::Bars(bars), Mark::At(h.k as f64, format!("even: {}", h.k))],
    };
    Picture {
        caption: format!(
            "Distribution of k-occurrences, in bars of {width}: on the left the antihubs, in the tail to the right the hubs."
        ),
        svg: plot.svg(),
    }
}
