//! Scores a static encoder: `score_static MODEL.safetensors [DATA]` prints STS-B Spearman (dev, test) and nDCG@10 of six
//! retrieval sets as JSON. DATA defaults to `$VECTORY_DATA`, else `../shared/data`.

mod tasks;

use std::path::{Path, PathBuf};

use tasks::{Failure, Pairs, Retrieval, SETS};
use vectory_core::{Context, Encode};
use vectory_learn::statics::StaticEncoder;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let model = args.first().ok_or("usage: score_static MODEL.safetensors [DATA]")?;
    let data = args.get(1).map(PathBuf::from).or_else(|| std::env::var_os("VECTORY_DATA").map(PathBuf::from));
    let data = data.unwrap_or_else(|| PathBuf::from("../shared/data"));
    let encoder = StaticEncoder::load(Path::new(model))?;
    let ctx = Context::new(0, 0)?;
    let encode = |texts: &[String]| -> Result<Vec<Vec<f32>>, Failure> {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Ok(encoder.encode(&texts, &ctx)?.iter().map(<[f32]>::to_vec).collect())
    };
    let sts = |split: &str| -> Result<f64, Failure> {
        let pairs = Pairs::read(&data.join(format!("sentences/sts/STSBenchmark/sts-{split}.csv")))?;
        Ok(pairs.spearman(&encode(&pairs.left)?, &encode(&pairs.right)?))
    };
    let mut ndcg = serde_json::Map::new();
    let mut sum = 0.0;
    for name in SETS {
        let set = Retrieval::read(&data.join("retrieval").join(name))?;
        let value = set.ndcg(&encode(&set.documents)?, &encode(&set.queries)?);
        sum += value;
        ndcg.insert(name.into(), value.into());
    }
    ndcg.insert("mean".into(), (sum / SETS.len() as f64).into());
    println!("{}", serde_json::json!({ "sts": { "dev": sts("dev")?, "test": sts("test")? }, "ndcg@10": ndcg }));
    Ok(())
}
