//! Claims 087 and 190 (on text classification: no tagged data is at hand).

use vectory_core::Context;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::documents::classifier::bytes::ByteCode;
use vectory_learn::documents::classifier::{self, Classifier, ClassifierParams, Labelled};
use vectory_learn::vocabulary::Tokenizer;

use super::documents::news;
use super::words::outcome;

pub(crate) const HASHES: Method = Method {
    id: "190",
    name: "Multi hash embeddings (spaCy MultiHashEmbed / HashEmbed)",
    home: "compress",
    kind: "method",
    command: "vectory learn classify --hashes 4 --bucket 5000 --word-ngrams 2 TEXT -o model.safetensors",
    claim: Some(Claim {
        statement: "Four hashes into few rows are nearly as good as a large table, and better than one hash where rows are very few",
        threshold: "within 0.5 points of the full table at >= 5 x fewer parameters; at 10 % of these rows 4 hashes > 1 hash by >= 1 point; \
                    without the word itself >= 1 point lost (the card: F1 of tags; here: accuracy of AG News)",
        data: "classification/AG_News/test.csv.gz",
        run,
    }),
};

/// Rows of the large table, and of the small one.
const FULL: usize = 200_000;
const SMALL: usize = 10_000;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let tokenizer = Tokenizer::default();
    let line = |(label, text): &(u32, String)| Labelled {
        labels: vec![label.to_string()],
        ..Labelled::parse(text, &tokenizer)
    };
    let data: Vec<Labelled> = news(c)?.iter().map(line).collect();
    let cut = data.len() * 4 / 5;
    // Words have no rows of their own, so that all is in the hashed table: a word's n-grams include the whole word.
    let accuracy = |hashes: usize, buckets: usize, longest: usize| -> Result<f64, ClaimError> {
        let p = ClassifierParams {
            dim: 32,
            epochs: 20,
            rate: 0.5,
            min_count: u64::MAX,
            subwords: Some((2, longest)),
            buckets,
            hashes,
            ..ClassifierParams::default()
        };
        let model = classifier::train(&data[..cut], tokenizer, &p, &Checkpoint::none(), &c.context)
            .map_err(ClaimError::failed)?;
        Ok(model.test(&data[cut..], 1, &c.context).map_err(ClaimError::failed)?.precision)
    };
    let (full, four) = (accuracy(1, FULL, 20)?, accuracy(4, SMALL, 20)?);
    let (few4, few1) = (accuracy(4, SMALL / 10, 20)?, accuracy(1, SMALL / 10, 20)?);
    let parts = accuracy(4, SMALL, 3)?;
    let clauses = [
        ("within 0.5 points", four >= full - 0.005),
        ("4 hashes at 10 %", few4 >= few1 + 0.01),
        ("without words", parts <= four - 0.01),
    ];
    Ok(outcome(
        format!(
            "AG News accuracy: {FULL} rows, 1 hash {full:.4}; {SMALL} rows, 4 hashes {four:.4}; {} rows: 4 hashes {few4:.4}, 1 hash {few1:.4}; \
             {SMALL} rows without whole words {parts:.4}",
            SMALL / 10
        ),
        &clauses,
        "sums of four rows help where each item meets few others; a mean over some hundred n-grams averages collisions out already",
    ))
}

pub(crate) const BYTES: Method = Method {
    id: "087",
    name: "byteSteady",
    home: "documents",
    kind: "method",
    command: "vectory learn classify --bytes 1,2,4,8 --dim 16 --bucket 1048576 TEXT -o model.safetensors",
    claim: Some(Claim {
        statement: "Runs of raw bytes classify nearly as well as words and bigrams, fast, and Huffman-coded bytes do too",
        threshold: "AG News, {1, 2, 4, 8}, 16 d, 2^20 rows: >= fastText bigrams - 1.5 points; one core > 5 MB/s; Huffman: >= 35 % fewer bytes, \
                    accuracy at most 2 points lower; splice junctions: >= logistic regression on k-mer counts - 1 point",
        data: "classification/AG_News/test.csv.gz; sequences/splice.dat.gz",
        run: bytes,
    }),
};

fn split_accuracy(data: &[Labelled], p: &ClassifierParams, c: &ClaimContext) -> Result<(f64, Classifier), ClaimError> {
    let cut = data.len() * 4 / 5;
    let model = classifier::train(&data[..cut], Tokenizer::default(), p, &Checkpoint::none(), &c.context)
        .map_err(ClaimError::failed)?;
    Ok((model.test(&data[cut..], 1, &c.context).map_err(ClaimError::failed)?.precision, model))
}

fn bytes(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let tokenizer = Tokenizer::default();
    let line = |(label, text): &(u32, String)| Labelled {
        labels: vec![label.to_string()],
        ..Labelled::parse(text, &tokenizer)
    };
    let data: Vec<Labelled> = news(c)?.iter().map(line).collect();
    let words = ClassifierParams { dim: 16, epochs: 20, rate: 0.5, word_ngrams: 2, ..ClassifierParams::default() };
    let runs =
        ClassifierParams { rate: 4.0, word_ngrams: 1, buckets: 1 << 20, bytes: vec![1, 2, 4, 8], ..words.clone() };
    let (bigrams, _) = split_accuracy(&data, &words, c)?;
    let (plain, model) = split_accuracy(&data, &runs, c)?;
    let (coded, _) = split_accuracy(&data, &ClassifierParams { huffman: true, ..runs.clone() }, c)?;
    let one = Context::new(c.context.seed, 1).map_err(ClaimError::failed)?;
    let start = std::time::Instant::now();
    model.predict(&data, 1, &one).map_err(ClaimError::failed)?;
    let size = data.iter().map(|d| d.text.len()).sum::<usize>();
    let speed = size as f64 / start.elapsed().as_secs_f64() / 1e6;
    let code = ByteCode::learn(data[..data.len() * 4 / 5].iter().map(|d| d.text.as_str()));
    let mut out = Vec::new();
    let short: usize = data
        .iter()
        .map(|d| {
            code.encode(d.text.as_bytes(), &mut out);
            out.len()
        })
        .sum();
    let saved = 1.0 - short as f64 / size as f64;
    let (dna, kmers) = splice(c, &runs)?;
    let clauses = [
        ("fastText - 1.5 points", plain >= bigrams - 0.015),
        ("5 MB/s", speed > 5.0),
        ("Huffman", saved >= 0.35 && coded >= plain - 0.02),
        ("DNA", dna >= kmers - 0.01),
    ];
    Ok(outcome(
        format!(
            "AG News accuracy: bytes {plain:.4}, Huffman-coded {coded:.4} of {:.1} % fewer bytes, words and bigrams {bigrams:.4}; {speed:.1} MB/s on \
             one core; splice junctions {dna:.4}, k-mer counts {kmers:.4}",
            saved * 100.0
        ),
        &clauses,
        "a byte-level code shifts bits, so that equal words give different bytes; 6,080 texts teach little of long runs",
    ))
}

/// Accuracy on splice junctions: runs of bytes, and logistic regression on counts of 1- to 3-mers.
fn splice(c: &ClaimContext, p: &ClassifierParams) -> Result<(f64, f64), ClaimError> {
    let mut text = String::new();
    let mut input = vectory_io::stream::open(&c.data("sequences/splice.dat.gz")?, None).map_err(ClaimError::failed)?;
    std::io::Read::read_to_string(&mut input, &mut text).map_err(ClaimError::failed)?;
    let line = |l: &str| {
        let (bases, label) = l.trim().rsplit_once(',')?;
        Some((label.trim().to_owned(), bases.split(',').map(str::trim).collect::<String>().to_ascii_lowercase()))
    };
    let mut rows: Vec<(String, String)> = text.lines().filter(|l| !l.starts_with('@')).filter_map(line).collect();
    rand::seq::SliceRandom::shuffle(&mut rows[..], &mut vectory_core::rng::stream(c.context.seed, "claim.splice"));
    let data: Vec<Labelled> = rows.iter().map(|(l, t)| Labelled { labels: vec![l.clone()], text: t.clone() }).collect();
    let (dna, _) = split_accuracy(&data, &ClassifierParams { epochs: 40, ..p.clone() }, c)?;
    let letters = ["a", "c", "g", "t"];
    let mut kmers: Vec<String> = letters.iter().map(|l| (*l).to_owned()).collect();
    for from in [0, 4] {
        let longer: Vec<String> =
            kmers[from..].iter().flat_map(|k| letters.iter().map(move |l| format!("{k}{l}"))).collect();
        kmers.extend(longer);
    }
    let count = |t: &str, k: &String| {
        (0..t.len().saturating_sub(k.len() - 1)).filter(|i| t[*i..].starts_with(k.as_str())).count() as f32
    };
    let values: Vec<f32> = rows.iter().flat_map(|(_, t)| kmers.iter().map(move |k| count(t, k))).collect();
    let x = vectory_core::Vectors::from_slice(&values, kmers.len()).map_err(ClaimError::failed)?;
    let mut names: Vec<&String> = rows.iter().map(|r| &r.0).collect();
    names.sort();
    names.dedup();
    let labels: Vec<u32> =
        rows.iter().filter_map(|r| names.iter().position(|n| **n == r.0)).map(|i| i as u32).collect();
    Ok((dna, super::documents::accuracy(&x, &labels, true, &c.context)?))
}
