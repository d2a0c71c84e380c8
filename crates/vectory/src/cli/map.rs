//! `vectory map`: a two-dimensional map of vectors or of a space.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::Value;

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::core::cluster::{HdbscanParams, hdbscan};
use crate::core::{Metric, Vectors, artifact};
use crate::inspect::map::{Field, MapPage, html, keywords};
use crate::io::{stream, vectors};
use crate::space::Space;
use crate::transform::umap::{Init, UmapError, UmapParams, umap};

#[derive(Args)]
pub(super) struct MapArgs {
    /// A vector file (.npy, .fvecs, .safetensors, word2vec, …) or a space
    #[arg(value_name = "V|X.space")]
    target: PathBuf,
    /// .html for a page; .npy, .tsv, … for the coordinates
    #[arg(short, long, value_name = "map.html", value_parser = output::in_a_folder)]
    output: PathBuf,
    /// Also write the coordinates (n × 2)
    #[arg(long, value_name = "F.npy")]
    coordinates: Option<PathBuf>,
    /// What each row is, one a line (default: the file's names, or the passages)
    #[arg(long, value_name = "F.txt")]
    items: Option<PathBuf>,
    /// A class of each row, one a line, to colour by
    #[arg(long, value_name = "F.txt")]
    labels: Option<PathBuf>,
    /// Of a space: a field of the payload to colour by; repeat for more
    #[arg(long, value_name = "NAME")]
    field: Vec<String>,
    /// Of a space: which view
    #[arg(long, default_value = "meaning")]
    view: String,
    /// How rows compare: cosine or l2
    #[arg(long, default_value = "cosine")]
    metric: String,
    /// Neighbours of a row: small shows detail, large the whole
    #[arg(long, default_value_t = 15, value_name = "N")]
    neighbors: usize,
    /// How near points may lie, 0 to 1
    #[arg(long, default_value_t = 0.1, value_name = "X")]
    min_dist: f64,
    /// Rounds of the layout (default: 500 up to 10,000 rows, else 200)
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Where rows start: at principal components, these smoothed over the neighbours, or at random
    #[arg(long, default_value = "pca", value_parser = ["pca", "spectral", "random"])]
    init: String,
    /// Fewest points of a group (default: 15, or a two hundredth of the rows); 0: no groups
    #[arg(long, value_name = "N")]
    group: Option<usize>,
}

/// Characters of an item that the page shows.
const SHOWN: usize = 160;
/// Words that name a group.
const WORDS: usize = 3;

/// Rows with what is known of them.
struct Source {
    rows: Vectors,
    title: String,
    items: Vec<String>,
    fields: Vec<Field>,
}

pub(super) fn run(args: &MapArgs, g: &Global) -> Result<(), Failure> {
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    let params = UmapParams {
        n_neighbors: args.neighbors,
        min_dist: args.min_dist,
        metric,
        epochs: args.epochs,
        init: match args.init.as_str() {
            "spectral" => Init::Spectral,
            "random" => Init::Random,
            _ => Init::Pca,
        },
        ..UmapParams::default()
    };
    let ctx = g.context()?;
    let mut source = if args.target.is_dir() { of_space(args)? } else { of_file(args)? };
    params.check(source.rows.view()).map_err(|e| {
        let text = format!("{}: {e}", args.target.display());
        if matches!(e, UmapError::NonFinite { .. }) { Failure::failed(text) } else { Failure::usage(text) }
    })?;
    if source.rows.rows() == 0 {
        return Err(Failure::failed(format!("{}: there are no rows to draw", args.target.display())));
    }
    let start = Instant::now();
    let places = umap(source.rows.view(), &params, &ctx)?;
    let smallest = args.group.unwrap_or_else(|| (source.rows.rows() / 200).max(15));
    if smallest > 1 {
        let found =
            hdbscan(places.view(), &HdbscanParams { min_cluster_size: smallest, ..HdbscanParams::default() }, &ctx)?;
        let names = name_groups(&source.items, &found.labels, found.clusters());
        source.fields.push(Field::of_groups("group", &found.labels, names));
    }
    let seconds = start.elapsed().as_secs_f64();
    if args.output.extension().is_some_and(|e| e == "html" || e == "htm") {
        let page =
            MapPage { title: &source.title, places: places.view(), items: &source.items, fields: &source.fields };
        artifact::write_atomic(&args.output, html(&page).as_bytes())?;
    } else {
        vectors::write_all(&args.output, places.view(), None, &vectors::WriteOptions::default())?;
    }
    if let Some(path) = &args.coordinates {
        vectors::write_all(path, places.view(), None, &vectors::WriteOptions::default())?;
    }
    say(args, g, &source, &places, seconds)
}

fn say(args: &MapArgs, g: &Global, source: &Source, places: &Vectors, seconds: f64) -> Result<(), Failure> {
    let groups = source.fields.iter().find(|f| f.name == "group").map_or(0, |f| f.groups.len());
    if g.json {
        let coordinates: Vec<&[f32]> = places.iter().collect();
        return output::json(&serde_json::json!({
            "output": args.output, "rows": places.rows(), "groups": groups, "seconds": seconds, "fields": source.fields,
            "group": source.fields.iter().find(|f| f.name == "group").map(|f| &f.of), "coordinates": coordinates
        }));
    }
    if g.quiet {
        return Ok(());
    }
    let rows = output::grouped(places.rows() as u64);
    output::print(&format!("{}: {rows} items, {groups} groups, {seconds:.1} s", args.output.display()))
}

/// Groups by the words that set them apart, or by number.
fn name_groups(items: &[String], labels: &[Option<u32>], count: usize) -> Vec<String> {
    let mut names = if items.is_empty() { vec![] } else { keywords(items, labels, WORDS) };
    names.resize(count, vec![]);
    names
        .iter()
        .enumerate()
        .map(|(i, w)| if w.is_empty() { format!("group {}", i + 1) } else { w.join(" · ") })
        .collect()
}

fn of_file(args: &MapArgs) -> Result<Source, Failure> {
    if let Some(name) = args.field.first() {
        return Err(Failure::usage(format!("--field {name}: a vector file has no payload (use --labels F.txt)")));
    }
    let set = vectors::read_all(&args.target)?;
    let n = set.rows.rows();
    let items = match &args.items {
        Some(path) => lines_of(path, n)?,
        None => set.names.unwrap_or_default(),
    };
    Ok(Source {
        fields: label_field(args, n)?,
        rows: set.rows,
        title: title(&args.target),
        items: items.iter().map(|t| cut(t)).collect(),
    })
}

fn of_space(args: &MapArgs) -> Result<Source, Failure> {
    let space = Space::open(&args.target, &*encoders())?;
    let (numbers, rows) = space.rows(&args.view).map_err(Failure::usage)?;
    let place: HashMap<u32, usize> = numbers.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    let mut items = vec![String::new(); numbers.len()];
    let mut values: Vec<Vec<Value>> = vec![vec![Value::Null; numbers.len()]; args.field.len()];
    space.each_document(|d| {
        for p in &d.passages {
            let Some(at) = place.get(&p.number) else { continue };
            let name = if d.title.is_empty() { &d.id } else { &d.title };
            items[*at] = cut(&format!("{name}: {}", p.text));
            for (field, values) in args.field.iter().zip(&mut values) {
                values[*at] = d.payload.get(field).cloned().unwrap_or(Value::Null);
            }
        }
    })?;
    if let Some((name, _)) = args.field.iter().zip(&values).find(|(_, v)| v.iter().all(Value::is_null)) {
        return Err(Failure::usage(format!("{}: no document has the field `{name}`", args.target.display())));
    }
    let mut fields: Vec<Field> = args.field.iter().zip(&values).map(|(f, v)| Field::of_values(f, v)).collect();
    fields.extend(label_field(args, numbers.len())?);
    Ok(Source { rows, title: title(&args.target), items, fields })
}

fn label_field(args: &MapArgs, rows: usize) -> Result<Vec<Field>, Failure> {
    let Some(path) = &args.labels else { return Ok(vec![]) };
    let labels: Vec<Value> = lines_of(path, rows)?.into_iter().map(Value::from).collect();
    Ok(vec![Field::of_values("label", &labels)])
}

fn title(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// The start of a text, on one line.
fn cut(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &flat[..at]),
        None => flat,
    }
}

/// As many lines as rows.
pub(super) fn lines_of(path: &Path, rows: usize) -> Result<Vec<String>, Failure> {
    let mut reader = stream::Lines::new(stream::open(path, None)?, 1 << 26);
    let mut out = Vec::with_capacity(rows);
    while let Some(line) = reader.next_line()? {
        out.push(String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']).to_owned());
    }
    if out.len() == rows {
        Ok(out)
    } else {
        Err(Failure::failed(format!("{}: {} lines for {rows} rows", path.display(), out.len())))
    }
}
