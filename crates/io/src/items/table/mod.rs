//! A Parquet file: a row a passage.

mod read;
mod write;

pub(super) use read::TableReader;
pub(super) use write::TableWriter;

/// The key of the head among the file's metadata.
const HEAD: &str = "vectory.export";

/// The column of a view.
fn column(view: &str) -> String {
    if view.is_empty() { "vector".into() } else { format!("vector.{view}") }
}

/// The two columns of a sparse view.
fn columns(view: &str) -> (String, String) {
    let name = column(view);
    (format!("{name}.indices"), format!("{name}.values"))
}
