//! What would help, in words.

use vectory_core::report::{Measure, Section, Table};

use super::percent;
use crate::cures::Look;
use crate::frequency::Frequency;

pub(crate) fn cures(looks: &[Look]) -> Section {
    let title = "What would help".to_owned();
    let Some((before, after)) = looks.split_first() else {
        let why = Measure::missing("transforms", "needs 100 rows and two dimensions");
        return Section { title, measures: vec![why], ..Section::default() };
    };
    let row = |l: &Look| {
        let (skew, (low, high)) = l.skewness;
        vec![
            if l.chain.is_empty() { "as they are".to_owned() } else { l.chain.to_owned() },
            l.iso.map_or_else(|| "–".into(), |i| format!("{i:.3}")),
            format!("{:.3}", l.cosine),
            format!("{skew:.2} ({low:.2} – {high:.2})"),
            percent(l.kept),
        ]
    };
    let columns = ["transform", "IsoScore", "mean cosine", "hubness skewness", "10 nearest kept"];
    let table = Table { columns: columns.map(str::to_owned).to_vec(), rows: looks.iter().map(row).collect() };
    let measures = after
        .iter()
        .flat_map(|l| {
            let name = l.chain;
            let iso = l.iso.map(|v| Measure::new(&format!("IsoScore after {name}"), v));
            let (skew, (low, high)) = l.skewness;
            let hubs = Measure::new(&format!("k-occurrence skewness after {name}"), skew).interval(low, high);
            iso.into_iter().chain([hubs]).map(Measure::in_table)
        })
        .collect();
    Section { title, measures, table: Some(table), findings: findings(before, after), ..Section::default() }
}

fn findings(before: &Look, after: &[Look]) -> Vec<String> {
    let mut out = Vec::new();
    let best = |f: &dyn Fn(&Look) -> f64| after.iter().max_by(|a, b| f(a).total_cmp(&f(b)));
    if let (Some(b), Some(was)) = (best(&|l| l.iso.unwrap_or(0.0)), before.iso)
        && let Some(now) = b.iso.filter(|now| *now > was + 0.05)
    {
        out.push(format!(
            "`{}`: IsoScore {was:.2} → {now:.2}, mean cosine {:.2} → {:.2}. It keeps {} of the ten nearest; whether the new ones are better only a \
             task can tell. Measured on rows that were not fitted.",
            b.chain,
            before.cosine,
            b.cosine,
            percent(b.kept)
        ));
    }
    if let Some(b) = best(&|l| -l.skewness.0) {
        let ((was, range), (now, after)) = (before.skewness, b.skewness);
        if after.1 < range.0 {
            out.push(format!(
                "`{}`: hubness {was:.2} → {now:.2}; the intervals do not meet, so the fall is no accident of the sample.",
                b.chain
            ));
        }
    }
    if out.is_empty() {
        out.push("None of the usual transforms changes isotropy or hubness by more than the sample's accident: leave the vectors as they are.".into());
    }
    out
}

/// Frequency in words.
pub(crate) fn frequency(f: &Frequency) -> Section {
    let names = ["most frequent fifth", "second", "third", "fourth", "rarest fifth"];
    let rows = f.bands.iter().zip(names).map(|((n, length, cosine), name)| {
        vec![name.to_owned(), n.to_string(), format!("{length:.3}"), format!("{cosine:.3}")]
    });
    let columns = ["rows by weight", "rows", "mean length", "mean cosine"].map(str::to_owned).to_vec();
    let fall = f.uniform.second - f.weighted.second;
    let finding = format!(
        "Counted by weight, the directions are used {} evenly than counted alike (second symmetry {:.3} against {:.3}), and the mean takes {} of \
         the mean length against {}. {}",
        if fall > 0.0 { "less" } else { "more" },
        f.weighted.second,
        f.uniform.second,
        percent(1.0 - f.weighted.first),
        percent(1.0 - f.uniform.first),
        if fall > 0.01 || f.weighted.first < f.uniform.first - 0.05 {
            "`whiten:zipf` with the same weights evens out what is really met; sentence vectors summed from such rows usually gain. Certain for these weights."
        } else {
            "Weighting would change little. Certain for these weights."
        }
    );
    let mut measures = vec![
        Measure::new("first symmetry, uniform", f.uniform.first).note("1 − |mean| / mean length"),
        Measure::new("first symmetry, weighted", f.weighted.first),
        Measure::new("second symmetry, uniform", f.uniform.second).note("normalised entropy of the spectrum"),
        Measure::new("second symmetry, weighted", f.weighted.second),
    ];
    measures.extend(f.length_weight.map(|v| Measure::new("rank correlation of length and weight", v)));
    Section {
        title: "Frequency".into(),
        measures,
        table: Some(Table { columns, rows: rows.collect() }),
        findings: vec![finding],
        ..Section::default()
    }
}
