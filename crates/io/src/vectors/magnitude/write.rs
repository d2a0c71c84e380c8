//! Writing.

use std::io::Write;
use std::path::Path;

use crate::sqlite::{TableWriter, Value, finish, first_page};
use crate::stream::Output;
use crate::vectors::error::form;
use crate::vectors::{Names, RowWriter, VectorError, Written};

/// Digits behind the point.
const PRECISION: i32 = 7;
/// SQLite's default limit is 2000 columns.
const MOST: usize = 1998;

/// Writes such a file: values as they are, without a column of lengths.
pub struct MagnitudeWriter {
    out: Output,
    table: TableWriter,
    dim: usize,
    rows: u64,
}

impl MagnitudeWriter {
    pub fn create(path: &Path, dim: usize) -> Result<Self, VectorError> {
        if dim == 0 || dim > MOST {
            return Err(form(path, "columns", format!("rows of {dim} values, a .magnitude file holds 1 to {MOST}")));
        }
        let mut out = Output::create_patched(path)?;
        out.write_all(&first_page())?;
        let columns: String = (0..dim).map(|i| format!(", dim_{i} INTEGER")).collect();
        let sql = format!("CREATE TABLE magnitude(key TEXT COLLATE NOCASE{columns})");
        Ok(Self { out, table: TableWriter::new("magnitude", &sql, 2), dim, rows: 0 })
    }
}

impl RowWriter for MagnitudeWriter {
    fn write(&mut self, values: &[f32], names: &[String]) -> Result<(), VectorError> {
        let scale = 10f64.powi(PRECISION);
        for (i, row) in values.chunks_exact(self.dim).enumerate() {
            let mut cells = vec![Value::Text(names.get(i).cloned().unwrap_or_else(|| self.rows.to_string()))];
            for v in row {
                if !v.is_finite() {
                    let place = format!("row {}", self.rows);
                    return Err(form(
                        self.out.target(),
                        place,
                        "a value that is not finite has no place in a .magnitude file",
                    ));
                }
                cells.push(Value::Int((f64::from(*v) * scale).round() as i64));
            }
            self.table.push(&mut self.out, &cells)?;
            self.rows += 1;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Written, VectorError> {
        let Self { mut out, table, dim, rows } = *self;
        let (vectors, next) = table.end(&mut out)?;
        let mut settings = TableWriter::new(
            "magnitude_format",
            "CREATE TABLE magnitude_format(key TEXT COLLATE NOCASE, value INTEGER)",
            next,
        );
        for (key, value) in [
            ("size", rows as i64),
            ("dim", dim as i64),
            ("precision", i64::from(PRECISION)),
            ("subword", 0),
            ("approx", 0),
        ] {
            settings.push(&mut out, &[Value::Text(key.into()), Value::Int(value)])?;
        }
        let (settings, next) = settings.end(&mut out)?;
        finish(out, &[vectors, settings], next - 1)?;
        Ok(Written { rows, dim, names: Names::Kept })
    }
}
