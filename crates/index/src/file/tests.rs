use proptest::prelude::*;

use super::*;

fn sample() -> IndexFile {
    let mut w = FileWriter::new("test", 3, serde_json::json!({"m": 16}));
    w.section("numbers", &(0..40_000u32).collect::<Vec<_>>());
    w.section("text", b"abc".as_slice());
    w.section::<u64>("empty", &[]);
    w.finish().unwrap()
}

#[test]
fn saved_is_opened_mapped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.idx");
    let memory = sample();
    memory.save(&path).unwrap();
    let mapped = IndexFile::open(&path, "test", 3, Verify::All).unwrap();
    assert!(mapped.is_mapped() && !memory.is_mapped());
    for file in [&memory, &mapped] {
        assert_eq!(file.get(file.region::<u32>("numbers").unwrap())[39_999], 39_999);
        assert_eq!(file.get(file.region::<u8>("text").unwrap()), b"abc");
        assert!(file.region::<u64>("empty").unwrap().is_empty());
        assert!(matches!(file.region::<u32>("text"), Err(FileError::Section { .. })));
        assert!(matches!(file.region::<u32>("none"), Err(FileError::Section { .. })));
        assert_eq!(file.params()["m"], 16);
    }
    assert!(matches!(IndexFile::open(&path, "other", 3, Verify::All), Err(FileError::Kind { .. })));
    assert!(matches!(IndexFile::open(&path, "test", 2, Verify::All), Err(FileError::Kind { .. })));
}

#[test]
fn a_flipped_bit_names_its_block() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.idx");
    sample().save(&path).unwrap();
    let mut bytes = fs_err::read(&path).unwrap();
    bytes[BLOCK + 1000] ^= 4;
    fs_err::write(&path, &bytes).unwrap();
    let message = IndexFile::open_any(&path, Verify::All).map(|_| ()).unwrap_err().to_string();
    assert!(message.contains("a.idx") && message.contains("block 1 "), "{message}");
    let late = IndexFile::open_any(&path, Verify::Header).unwrap();
    assert!(matches!(late.verify(), Err(FileError::Checksum { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damage_anywhere_is_refused(place in 0usize..161_000, bit in 0u8..8, cut in 0usize..161_000) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.idx");
        sample().save(&path).unwrap();
        let bytes = fs_err::read(&path).unwrap();
        let mut flipped = bytes.clone();
        let place = place % bytes.len();
        flipped[place] ^= 1 << bit;
        fs_err::write(&path, &flipped).unwrap();
        prop_assert!(IndexFile::open_any(&path, Verify::All).is_err(), "flip at {}", place);
        fs_err::write(&path, &bytes[..cut % bytes.len()]).unwrap();
        prop_assert!(IndexFile::open_any(&path, Verify::All).is_err());
    }
}
