//! Claim 155: iterative nullspace projection takes gender out of word vectors for linear eyes, and leaves their meaning.

use rand::RngExt;
use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::stats::spearman;
use vectory_core::{Context, Vectors, rng, simd};

use crate::Side;
use crate::claim_data::{Words, applied, fitted, glove, lines};

pub(super) const METHOD: Method = Method {
    id: "155",
    name: "INLP (iterative nullspace projection)",
    home: "transform",
    kind: "method",
    command: "vectory transform V --with erase:inlp --labels z.txt -o OUT",
    claim: Some(Claim {
        statement: "INLP on GloVe makes words leaning male or female linearly indistinguishable, keeps word similarity, removes the WEAT \
                    association of gender with career and family, and does not hide it from a non-linear probe",
        threshold: "held-out linear accuracy from >= 99 % to <= 55 % in <= 35 rounds; SimLex-999 and WordSim-353 Spearman change by \
                    <= 0.02; WEAT p from < 0.05 to > 0.05; an RBF probe clearly above chance (read as >= 60 %)",
        data: "ann/glove100-50k, words/similarity, words/bias/weat.json",
        run,
    }),
};

/// Words of each leaning, as a share of all lower-case words: the paper's 7,500 of 150,000.
const SHARE: f64 = 0.05;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let words = glove(c)?;
    let (train, train_labels, test, test_labels) = leaning(&words, ctx)?;
    let side = Side { labels: Some(&train_labels), ..Side::default() };
    let before = probe(&train, &train_labels, &test, &test_labels, ctx)?;
    let chain = fitted("erase:inlp,rounds=35", &train, &side, ctx)?;
    let (a, b) = (applied(&chain, &train, ctx)?, applied(&chain, &test, ctx)?);
    let after = probe(&a, &train_labels, &b, &test_labels, ctx)?;
    let rbf = probe(&rbf(&a, &a, ctx), &train_labels, &rbf(&b, &a, ctx), &test_labels, ctx)?;
    let cleaned = applied(&chain, &words.rows, ctx)?;
    let mut changes = Vec::new();
    for file in ["EN-SIMLEX-999.txt", "EN-WS-353-ALL.txt"] {
        let path = c.data(format!("words/similarity/{file}"))?;
        changes.push((similarity(&words, &words.rows, &path)?, similarity(&words, &cleaned, &path)?));
    }
    let weat = weat_words(c)?;
    let (p0, p1) = (weat_p(&words, &words.rows, &weat, ctx.seed)?, weat_p(&words, &cleaned, &weat, ctx.seed)?);
    let other = |method: &str| -> Result<f64, ClaimError> {
        let chain = fitted(method, &train, &side, ctx)?;
        probe(&applied(&chain, &train, ctx)?, &train_labels, &applied(&chain, &test, ctx)?, &test_labels, ctx)
    };
    let (leace, mean) = (other("erase:leace")?, other("erase:mean")?);
    let clauses = [
        ("linear accuracy from 99 %", before >= 0.99),
        ("linear accuracy to 55 %", after <= 0.55),
        ("similarity changed by at most 0.02", changes.iter().all(|(x, y)| (x - y).abs() <= 0.02)),
        ("WEAT p from below 0.05 to above", p0 < 0.05 && p1 > 0.05),
        ("RBF probe above chance", rbf >= 0.60),
    ];
    let unmet: Vec<&str> = clauses.iter().filter(|c| !c.1).map(|c| c.0).collect();
    Ok(Outcome {
        measured: format!(
            "held-out linear accuracy {:.1} % -> {:.1} % (LEACE {:.1} %, class means {:.1} %); SimLex-999 {:.3} -> {:.3}, WordSim-353 \
             {:.3} -> {:.3}; WEAT p {p0:.4} -> {p1:.4}; RBF probe {:.1} %",
            100.0 * before,
            100.0 * after,
            100.0 * leace,
            100.0 * mean,
            changes[0].0,
            changes[0].1,
            changes[1].0,
            changes[1].1,
            100.0 * rbf
        ),
        holds: unmet.is_empty(),
        note: format!(
            "{}GloVe 100 d; of each leaning (by cosine with he - she) the paper's share of the words, 5 %: {} words to fit on, {} to judge by; the \
             largest change of a word similarity is {:+.3}",
            if unmet.is_empty() { String::new() } else { format!("not met: {}; ", unmet.join(", ")) },
            train.rows(),
            test.rows(),
            changes.iter().map(|(x, y)| y - x).fold(0.0, |m: f64, d| if d.abs() > m.abs() { d } else { m })
        ),
    })
}

/// The words farthest to either side of he − she, as training and test rows with labels.
fn leaning(words: &Words, ctx: &Context) -> Result<(Vectors, Vec<u32>, Vectors, Vec<u32>), ClaimError> {
    let (Some(he), Some(she)) = (words.get("he"), words.get("she")) else {
        return Err(ClaimError::Failed("no vectors of `he` and `she`".into()));
    };
    let axis: Vec<f32> = words.rows.row(he).iter().zip(words.rows.row(she)).map(|(a, b)| a - b).collect();
    let plain = |w: &str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase());
    let mut all: Vec<(f32, usize)> = (0..words.names.len())
        .filter(|i| plain(&words.names[*i]) && *i != he && *i != she)
        .map(|i| (simd::cosine(words.rows.row(i), &axis), i))
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let each = (SHARE * all.len() as f64) as usize;
    if each < 100 {
        return Err(ClaimError::Failed(format!("only {} words", all.len())));
    }
    let male = all[..each].iter().map(|w| (w.1, 1u32));
    let female = all[all.len() - each..].iter().map(|w| (w.1, 0u32));
    let mut rng = rng::stream(ctx.seed, "claim.155");
    let (test, train): (Vec<_>, Vec<_>) = male.chain(female).partition(|_| rng.random::<f64>() < 0.3);
    let rows = |part: &[(usize, u32)]| words.rows.picked(part.iter().map(|p| p.0));
    let labels = |part: &[(usize, u32)]| part.iter().map(|p| p.1).collect::<Vec<_>>();
    Ok((rows(&train), labels(&train), rows(&test), labels(&test)))
}

fn probe(x: &Vectors, y: &[u32], test: &Vectors, labels: &[u32], ctx: &Context) -> Result<f64, ClaimError> {
    let params = LogisticParams { standardize: true, ..LogisticParams::default() };
    let model = logistic(x.view(), y, &params, ctx).map_err(ClaimError::failed)?;
    model.accuracy(test.view(), labels, ctx).map_err(ClaimError::failed)
}

/// Random Fourier features (Rahimi and Recht 2007) of an RBF kernel as wide as `like` is spread.
fn rbf(x: &Vectors, like: &Vectors, ctx: &Context) -> Vectors {
    const FEATURES: usize = 400;
    let squares: f64 = like.as_slice().iter().map(|v| f64::from(*v).powi(2)).sum();
    let width = (squares / like.rows().max(1) as f64).sqrt().max(1e-12);
    let mut r = rng::stream(ctx.seed, "claim.155.rbf");
    let normal = |r: &mut rng::Rng| {
        let (u, v) = (1.0 - r.random::<f64>(), r.random::<f64>());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    let axes: Vec<f32> = (0..FEATURES * x.dim()).map(|_| (normal(&mut r) * 1.5 / width) as f32).collect();
    let phases: Vec<f32> = (0..FEATURES).map(|_| (r.random::<f64>() * std::f64::consts::TAU) as f32).collect();
    let mut out = Vectors::zeros(x.rows(), FEATURES);
    let b = simd::PackedB::new(&axes, FEATURES, x.dim());
    simd::gemm_packed(x.as_slice(), &b, out.as_mut_slice());
    out.as_mut_slice().iter_mut().enumerate().for_each(|(i, v)| *v = (*v + phases[i % FEATURES]).cos());
    out
}

fn similarity(words: &Words, rows: &Vectors, path: &std::path::Path) -> Result<f64, ClaimError> {
    let (mut cosines, mut scores) = (Vec::new(), Vec::new());
    for line in lines(path)? {
        let cells: Vec<&str> = line.split_whitespace().collect();
        if let [a, b, score] = cells.as_slice()
            && let (Some(a), Some(b), Ok(score)) =
                (words.get(&a.to_lowercase()), words.get(&b.to_lowercase()), score.parse::<f64>())
        {
            cosines.push(f64::from(simd::cosine(rows.row(a), rows.row(b))));
            scores.push(score);
        }
    }
    Ok(spearman(&cosines, &scores).unwrap_or(0.0))
}

/// Male and female names, career and family words.
fn weat_words(c: &ClaimContext) -> Result<[Vec<String>; 4], ClaimError> {
    let text = lines(&c.data("words/bias/weat.json")?)?.join("\n");
    let all: serde_json::Value = serde_json::from_str(&text).map_err(ClaimError::failed)?;
    let career = |e: &&serde_json::Value| e.to_string().contains("Career");
    let test = all
        .as_array()
        .and_then(|a| a.iter().find(career))
        .ok_or_else(|| ClaimError::Failed("no career test".into()))?;
    let list = |key: &str| {
        let words = test[key]["words"].as_array().cloned().unwrap_or_default();
        words.iter().filter_map(|w| w.as_str().map(str::to_lowercase)).collect()
    };
    Ok([list("first_target"), list("second_target"), list("first_attribute"), list("second_attribute")])
}

/// One-sided permutation p of the association test (Caliskan, Bryson and Narayanan 2017), 10,000 permutations.
fn weat_p(words: &Words, rows: &Vectors, sets: &[Vec<String>; 4], seed: u64) -> Result<f64, ClaimError> {
    let ids = |s: &Vec<String>| s.iter().filter_map(|w| words.get(w)).collect::<Vec<_>>();
    let [x, y, a, b] = [ids(&sets[0]), ids(&sets[1]), ids(&sets[2]), ids(&sets[3])];
    let mean = |w: usize, set: &[usize]| {
        set.iter().map(|s| f64::from(simd::cosine(rows.row(w), rows.row(*s)))).sum::<f64>() / set.len().max(1) as f64
    };
    let mut values: Vec<f64> = x.iter().chain(&y).map(|w| mean(*w, &a) - mean(*w, &b)).collect();
    if x.is_empty() || y.is_empty() || a.is_empty() || b.is_empty() {
        return Err(ClaimError::Failed("no vectors of the WEAT words".into()));
    }
    let seen: f64 = values[..x.len()].iter().sum();
    let mut r = rng::stream(seed, "claim.155.weat");
    let mut above = 0usize;
    for _ in 0..10_000 {
        for i in 0..x.len() {
            let j = r.random_range(i..values.len());
            values.swap(i, j);
        }
        above += usize::from(values[..x.len()].iter().sum::<f64>() >= seen - 1e-12);
    }
    Ok((above + 1) as f64 / 10_001.0)
}
