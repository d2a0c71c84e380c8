use serde_json::json;

use super::*;

fn head() -> Head {
    let view = |name: &str, shape| ViewHead { name: name.into(), shape };
    let views =
        vec![view("", Shape::Dense { dim: 3 }), view("a b", Shape::Multi { dim: 2 }), view("terms", Shape::Sparse)];
    Head::new(views, json!({"made": "here"}))
}

fn items() -> Vec<Item> {
    let whole = Item {
        id: "x/1".into(),
        title: "T".into(),
        path: Some("f.md".into()),
        heading: "H".into(),
        range: 3..9,
        text: "some text\n".into(),
        origin: ["/docs".into(), String::new(), "00ff".into()],
        payload: json!({"n": 1, "deep": {"a": [null, "é"]}}).as_object().cloned().unwrap(),
        vectors: vec![
            Cell::Rows(vec![0.1, -2.0, f32::MIN_POSITIVE]),
            Cell::Rows(vec![1.0, 2.0, 3.0, 4.0]),
            Cell::Weights(vec![7, 1_000_000], vec![0.3, 1e-9]),
        ],
        ..Item::default()
    };
    let bare = Item { id: "0".into(), vectors: vec![Cell::Nothing; 3], ..Item::default() };
    let second = Item {
        part: 1,
        vectors: vec![Cell::Rows(vec![5.0; 3]), Cell::Rows(vec![6.0; 2]), Cell::Nothing],
        ..whole.clone()
    };
    vec![whole, second, bare]
}

fn write(path: &Path, items: &[Item]) {
    let mut writer = create(path, head()).unwrap();
    items.chunks(2).for_each(|c| writer.write(c).unwrap());
    assert_eq!(writer.finish().unwrap(), items.len() as u64);
}

fn read(path: &Path, step: usize) -> Result<Vec<Item>, ItemError> {
    let mut reader = open(path)?;
    assert_eq!(*reader.head(), head());
    let mut all = Vec::new();
    loop {
        let some = reader.read(step)?;
        if some.is_empty() {
            return Ok(all);
        }
        all.extend(some);
    }
}

#[test]
fn both_forms_give_back_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["t.parquet", "folder"] {
        let path = dir.path().join(name);
        write(&path, &items());
        for step in [1, 2, 100] {
            assert_eq!(read(&path, step).unwrap(), items(), "{name}, {step}");
        }
        let empty = dir.path().join(format!("empty-{name}"));
        write(&empty, &[]);
        assert!(read(&empty, 10).unwrap().is_empty());
    }
    assert!(dir.path().join("folder/vectors.npy").exists() && dir.path().join("folder/a%20b.npy").exists());
    assert!(matches!(create(&dir.path().join("folder"), head()), Err(ItemError::Exists { .. })));
}

#[test]
fn what_does_not_agree_is_said_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("e");
    write(&path, &items());
    let lines = fs_err::read_to_string(path.join("items.jsonl")).unwrap();
    let without_last: String = lines.lines().take(1).map(|l| format!("{l}\n")).collect();
    for (text, part) in [
        (format!("{lines}{{\"id\": \"more\"}}\n"), "fewer rows"),
        (without_last, "more rows"),
        ("nonsense\n".into(), "line 1"),
    ] {
        fs_err::write(path.join("items.jsonl"), text).unwrap();
        let err = read(&path, 10).unwrap_err().to_string();
        assert!(err.contains(part), "{err}");
    }
    let newer = json!({"format": 9, "views": [], "about": null}).to_string();
    fs_err::write(path.join("export.json"), newer).unwrap();
    assert!(open(&path).err().unwrap().to_string().contains("form 9"));
    fs_err::remove_file(path.join("export.json")).unwrap();
    assert!(matches!(open(&path), Err(ItemError::Foreign { .. })));
}

#[test]
fn records_of_others_are_read_without_their_vectors() {
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("t.parquet");
    write(&table, &items());
    let mut all = records(&table).unwrap();
    let first = all.next_record().unwrap().unwrap();
    assert_eq!((first["id"].as_str(), first["part"].as_u64()), (Some("x/1"), Some(0)));
    assert!(!first.contains_key("vector"));
    assert!(all.next_record().unwrap().is_some() && all.next_record().unwrap().is_some());
    assert!(all.next_record().unwrap().is_none());
    let lines = dir.path().join("t.jsonl");
    fs_err::write(&lines, "{\"a\": 1}\n[]\n").unwrap();
    let mut all = records(&lines).unwrap();
    assert_eq!(all.next_record().unwrap().unwrap()["a"], 1);
    assert!(all.next_record().unwrap_err().to_string().contains("record 2"));
}

#[test]
fn any_name_makes_a_file_name() {
    assert_eq!(stem("meaning-2"), "meaning-2");
    assert_eq!(stem(""), "%");
    assert_eq!(stem("a/../b é"), "a%2f%2e%2e%2fb%20%c3%a9");
}
