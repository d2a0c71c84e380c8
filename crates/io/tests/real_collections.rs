//! The retrieval sets of the data folder, read whole.
#![allow(clippy::unwrap_used)]

mod common;

use vectory_io::documents::{Item, SourceParams};
use vectory_io::trec::beir;

use common::data;

#[test]
fn sets_have_the_documents_they_say() {
    let Some(data) = data() else { return };
    for (name, documents, judged) in [
        ("scifact", 5183, 300),
        ("cranfield", 1400, 225),
        ("cisi", 1460, 76),
        ("cacm", 3204, 52),
        ("med", 1033, 30),
        ("npl", 11429, 93),
    ] {
        let set = beir::open(&data.join("retrieval").join(name), "test").unwrap();
        let mut sources = set.documents(&SourceParams::default()).unwrap();
        let ids: std::collections::HashSet<String> = sources
            .by_ref()
            .filter_map(|i| if let Item::Document(d) = i.unwrap() { Some(d.id) } else { None })
            .collect();
        let skipped = sources.counts().skipped_total() as usize;
        assert_eq!(ids.len() + skipped, documents, "{name}");
        assert_eq!(set.judged().count(), judged, "{name}");
        let known = set.qrels.iter().filter(|j| ids.contains(&j.document)).count();
        assert!(known + skipped >= set.qrels.len(), "{name}: judged documents are in the corpus");
    }
}
