//! Documents from every kind of source, good and bad.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vectory_io::documents::{
    Document, Item, Seen, SkipReason, SourceError, SourceParams, SourceSpec, Unit, open, open_input, total_bytes,
};
use vectory_io::stream::Input;
use vectory_text::TextFormat;

fn put(root: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = root.join(name);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(&path, bytes).unwrap();
    path
}

fn gz(text: &[u8]) -> Vec<u8> {
    let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    e.write_all(text).unwrap();
    e.finish().unwrap()
}

fn items(paths: &[&Path], params: &SourceParams) -> Vec<Result<Item, SourceError>> {
    let specs: Vec<SourceSpec> = paths.iter().map(|p| SourceSpec::Path(p.to_path_buf())).collect();
    open(&specs, params).unwrap().collect()
}

fn documents(paths: &[&Path], params: &SourceParams) -> Vec<Document> {
    let only = |item| match item {
        Ok(Item::Document(d)) => Some(d),
        Ok(_) => None,
        Err(e) => panic!("{e}"),
    };
    items(paths, params).into_iter().filter_map(only).collect()
}

fn ids(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|d| d.id.as_str()).collect()
}

fn first_error(path: &Path, params: &SourceParams) -> String {
    items(&[path], params).into_iter().find_map(Result::err).expect("an error").to_string()
}

#[test]
fn a_folder_gives_its_texts_and_counts_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    put(root, "b.md", "# Title\n\ntext");
    put(root, "a/x.rs", "fn main() {}");
    put(root, "a/page.html", "<title>P</title><h1>H</h1><p>para</p>");
    put(root, "a/notes.txt.gz", gz(b"zipped notes"));
    put(root, "latin.txt", b"caf\xe9 au lait");
    put(root, "empty.txt", " \n");
    put(root, "pic.png", b"\x89PNG\r\n\x1a\n\0\0\0");
    put(root, "big.txt", vec![b'x'; 5000]);
    put(root, ".hidden.txt", "no");
    put(root, "skip/me.txt", "no");
    put(root, ".gitignore", "skip/\n");
    put(root, "data.csv", "a,b\n1,2\n");
    put(root, "log.ndjson", "{\"level\":1}\n{\"level\":2}\n");
    put(root, "fake.tar.gz", "not gzip");
    let params = SourceParams { max_file_bytes: 4000, ..Default::default() };
    let mut sources = open(&[root.to_path_buf().into()], &params).unwrap();
    let found: Vec<Document> = sources
        .by_ref()
        .filter_map(|i| match i.unwrap() {
            Item::Document(d) => Some(d),
            _ => None,
        })
        .collect();
    assert_eq!(ids(&found), ["a/notes.txt.gz", "a/page.html", "a/x.rs", "b.md", "latin.txt"]);
    let by_id = |id: &str| found.iter().find(|d| d.id == id).unwrap();
    assert_eq!((by_id("b.md").title.as_str(), by_id("b.md").format), ("Title", TextFormat::Markdown));
    assert_eq!(by_id("a/page.html").text, "# H\n\npara");
    assert_eq!((by_id("a/x.rs").title.as_str(), by_id("a/x.rs").format), ("x.rs", TextFormat::Code));
    assert_eq!(by_id("a/notes.txt.gz").text, "zipped notes");
    assert_eq!(by_id("latin.txt").text, "café au lait");
    assert_eq!(by_id("b.md").payload["ext"], "md");
    assert_eq!(by_id("b.md").payload["size"], 13);
    assert!(by_id("b.md").payload["modified"].as_str().unwrap().ends_with('Z'));
    let counts = sources.counts();
    assert_eq!((counts.documents, counts.repaired), (5, 1));
    let expected =
        [(SkipReason::Binary, 2), (SkipReason::Empty, 1), (SkipReason::TooLarge, 1), (SkipReason::NoText, 2)];
    assert_eq!(counts.skipped, expected.into_iter().collect());
    assert!(sources.bytes_read() > 0);
}

#[test]
fn several_folders_keep_their_names_apart() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    put(&a, "x.txt", "one");
    put(&b, "x.txt", "two");
    assert_eq!(ids(&documents(&[&a, &b], &SourceParams::default())), ["a/x.txt", "b/x.txt"]);
    assert_eq!(ids(&documents(&[&a], &SourceParams::default())), ["x.txt"]);
    put(dir.path(), "other/a/x.txt", "three");
    let found = documents(&[&a, &dir.path().join("other/a")], &SourceParams::default());
    assert_ne!(found[0].id, found[1].id);
}

#[test]
fn unchanged_files_are_not_read_again() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.txt", "one");
    put(dir.path(), "b.txt", "two");
    let before = documents(&[dir.path()], &SourceParams::default());
    let known: Vec<(String, String)> = before.iter().map(|d| (d.id.clone(), d.stamp.clone())).collect();
    put(dir.path(), "b.txt", "changed");
    let seen = Seen(Arc::new(move |id, stamp| known.iter().any(|(i, s)| i == id && s == stamp)));
    let params = SourceParams { seen: Some(seen), ..Default::default() };
    let after: Vec<Item> = items(&[dir.path()], &params).into_iter().map(Result::unwrap).collect();
    assert!(matches!(&after[0], Item::Unchanged { id, .. } if id == "a.txt"));
    assert!(matches!(&after[1], Item::Document(d) if d.text == "changed"));
}

#[test]
fn records_of_every_form_say_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let jsonl = "{\"_id\": \"1\", \"title\": \"T\", \"text\": \"a, b\", \"year\": 2020, \"ok\": true}\n\n{\"_id\": \"2\", \"title\": \"U\", \"text\": \"c\", \"year\": 1.5, \"ok\": false}\n";
    let csv = "_id,title,text,year,ok\r\n1,T,\"a, b\",2020,true\r\n2,U,c,1.5,false\r\n";
    let tsv = "_id\ttitle\ttext\tyear\tok\n1\tT\ta, b\t2020\ttrue\n2\tU\tc\t1.5\tfalse\n";
    let texts = [
        put(dir.path(), "r.jsonl", jsonl),
        put(dir.path(), "r.ndjson.gz", gz(jsonl.as_bytes())),
        put(dir.path(), "r.csv", csv),
        put(dir.path(), "r.csv.zst", zstd::encode_all(csv.as_bytes(), 1).unwrap()),
        put(dir.path(), "r.tsv", tsv),
    ];
    for path in &texts {
        let found = documents(&[path], &SourceParams::default());
        assert_eq!(ids(&found), ["1", "2"], "{path:?}");
        assert_eq!((found[0].title.as_str(), found[0].text.as_str()), ("T", "a, b"));
        assert_eq!(serde_json::Value::Object(found[0].payload.clone()), serde_json::json!({"year": 2020, "ok": true}));
        assert_eq!(found[1].payload["year"], 1.5);
        assert_eq!(found[0].path.as_deref(), Some(path.as_path()));
        assert_ne!(found[0].stamp, found[1].stamp);
    }
}

#[test]
fn records_without_ids_are_numbered_under_their_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "sub/r.jsonl", "{\"text\":\"a\"}\n{\"text\":\"\"}\n{\"text\":\"b\"}\n");
    assert_eq!(ids(&documents(&[&path], &SourceParams::default())), ["r.jsonl#1", "r.jsonl#3"]);
    assert_eq!(ids(&documents(&[dir.path()], &SourceParams::default())), ["sub/r.jsonl#1", "sub/r.jsonl#3"]);
}

#[test]
fn a_beir_folder_is_its_corpus() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "corpus.jsonl.gz", gz(b"{\"_id\":\"d1\",\"title\":\"\",\"text\":\"x\"}\n"));
    put(dir.path(), "queries.jsonl", "{\"_id\":\"q\",\"text\":\"y\"}\n");
    assert_eq!(ids(&documents(&[dir.path()], &SourceParams::default())), ["d1"]);
}

#[test]
fn bad_records_stop_or_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "r.jsonl", "{\"text\":\"a\"}\nnot json\n[1]\n{\"text\":\"b\"}\n");
    let e = first_error(&path, &SourceParams::default());
    assert!(e.contains("r.jsonl:2: not JSON"), "{e}");
    let params = SourceParams { skip_errors: true, ..Default::default() };
    let all = items(&[&path], &params);
    assert_eq!(all.len(), 4);
    assert!(
        matches!(&all[2], Ok(Item::Skipped(s)) if s.why == SkipReason::BadRecord && s.detail.contains("expected a JSON object, found a list"))
    );
    let csv = put(dir.path(), "r.csv", "id,text\n1,a\n2\n3,c\n");
    assert!(first_error(&csv, &SourceParams::default()).contains("r.csv:3: 1 cells, expected 2"));
    assert_eq!(ids(&documents(&[&csv], &params)), ["1", "3"]);
}

#[test]
fn long_lines_and_unclosed_quotes_do_not_fill_memory() {
    let dir = tempfile::tempdir().unwrap();
    let params = SourceParams { max_record_bytes: 1000, ..Default::default() };
    let long = format!("{{\"text\":\"{}\"}}\n{{\"text\":\"b\"}}\n", "x".repeat(1 << 20));
    let path = put(dir.path(), "r.jsonl", long);
    let e = first_error(&path, &params);
    assert!(e.contains("r.jsonl:1: the line is longer than 1000 bytes"), "{e}");
    let skipping = SourceParams { skip_errors: true, ..params.clone() };
    assert_eq!(ids(&documents(&[&path], &skipping)), ["r.jsonl#1"]);
    let csv = put(dir.path(), "q.csv", format!("id,text\n1,\"open\n{}", "more\n".repeat(100_000)));
    let e = first_error(&csv, &params);
    assert!(e.contains("q.csv") && e.contains("1000 bytes"), "{e}");
}

#[test]
fn cut_archives_name_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let line = |i: u64| format!("{{\"text\":\"{}\"}}\n", vectory_core::rng::mix(i));
    let whole = gz((0..50_000).map(line).collect::<String>().as_bytes());
    let path = put(dir.path(), "r.jsonl.gz", &whole[..whole.len() / 2]);
    let e = first_error(&path, &SourceParams::default());
    assert!(e.contains("r.jsonl.gz: broken or cut gzip stream after") && e.contains("(line "), "{e}");
    let text = put(dir.path(), "t.txt.gz", &whole[..whole.len() / 2]);
    assert!(first_error(&text, &SourceParams::default()).contains("t.txt.gz: broken or cut gzip"));
}

#[test]
fn what_is_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let e = open(&["no/such/place".into()], &SourceParams::default()).err().unwrap().to_string();
    assert_eq!(e, "no/such/place: no such file or folder");
    let path = put(dir.path(), "r.csv", "a,b\n1,2\n");
    let e = first_error(&path, &SourceParams::default());
    assert!(e.contains("no column looks like text; name one with --text; its columns are `a`, `b`"), "{e}");
    let e = open(&[], &SourceParams { max_file_bytes: 0, ..Default::default() }).err().unwrap().to_string();
    assert!(e.contains("max_file_bytes"), "{e}");
    let bad = put(dir.path(), "r.parquet", "not parquet at all");
    assert!(first_error(&bad, &SourceParams::default()).contains("r.parquet"));
}

#[test]
fn headless_tables_are_read_by_number() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "news.csv", "3,\"A title\",\"A text\"\n4,B,C\n");
    let params = SourceParams { header: false, title: Some("2".into()), text: vec!["3".into()], ..Default::default() };
    let found = documents(&[&path], &params);
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].title.as_str(), found[0].text.as_str(), &found[0].payload["1"]),
        ("A title", "A text", &3.into())
    );
}

#[test]
fn stdin_is_records_or_lines_or_one_text() {
    let read = |text: &str, unit| -> Vec<Document> {
        let params = SourceParams { unit, ..Default::default() };
        let sources = open_input(Input::from_bytes("-", text.as_bytes().to_vec()), &params).unwrap();
        sources.filter_map(|i| if let Item::Document(d) = i.unwrap() { Some(d) } else { None }).collect()
    };
    let found = read("{\"id\": 5, \"text\": \"x\"}\n{\"id\": 6, \"text\": \"y\"}\n", Unit::Auto);
    assert_eq!(ids(&found), ["5", "6"]);
    let found = read("one\n\ntwo\n", Unit::Auto);
    assert_eq!(ids(&found), ["-#1", "-#3"]);
    assert_eq!(read("one\n\ntwo\n", Unit::File)[0].text, "one\n\ntwo\n");
    assert!(read("", Unit::Auto).is_empty());
}

#[test]
fn lines_of_a_given_file_can_be_documents() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "s.txt", "first\nsecond\n");
    let params = SourceParams { unit: Unit::Line, ..Default::default() };
    assert_eq!(ids(&documents(&[&path], &params)), ["s.txt#1", "s.txt#2"]);
    assert_eq!(ids(&documents(&[&path], &SourceParams::default())), ["s.txt"]);
}

#[test]
fn no_column_hides_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "r.csv", ",text,x,x\n0,a,1,2\n");
    let found = documents(&[&path], &SourceParams::default());
    assert_eq!(serde_json::Value::Object(found[0].payload.clone()), serde_json::json!({"1": 0, "x": 1, "x.4": 2}));
}

#[test]
fn all_bytes_are_done_with_in_the_end_whatever_was_read() {
    let dir = tempfile::tempdir().unwrap();
    fs_err::write(dir.path().join("a.txt"), "some text ".repeat(2000)).unwrap();
    fs_err::write(dir.path().join("b.bin"), [0u8, 1, 2, 3].repeat(300_000)).unwrap();
    fs_err::write(dir.path().join("c.jsonl"), "{\"text\": \"one\"}\n".repeat(50)).unwrap();
    fs_err::write(dir.path().join("d.txt"), "known already").unwrap();
    fs_err::write(dir.path().join("e.txt"), "too long ".repeat(4000)).unwrap();
    let seen = Seen(Arc::new(|id: &str, _: &str| id == "d.txt"));
    let params = SourceParams { max_file_bytes: 30_000, seen: Some(seen), ..SourceParams::default() };
    let specs = [SourceSpec::from(dir.path().to_path_buf())];
    let total = total_bytes(&specs, &params).unwrap().unwrap();
    let mut sources = open(&specs, &params).unwrap();
    let mut last = 0;
    while let Some(item) = sources.next() {
        item.unwrap();
        assert!(sources.bytes_read() >= last && sources.bytes_read() <= total);
        last = sources.bytes_read();
    }
    assert_eq!((sources.bytes_read(), sources.counts().documents), (total, 51));
    assert_eq!(total_bytes(&[SourceSpec::Stdin], &params).unwrap(), None);
}
