//! Reads the gold values beside this crate: just enough of the npy form for tests (arrays of C or Fortran order).

use crate::Vectors;

/// An array of any of our gold types, as f64, row-major.
pub(crate) struct Gold {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

/// Loads `gold/<name>.npy`.
pub(crate) fn load(name: &str) -> Gold {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("gold").join(format!("{name}.npy"));
    let bytes = fs_err::read(path).unwrap();
    let head_len = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let head = std::str::from_utf8(&bytes[10..10 + head_len]).unwrap();
    let between = |a: &str, b: &str| head.split(a).nth(1).unwrap().split(b).next().unwrap().to_owned();
    let shape: Vec<usize> = between("'shape': (", ")").split(',').filter_map(|s| s.trim().parse().ok()).collect();
    let data = &bytes[10 + head_len..];
    let mut values: Vec<f64> = match between("'descr': '", "'").as_str() {
        "<f4" => data.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
        "<i4" => data.as_chunks().0.iter().map(|b| f64::from(i32::from_le_bytes(*b))).collect(),
        "<i8" => data.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b) as f64).collect(),
        "|u1" => data.iter().map(|b| f64::from(*b)).collect(),
        other => panic!("{name}: type {other}"),
    };
    assert_eq!(values.len(), shape.iter().product::<usize>());
    if head.contains("'fortran_order': True") && shape.len() == 2 {
        values = (0..shape[0] * shape[1]).map(|i| values[(i % shape[1]) * shape[0] + i / shape[1]]).collect();
    }
    Gold { shape, values }
}

impl Gold {
    /// As rows of f32.
    pub fn rows(&self) -> Vectors {
        let values: Vec<f32> = self.values.iter().map(|v| *v as f32).collect();
        Vectors::from_slice(&values, *self.shape.last().unwrap()).unwrap()
    }

    /// The value at row `i`, column `j`.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.shape[1] + j]
    }
}

/// A number of `gold/<folder>/gold.json`.
pub(crate) fn value(folder: &str, name: &str) -> serde_json::Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("gold").join(folder).join("gold.json");
    let all: serde_json::Value = serde_json::from_str(&fs_err::read_to_string(path).unwrap()).unwrap();
    all["values"][name].clone()
}
