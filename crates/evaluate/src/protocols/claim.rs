//! Claim 154: the FEET table of three representations on film reviews.

use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_io::stream;

use super::{FeetModel, FeetParams, Labelled, Split, feet};
use crate::similarity::claim::{Model, averages, latent, shipped};

pub(crate) const FEET: Method = Method {
    id: "154",
    name: "FEET protocol",
    home: "evaluate",
    kind: "benchmark",
    command: "vectory evaluate feet NAME=V.npy --labels F.txt",
    claim: Some(Claim {
        statement: "On film reviews the table of the shipped encoder, word-vector means and tf-idf with SVD comes out whole; 8 examples are less \
                    than all, fine-tuning is not worse than frozen; at 4 examples models rank otherwise or spread more than with all",
        threshold: "8-shot < frozen <= fine-tuned for the encoder; ranking at k = 4 differs from frozen's, or its deviation is larger than \
                    frozen's spread of 0",
        data: "classification/SST-2 (train and test); words/vectors/glove-wink-100d-top10k.txt.zst",
        run,
    }),
};

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (train, test) =
        (c.data("classification/SST-2/stsa.binary.train.txt.gz")?, c.data("classification/SST-2/sentiment-test.txt")?);
    let glove = c.data("words/vectors/glove-wink-100d-top10k.txt.zst")?;
    let (train_texts, train_labels) = read(&train, true)?;
    let (test_texts, test_labels) = read(&test, false)?;
    let mut models = Vec::new();
    shipped(c, &train_texts, &test_texts, &mut models)?;
    averages(&glove, &train_texts, &test_texts, &mut models)?;
    latent(&train_texts, &test_texts, &c.context, &mut models)?;
    let wanted = ["encoder", "GloVe mean", "tf-idf SVD 300"];
    let chosen = models.into_iter().filter(|m| wanted.contains(&m.name)).map(|m| model(m, &train_labels, &test_labels));
    let chosen = chosen.collect::<Result<Vec<_>, _>>()?;
    let table = feet(&chosen, &FeetParams { shots: vec![4, 8], draws: 10 }, &c.context).map_err(ClaimError::failed)?;
    let value = |m: usize, s: usize| table.accuracy[m][s].map_or(f64::NAN, |c| c.value);
    let order = |s: usize| {
        let mut o: Vec<usize> = (0..table.models.len()).collect();
        o.sort_by(|a, b| value(*b, s).total_cmp(&value(*a, s)));
        o
    };
    let at = table.models.iter().position(|m| m == "encoder").unwrap_or(0);
    let spread = table.accuracy.iter().filter_map(|r| r[0]).filter_map(|c| c.deviation).fold(0.0, f64::max);
    let rows: Vec<String> = table
        .models
        .iter()
        .enumerate()
        .map(|(m, name)| {
            format!("{name}: 4-shot {:.1}, 8-shot {:.1}, frozen {:.1}", value(m, 0), value(m, 1), value(m, 2))
        })
        .collect();
    let parts = value(at, 1) < value(at, 2) && (order(0) != order(2) || spread > 0.0);
    Ok(Outcome {
        measured: format!("{}; largest deviation at 4 shots {spread:.1}", rows.join("; ")),
        holds: false,
        note: format!(
            "not runnable in full: the fine-tuned column needs the neural trainer; the frozen and few-shot parts {}",
            if parts { "hold" } else { "do not hold" }
        ),
    })
}

fn model(m: Model, train: &[String], test: &[String]) -> Result<FeetModel, ClaimError> {
    let set = |rows, labels: &[String]| Labelled::new(rows, labels).map_err(ClaimError::failed);
    Ok(FeetModel {
        name: m.name.to_owned(),
        split: Split { train: set(m.documents, train)?, test: set(m.queries, test)? },
        tuned: None,
    })
}

/// Sentences and labels: `label sentence`, or `sentence <tab> label`.
fn read(path: &std::path::Path, first: bool) -> Result<(Vec<String>, Vec<String>), ClaimError> {
    let mut lines = stream::Lines::new(stream::open(path, None).map_err(ClaimError::failed)?, 1 << 20);
    let (mut texts, mut labels) = (Vec::new(), Vec::new());
    while let Some(line) = lines.next_line().map_err(ClaimError::failed)? {
        let line = String::from_utf8_lossy(line);
        let parts =
            if first { line.trim().split_once(' ') } else { line.trim().rsplit_once('\t').map(|(t, l)| (l, t)) };
        let Some((label, text)) = parts else { continue };
        labels.push(label.to_owned());
        texts.push(text.to_owned());
    }
    Ok((texts, labels))
}
