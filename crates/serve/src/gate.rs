//! Who may come in: keys.

use crate::config::Keys;
use crate::error::ApiError;
use crate::route::Access;

/// Whether a key that was sent (or none) opens a route.
pub(crate) fn check(keys: &Keys, access: Access, sent: Option<&str>) -> Result<(), ApiError> {
    if access == Access::Open || (keys.full.is_none() && keys.read.is_none()) {
        return Ok(());
    }
    let sent = sent.unwrap_or_default();
    // Both are compared, whatever the first says: time must tell nothing.
    let full = keys.full.as_deref().is_some_and(|k| same(k, sent));
    let read = keys.read.as_deref().is_some_and(|k| same(k, sent));
    match access {
        _ if full => Ok(()),
        Access::Read if read => Ok(()),
        Access::Write if read => Err(ApiError::new(403, "Forbidden: this key may only read")),
        _ if sent.is_empty() => {
            Err(ApiError::new(401, "Must provide an API key: header `api-key`, or `Authorization: Bearer …`"))
        }
        _ => Err(ApiError::new(401, "Invalid API key")),
    }
}

/// Equality in a time that depends on the length of what was sent alone.
fn same(key: &str, sent: &str) -> bool {
    let key = key.as_bytes();
    let mut differs = key.len() ^ sent.len();
    for (i, b) in sent.bytes().enumerate() {
        differs |= usize::from(b ^ key[i % key.len().max(1)]);
    }
    differs == 0 && !key.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_opens_what_it_may() {
        let keys = Keys { full: Some("full".into()), read: Some("read".into()) };
        let status = |access, sent| check(&keys, access, sent).map_err(|e| e.status);
        assert_eq!(status(Access::Open, None), Ok(()));
        assert_eq!(status(Access::Read, None), Err(401));
        assert_eq!(status(Access::Read, Some("read")), Ok(()));
        assert_eq!(status(Access::Write, Some("read")), Err(403));
        assert_eq!(status(Access::Write, Some("full")), Ok(()));
        assert_eq!(status(Access::Write, Some("ful")), Err(401));
        assert_eq!(status(Access::Read, Some("fullfull")), Err(401));
        assert!(check(&Keys::default(), Access::Write, None).is_ok());
        let only = Keys { full: None, read: Some("read".into()) };
        assert_eq!(check(&only, Access::Write, Some("read")).unwrap_err().status, 403);
        assert!(check(&only, Access::Write, Some("")).is_err());
    }
}
