//! Reading.

use std::path::{Path, PathBuf};

use crate::sqlite::{Database, Rows, SqliteError, Table, Value};
use crate::vectors::error::form;
use crate::vectors::rows::batch_rows;
use crate::vectors::{Batch, MAX_DIM, RowReader, VectorError};

/// Reads such a file.
pub struct Magnitude {
    db: Database,
    rows: Rows,
    path: PathBuf,
    dim: usize,
    scale: f64,
    /// Where in a row the vector's length stands, if it does.
    length: Option<usize>,
    size: Option<u64>,
    done: u64,
}

impl Magnitude {
    pub fn open(path: &Path) -> Result<Self, VectorError> {
        let broken = |e: SqliteError| match e {
            SqliteError::Io(e) => VectorError::from(e),
            e => form(path, "database", e.to_string()),
        };
        let mut db = Database::open(path).map_err(broken)?;
        let tables = db.tables().map_err(broken)?;
        let find = |name: &str| tables.iter().find(|t| t.name == name);
        let Some(table) = find("magnitude") else {
            return Err(form(path, "database", "it has no table `magnitude`"));
        };
        let columns = table.columns();
        let dim = columns.iter().filter(|c| c.strip_prefix("dim_").is_some_and(|n| n.parse::<u32>().is_ok())).count();
        if dim == 0 || dim > MAX_DIM || columns.first().is_none_or(|c| c != "key") || !columns[1].starts_with("dim_") {
            return Err(form(path, "table `magnitude`", "expected columns key, dim_0, dim_1, …"));
        }
        let settings = find("magnitude_format").map_or(Ok(vec![]), |t| settings(&mut db, t)).map_err(broken)?;
        let setting = |name: &str| settings.iter().find(|(k, _)| k == name).map(|(_, v)| *v);
        let precision = setting("precision").unwrap_or(7.0);
        Ok(Self {
            rows: Rows::new(table),
            db,
            path: path.to_owned(),
            dim,
            scale: 10f64.powf(-precision),
            length: columns.iter().position(|c| c == "magnitude"),
            size: setting("size").map(|s| s as u64),
            done: 0,
        })
    }
}

/// The numbers among the settings.
fn settings(db: &mut Database, table: &Table) -> Result<Vec<(String, f64)>, SqliteError> {
    let (mut rows, mut out) = (Rows::new(table), Vec::new());
    while let Some(row) = rows.next(db)? {
        if let [Value::Text(key), value, ..] = row.as_slice() {
            let text = |v: &Value| if let Value::Text(t) = v { t.parse().ok() } else { None };
            out.extend(value.number().or_else(|| text(value)).map(|v| (key.clone(), v)));
        }
    }
    Ok(out)
}

impl RowReader for Magnitude {
    fn dim(&self) -> usize {
        self.dim
    }

    fn rows(&self) -> Option<u64> {
        self.size
    }

    fn has_names(&self) -> bool {
        true
    }

    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        batch.clear();
        let mut n = 0;
        while n < limit.min(batch_rows(self.dim)) {
            let place = format!("row {}", self.done);
            let Some(row) = self.rows.next(&mut self.db).map_err(|e| form(&self.path, &place, e.to_string()))? else {
                break;
            };
            let bad = |why: &str| form(&self.path, &place, why);
            let Some(Value::Text(key)) = row.first() else { return Err(bad("its key is no text")) };
            let length = match self.length {
                Some(at) => row.get(at).and_then(Value::number).ok_or_else(|| bad("its length is no number"))?,
                None => 1.0,
            };
            let values = row.get(1..=self.dim).ok_or_else(|| bad("it is too short"))?;
            for value in values {
                let v = value.number().ok_or_else(|| bad("a value is no number"))?;
                batch.values.push((v * self.scale * length) as f32);
            }
            batch.names.push(key.clone());
            self.done += 1;
            n += 1;
        }
        if n == 0
            && let Some(size) = self.size.filter(|s| *s != self.done)
        {
            return Err(form(&self.path, "end", format!("{} rows, its settings say {size}", self.done)));
        }
        Ok(n)
    }
}
