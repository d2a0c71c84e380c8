//! Indexes a BEIR folder, runs its queries at top 100 and prints rates and quality as one line of JSON:
//! `bench_bm25 FOLDER [--split test] [--repeat 5]
//! [--k1 1.4] [--b 0.6] [--k 100] [--exhaustive]`. One thread, analysis
//! included.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use vectory_index::inverted::{Bm25Params, InvertedBuilder, InvertedIndex, SearchOptions};
use vectory_text::{Analyzer, AnalyzerParams, Language};

type Error = Box<dyn std::error::Error>;
type Judgements = HashMap<String, HashMap<String, i64>>;

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let folder = args.first().ok_or("usage: bench_bm25 FOLDER [--split test] [--repeat 5] [--k1 1.4] [--b 0.6]")?;
    let option = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).cloned();
    let repeat: u32 = option("--repeat").map_or(Ok(5), |v| v.parse())?;
    let mut params = Bm25Params::default();
    if let Some(k1) = option("--k1") {
        params.k1 = k1.parse()?;
    }
    if let Some(b) = option("--b") {
        params.b = b.parse()?;
    }
    let folder = Path::new(folder);
    let corpus = documents(folder)?;
    let judged = judgements(folder, &option("--split").unwrap_or_else(|| "test".into()))?;
    let queries: Vec<(String, String)> =
        queries(folder)?.into_iter().filter(|(id, _)| judged.contains_key(id)).collect();

    let analysis = Analyzer::new(AnalyzerParams { language: Language::English, ..AnalyzerParams::default() });
    let (start, clock) = (Instant::now(), cpu_seconds());
    let index = build(&corpus, params, &analysis)?;
    let (build, build_cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - clock);

    let k = option("--k").map_or(Ok(100), |v| v.parse())?;
    let options = SearchOptions { k, exhaustive: args.iter().any(|a| a == "--exhaustive"), ..SearchOptions::default() };
    let found: Vec<Vec<u32>> = queries.iter().map(|(_, text)| search(&index, &analysis, text, &options)).collect();
    let (start, clock) = (Instant::now(), cpu_seconds());
    for _ in 0..repeat {
        for (_, text) in &queries {
            std::hint::black_box(search(&index, &analysis, text, &options));
        }
    }
    let rate = |seconds: f64| (f64::from(repeat) * queries.len() as f64 / seconds).round();
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - clock);
    let (ndcg, recall) = quality(&corpus, &queries, &found, &judged);
    let row = serde_json::json!({
        "lib": "vectory", "data": folder.file_name().map(|n| n.to_string_lossy()), "docs": corpus.len(), "queries": queries.len(),
        "index_docs_s": (corpus.len() as f64 / build).round(), "index_docs_s_cpu": (corpus.len() as f64 / build_cpu).round(),
        "qps": rate(wall), "qps_cpu": rate(cpu), "bytes": index.size(), "k1": params.k1, "b": params.b,
        "ndcg10": (ndcg * 1e4).round() / 1e4, "recall100": (recall * 1e4).round() / 1e4,
    });
    println!("{row}");
    Ok(())
}

fn build(corpus: &[(String, String)], params: Bm25Params, analysis: &Analyzer) -> Result<InvertedIndex, Error> {
    let mut builder = InvertedBuilder::new(params);
    for (doc, (_, text)) in (0..).zip(corpus) {
        builder.add_with(doc, |push| analysis.terms(text, &mut |t: &str| push(t)))?;
    }
    Ok(builder.finish()?)
}

fn search(index: &InvertedIndex, analysis: &Analyzer, text: &str, options: &SearchOptions<'_>) -> Vec<u32> {
    let mut terms: Vec<(String, f32)> = Vec::new();
    analysis.terms(text, &mut |t: &str| terms.push((t.to_owned(), 1.0)));
    index.search_with(&terms, options).iter().map(|h| h.id).collect()
}

fn text_of(folder: &Path, name: &str) -> Result<String, Error> {
    let mut text = String::new();
    let packed = folder.join(format!("{name}.gz"));
    if packed.exists() {
        flate2::read::GzDecoder::new(fs_err::File::open(packed)?).read_to_string(&mut text)?;
    } else {
        text = fs_err::read_to_string(folder.join(name))?;
    }
    Ok(text)
}

fn records(folder: &Path, name: &str) -> Result<Vec<serde_json::Value>, Error> {
    text_of(folder, name)?.lines().map(|l| Ok(serde_json::from_str(l)?)).collect()
}

fn field(record: &serde_json::Value, name: &str) -> String {
    match &record[name] {
        serde_json::Value::String(s) => s.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn documents(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    let text = |r: &serde_json::Value| format!("{} {}", field(r, "title"), field(r, "text")).trim().to_owned();
    Ok(records(folder, "corpus.jsonl")?.iter().map(|r| (field(r, "_id"), text(r))).collect())
}

fn queries(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    Ok(records(folder, "queries.jsonl")?.iter().map(|r| (field(r, "_id"), field(r, "text"))).collect())
}

fn judgements(folder: &Path, split: &str) -> Result<Judgements, Error> {
    let mut judged = Judgements::new();
    for line in text_of(folder, &format!("qrels/{split}.tsv"))?.lines() {
        let mut parts = line.split('\t');
        if let (Some(query), Some(doc), Some(Ok(grade))) =
            (parts.next(), parts.next(), parts.next().map(|g| g.trim().parse::<f64>()))
        {
            judged.entry(query.to_owned()).or_default().insert(doc.to_owned(), grade as i64);
        }
    }
    Ok(judged)
}

/// Mean nDCG@10 (linear gain) and recall@100 over the queries that have a relevant document.
fn quality(
    corpus: &[(String, String)],
    queries: &[(String, String)],
    found: &[Vec<u32>],
    judged: &Judgements,
) -> (f64, f64) {
    let (mut ndcg, mut recall, mut n) = (0.0, 0.0, 0.0);
    for ((id, _), found) in queries.iter().zip(found) {
        let grades = &judged[id];
        let mut ideal: Vec<i64> = grades.values().copied().filter(|g| *g > 0).collect();
        if ideal.is_empty() {
            continue;
        }
        let gains = found.iter().map(|d| grades.get(&corpus[*d as usize].0).copied().unwrap_or(0).max(0));
        recall += gains.clone().filter(|g| *g > 0).count() as f64 / ideal.len() as f64;
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        ndcg += discounted(gains) / discounted(ideal.into_iter());
        n += 1.0;
    }
    (ndcg / n, recall / n)
}

fn discounted(gains: impl Iterator<Item = i64>) -> f64 {
    gains.take(10).zip(2..).map(|(g, rank)| g as f64 / f64::from(rank).log2()).sum()
}

/// Processor time of this process in seconds: steadier than the clock on a machine that others use too.
fn cpu_seconds() -> f64 {
    let stat = fs_err::read_to_string("/proc/self/schedstat").unwrap_or_default();
    stat.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).map_or(0.0, |n| n / 1e9)
}
