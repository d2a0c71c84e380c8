//! Ids as keys of a table: whole numbers first, and by size.

use std::borrow::Cow;

use redb::ReadableTable;

use crate::point::number;
use crate::store::StoreError;

/// The key of an id. Whole numbers come first and by size: a NUL, a letter for the number of digits, the digits.
pub(super) fn key_of(id: &str) -> Cow<'_, str> {
    if number(id).is_some() {
        return Cow::Owned(format!("\0{}{id}", char::from(b'a' + id.len() as u8)));
    }
    if id.starts_with('\0') { Cow::Owned(format!("\0\0{id}")) } else { Cow::Borrowed(id) }
}

pub(super) fn id_of(key: &str) -> &str {
    key.strip_prefix('\0').and_then(|k| k.get(1..)).unwrap_or(key)
}

/// The number of an id; `spelled`: whether whole numbers may be there as they are spelled.
pub(super) fn find(
    ids: &impl ReadableTable<&'static str, u32>,
    id: &str,
    spelled: bool,
) -> Result<Option<u32>, StoreError> {
    let key = key_of(id);
    if let Some(number) = ids.get(&*key)? {
        return Ok(Some(number.value()));
    }
    Ok(if key == id || !spelled { None } else { ids.get(id)?.map(|n| n.value()) })
}

/// Whether keys begin with a digit: spaces of before keep whole numbers as they are spelled.
pub(super) fn has_spelled(ids: &impl ReadableTable<&'static str, u32>) -> Result<bool, StoreError> {
    Ok(ids.range("0"..":")?.next().transpose()?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_ordered_by_size_before_other_ids() {
        let mut ids = ["b", "10", "9", "a", "", "\0x", "18446744073709551615", "0", "007", "100"];
        ids.sort_by_key(|id| key_of(id).into_owned());
        let at = |id: &str| ids.iter().position(|i| *i == id).unwrap();
        assert!(
            at("0") < at("9") && at("9") < at("10") && at("10") < at("100") && at("100") < at("18446744073709551615")
        );
        assert!(at("18446744073709551615") < at("007") && at("007") < at("a"));
        assert!(ids.iter().all(|id| id_of(&key_of(id)) == *id));
    }
}
