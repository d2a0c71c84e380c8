//! Choosing an index by measuring, and tuning its search: the part of `vectory index` that looks at recall.

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::core::{Context, Metric, VectorsRef};
use crate::evaluate::ann::{self, Choice, Wanted};
use crate::index::Index;

#[derive(Args)]
pub(super) struct TuningArgs {
    /// Measure candidates on a sample of these rows and build the quickest that reaches the recall
    #[arg(long)]
    auto: bool,
    /// Tune the search to this recall@k on some of the rows; `vectory search` then uses that setting (--auto: 0.95)
    #[arg(long, value_name = "R")]
    target_recall: Option<f64>,
    /// With --auto: most bytes of the index, with the rows that it keeps
    #[arg(long, value_name = "N", requires = "auto")]
    max_bytes: Option<u64>,
    /// Hits a query that recall is measured at
    #[arg(short, long, default_value_t = 10)]
    k: usize,
}

impl TuningArgs {
    pub fn check(&self) -> Result<(), Failure> {
        if self.k == 0 || self.target_recall.is_some_and(|r| !(0.0..=1.0).contains(&r)) {
            return Err(Failure::usage("-k takes 1 or more, --target-recall 0 to 1"));
        }
        Ok(())
    }

    fn wanted(&self, metric: Metric) -> Option<Wanted> {
        let recall = self.target_recall.or(self.auto.then_some(0.95))?;
        Some(Wanted { metric, k: self.k, recall, max_bytes: self.max_bytes, ..Wanted::default() })
    }
}

/// With `--auto`: the name of the best candidate, after the table of all was shown (on stderr with `--json`).
pub(super) fn choose(
    args: &TuningArgs,
    rows: VectorsRef<'_>,
    metric: Metric,
    g: &Global,
    ctx: &Context,
) -> Result<Option<String>, Failure> {
    let Some(wanted) = args.wanted(metric).filter(|_| args.auto) else { return Ok(None) };
    if rows.rows() == 0 {
        return Err(Failure::failed("--auto measures on the rows, and there are none (name an index with --factory)"));
    }
    let choice = ann::choose(rows, &wanted, ctx)?;
    match (g.json, g.quiet) {
        (_, true) => {}
        (true, _) => eprintln!("{}", table(&choice, &wanted)),
        _ => output::print(&table(&choice, &wanted))?,
    }
    let Some(best) = choice.candidates.get(choice.chosen) else { return Ok(None) };
    if let (false, Some(most)) = (best.fits, wanted.max_bytes) {
        return Err(Failure::failed(format!(
            "no index of these rows fits {}: the smallest, {}, takes about {}",
            output::bytes(most),
            best.curve.factory,
            output::bytes(best.bytes)
        )));
    }
    if best.qps.is_none() && !g.quiet {
        eprintln!("no candidate reaches recall {} on the sample; {} comes nearest", wanted.recall, best.curve.factory);
    }
    Ok(Some(best.curve.factory.clone()))
}

/// With a target: finds the quickest setting that reaches it and keeps it in the index; gives it in words, with its recall.
pub(super) fn tune(
    args: &TuningArgs,
    index: &mut Index,
    rows: VectorsRef<'_>,
    ctx: &Context,
) -> Result<Option<(String, f64)>, Failure> {
    let Some(wanted) = args.wanted(index.metric()) else { return Ok(None) };
    let Some((setting, recall)) = ann::tuned(index, rows, &wanted, ctx)? else { return Ok(None) };
    if recall < wanted.recall {
        eprintln!("recall {} is not reached: {} gives {recall:.4}", wanted.recall, index.setting(&setting));
    }
    *index = index.with_setting(&setting, recall)?;
    Ok(Some((index.setting(&setting), recall)))
}

fn table(choice: &Choice, wanted: &Wanted) -> String {
    let head = ["", "index", "setting", "recall", "queries/s", "build s", "size of all", ""].map(String::from).to_vec();
    let mut rows = vec![head];
    for (i, c) in choice.candidates.iter().enumerate() {
        let point =
            c.curve.at(wanted.recall).or_else(|| c.curve.points.iter().max_by(|a, b| a.recall.total_cmp(&b.recall)));
        rows.push(vec![
            if i == choice.chosen { "→".to_owned() } else { String::new() },
            c.curve.factory.clone(),
            point.map_or_else(String::new, |p| p.setting.clone()),
            point.map_or_else(String::new, |p| format!("{:.4}", p.recall)),
            c.qps.map_or_else(|| "–".to_owned(), |q| format!("{q:.0}")),
            format!("{:.2}", c.curve.build_seconds),
            output::bytes(c.bytes),
            if c.fits { String::new() } else { "too large".to_owned() },
        ]);
    }
    format!(
        "measured on {} rows with {} held-out queries; queries/s for all rows, estimated\n{}",
        output::grouped(choice.sample as u64),
        choice.queries,
        output::table(&rows, &[3, 4, 5, 6])
    )
}
