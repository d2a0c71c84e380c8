//! Documents of one source, some at a time.

use vectory_io::documents::{Document, Item, Skipped, SourceError};

/// What a source gave, as much as is encoded together.
#[derive(Default)]
pub(super) struct Batch {
    pub documents: Vec<Document>,
    /// Ids of documents that need not be read again.
    pub unchanged: Vec<String>,
    pub skipped: Vec<Skipped>,
    bytes: usize,
}

impl Batch {
    fn take(&mut self, item: Item) {
        match item {
            Item::Document(d) => {
                self.bytes += d.text.len();
                self.documents.push(d);
            }
            Item::Unchanged { id, .. } => self.unchanged.push(id),
            Item::Skipped(s) => self.skipped.push(s),
        }
    }

    fn len(&self) -> usize {
        self.documents.len() + self.unchanged.len() + self.skipped.len()
    }
}

/// The next batch; `None` at the end.
pub(super) fn next_batch(
    items: &mut impl Iterator<Item = Result<Item, SourceError>>,
    bytes: usize,
    count: usize,
) -> Result<Option<Batch>, SourceError> {
    let mut batch = Batch::default();
    while batch.bytes < bytes && batch.len() < count {
        match items.next() {
            Some(item) => batch.take(item?),
            None => break,
        }
    }
    Ok(if batch.len() == 0 { None } else { Some(batch) })
}
