//! Requests without sockets: for programs that hold the server inside themselves, and for fuzzing.

use std::collections::HashMap;

use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, routes};

impl App {
    /// Answers a request as the server would, without its limits, keys and metrics: the status, and the JSON or text. The
    /// path has no query string; files to download answer with nothing.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, String) {
        let found = routes().into_iter().filter(|r| r.method == method);
        let found =
            found.filter_map(|r| Some((r.handler, matched(r.path, path)?))).min_by_key(|(_, params)| params.len());
        let Some((handler, params)) = found else { return (404, String::new()) };
        let call = Call { params, query: HashMap::new(), body: body.to_vec(), wants_html: false };
        match handler(self, &call) {
            Ok(Reply::Result(value) | Reply::Json(value)) => (200, value.to_string()),
            Ok(Reply::Text(_, text)) => (200, text),
            Ok(Reply::File(_) | Reply::Bytes(..)) => (200, String::new()),
            Err(ApiError { status, message, .. }) => (status, message),
        }
    }
}

/// What stands in the places of `{name}`, if the path has the template's form.
fn matched(template: &str, path: &str) -> Option<HashMap<String, String>> {
    let (mut expected, mut given) = (template.split('/'), path.split('/'));
    let mut params = HashMap::new();
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(e), Some(g)) => match e.strip_prefix('{').and_then(|e| e.strip_suffix('}')) {
                Some(name) => _ = params.insert(name.to_owned(), g.to_owned()),
                None if e == g => {}
                None => return None,
            },
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matched;

    #[test]
    fn a_path_fits_its_template_alone() {
        let params = matched("/collections/{collection}/points/{id}", "/collections/a/points/7").unwrap();
        assert_eq!((params["collection"].as_str(), params["id"].as_str()), ("a", "7"));
        assert!(matched("/collections/{collection}", "/collections/a/points").is_none());
        assert!(matched("/collections/{collection}", "/aliases/a").is_none());
    }
}
