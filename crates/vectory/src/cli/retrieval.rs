//! `vectory evaluate retrieval`: a BEIR folder in, numbers out.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::core::Context;
use crate::evaluate::fusion_study;
use crate::evaluate::ranking::{self, Qrels, RankMeasure, RankingParams, Run};
use crate::io::trec::beir;
use crate::space::fusion::{FusionParams, Method, Normalize};
use crate::space::{Query, Recipe, Space};

#[derive(Args)]
pub(super) struct RetrievalArgs {
    /// A BEIR folder: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv (plain, .gz or .zst)
    #[arg(long, value_name = "DIR", required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    /// Which judgements
    #[arg(long, default_value = "test")]
    split: String,
    /// The pipeline as TOML (default: words + meaning)
    #[arg(long, value_name = "R.toml")]
    recipe: Option<PathBuf>,
    /// The encoder of the meaning view
    #[arg(long, value_name = "MODEL")]
    encoder: Option<String>,
    /// Write the fused ranking as a TREC run
    #[arg(long, value_name = "F.trec")]
    run_out: Option<PathBuf>,
    /// Score every fusion method too, and choose among them leaving one set out
    #[arg(long)]
    fusion_study: bool,
}

/// Rankings are taken this deep: MAP and Recall@100 need more than ten.
const DEPTH: usize = 1000;

/// One set's result.
#[derive(Serialize)]
pub(super) struct Outcome {
    data: String,
    documents: usize,
    queries: usize,
    views: Map<String, Value>,
    build_seconds: f64,
    query_seconds: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    methods: Vec<(String, f64)>,
}

pub(super) fn run(args: &RetrievalArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let recipe = super::build::recipe(args.recipe.as_deref(), args.encoder.as_deref())?;
    if args.run_out.is_some() && args.data.len() > 1 {
        return Err(Failure::usage("--run-out takes one --data folder: a run file is of one set"));
    }
    let outcomes = args.data.iter().map(|dir| one(dir, args, &recipe, &ctx)).collect::<Result<Vec<_>, _>>()?;
    if g.json {
        return match outcomes.as_slice() {
            [one] => output::json(one),
            all => output::json(&serde_json::json!({"sets": all, "study": study(all).ok()})),
        };
    }
    output::print(&shown(&outcomes))?;
    if args.fusion_study { output::print(&study_text(&outcomes)?) } else { Ok(()) }
}

fn one(dir: &Path, args: &RetrievalArgs, recipe: &Recipe, ctx: &Context) -> Result<Outcome, Failure> {
    let beir = beir::open(dir, &args.split)?;
    let qrels = Qrels::from_judgements(beir.qrels.iter().cloned())?;
    let folder = tempfile::Builder::new().prefix("vectory-evaluate").tempdir()?;
    let path = folder.path().join("set.space");
    let start = Instant::now();
    let summary = super::build::into_space(&path, &[dir.to_string_lossy().into_owned()], recipe, ctx)?;
    let build_seconds = start.elapsed().as_secs_f64();
    let space = Space::open(&path, &*encoders())?;
    let queries: Vec<beir::Query> = beir.judged().cloned().collect();
    let names: Vec<String> = recipe.views.iter().map(|v| v.name.clone()).collect();
    let mut views = Map::new();
    for name in &names {
        let query = Query { views: vec![name.clone()], ..base() };
        views.insert(name.clone(), measures(&qrels, &ask(&space, &queries, &query, ctx)?)?);
    }
    let start = Instant::now();
    let fused = ask(&space, &queries, &base(), ctx)?;
    let query_seconds = start.elapsed().as_secs_f64();
    views.insert("fused".into(), measures(&qrels, &fused)?);
    if let Some(out) = &args.run_out {
        fused.write(out, "vectory")?;
    }
    let methods = if args.fusion_study { fusions(&space, &queries, &qrels, &names, ctx)? } else { Vec::new() };
    let data = dir.file_name().map_or_else(|| dir.display().to_string(), |n| n.to_string_lossy().into_owned());
    Ok(Outcome {
        data,
        documents: summary.documents as usize,
        queries: queries.len(),
        views,
        build_seconds,
        query_seconds,
        methods,
    })
}

fn base() -> Query {
    Query { k: DEPTH, ..Query::default() }
}

/// Runs every query; documents that share a query's id are the query itself and are left out, as BEIR does.
fn ask(space: &Space, queries: &[beir::Query], query: &Query, ctx: &Context) -> Result<Run, Failure> {
    let mut run = Run::default();
    for q in queries {
        ctx.check()?;
        let ranked = space.rank(&Query { text: q.text.clone(), ..query.clone() }, ctx)?;
        run.insert(q.id.clone(), ranked.into_iter().map(|r| (r.id, r.score)).collect())?;
    }
    Ok(run.without_self())
}

fn measures(qrels: &Qrels, run: &Run) -> Result<Value, Failure> {
    let scores = ranking::evaluate(qrels, run, &RankMeasure::USUAL, &RankingParams::default())?;
    let pairs = RankMeasure::USUAL.iter().enumerate().map(|(m, name)| (name.to_string(), scores.mean(m).into()));
    Ok(Value::Object(pairs.collect()))
}

/// nDCG@10 of every fusion method that the study compares.
fn fusions(
    space: &Space,
    queries: &[beir::Query],
    qrels: &Qrels,
    names: &[String],
    ctx: &Context,
) -> Result<Vec<(String, f64)>, Failure> {
    let mut out = Vec::new();
    for (label, fusion) in candidates(names) {
        let run = ask(space, queries, &Query { fusion: Some(fusion), ..base() }, ctx)?;
        let scores = ranking::evaluate(qrels, &run, &[RankMeasure::Ndcg(Some(10))], &RankingParams::default())?;
        out.push((label, scores.mean(0)));
    }
    Ok(out)
}

/// What the study chooses among: each method over a grid of weights of the last view against the first, then the default over a
/// grid of what the second look takes from the first.
fn candidates(names: &[String]) -> Vec<(String, FusionParams)> {
    let mut out = weighted(names);
    for feedback in [2, 3] {
        for (terms, weight) in [(0, 0.0), (20, 0.1), (20, 0.2), (40, 0.1), (40, 0.2), (80, 0.1), (80, 0.2)] {
            let name = format!("scores/zscore feedback={feedback} terms={terms} term_weight={weight}");
            let params = FusionParams {
                feedback,
                feedback_terms: terms,
                feedback_term_weight: weight,
                ..FusionParams::default()
            };
            out.push((name, params));
        }
    }
    out
}

fn weighted(names: &[String]) -> Vec<(String, FusionParams)> {
    let mut out = Vec::new();
    let weights = [0.3f32, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.3];
    let methods = [
        ("scores/zscore", Method::Scores, Normalize::ZScore),
        ("scores/minmax", Method::Scores, Normalize::MinMax),
        ("adaptive", Method::Adaptive, Normalize::ZScore),
        ("rrf", Method::Rrf, Normalize::ZScore),
    ];
    for (label, method, normalize) in methods {
        for weight in weights {
            let weights = names.iter().skip(1).map(|n| (n.clone(), weight)).collect();
            out.push((
                format!("{label} w={weight}"),
                FusionParams { method, normalize, weights, ..FusionParams::default() },
            ));
        }
    }
    out
}

fn study(outcomes: &[Outcome]) -> Result<fusion_study::LeaveOneOut, Failure> {
    let scores: Vec<Vec<f64>> = outcomes.iter().map(|o| o.methods.iter().map(|m| m.1).collect()).collect();
    Ok(fusion_study::leave_one_out(&scores)?)
}

fn study_text(outcomes: &[Outcome]) -> Result<String, Failure> {
    let study = study(outcomes)?;
    let name = |m: usize| outcomes[0].methods[m].0.clone();
    let mut rows = vec![vec!["set left out".to_owned(), "chosen by the others".into(), "nDCG@10".into()]];
    for (i, o) in outcomes.iter().enumerate() {
        rows.push(vec![o.data.clone(), name(study.chosen[i]), format!("{:.4}", study.scores[i])]);
    }
    let mut means: Vec<(String, f64)> = (0..outcomes[0].methods.len())
        .map(|m| (name(m), outcomes.iter().map(|o| o.methods[m].1).sum::<f64>() / outcomes.len() as f64))
        .collect();
    means.sort_by(|a, b| b.1.total_cmp(&a.1));
    let best: Vec<_> = means.iter().take(8).map(|(n, v)| vec![n.clone(), format!("{v:.4}")]).collect();
    Ok(format!(
        "\nLeave one set out:\n{}mean {:.4}; winner over all sets: {} ({:.4}); no choice can beat {:.4}\n\nBest means:\n{}",
        output::table(&rows, &[2]),
        study.mean,
        name(study.winner),
        study.winner_mean,
        study.oracle,
        output::table(&best, &[1])
    ))
}

fn shown(outcomes: &[Outcome]) -> String {
    let measures: Vec<String> = RankMeasure::USUAL.iter().map(ToString::to_string).collect();
    let head = ["set", "view"].into_iter().map(str::to_owned).chain(measures.iter().cloned());
    let mut rows: Vec<Vec<String>> = vec![head.collect()];
    for o in outcomes {
        for (view, values) in &o.views {
            let cells = measures.iter().map(|m| format!("{:.4}", values[m].as_f64().unwrap_or(f64::NAN)));
            rows.push([o.data.clone(), view.clone()].into_iter().chain(cells).collect());
        }
    }
    if outcomes.len() > 1 {
        for view in outcomes[0].views.keys() {
            let mean = |m: &String| {
                outcomes.iter().filter_map(|o| o.views[view][m].as_f64()).sum::<f64>() / outcomes.len() as f64
            };
            let cells = measures.iter().map(|m| format!("{:.4}", mean(m)));
            rows.push(["mean".to_owned(), view.clone()].into_iter().chain(cells).collect());
        }
    }
    let mut out = output::table(&rows, &[2, 3, 4, 5, 6]);
    for o in outcomes {
        let qps = o.queries as f64 / o.query_seconds.max(1e-9);
        out.push_str(&format!(
            "{}: {} documents, {} queries; built in {:.2} s, fused queries in {:.2} s ({qps:.0}/s)\n",
            o.data,
            output::grouped(o.documents as u64),
            o.queries,
            o.build_seconds,
            o.query_seconds
        ));
    }
    out.trim_end().to_owned()
}
