//! Bodies to the server: the first byte chooses the route, the rest is the body.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use vectory_core::{Context, Encode, EncodeError, Metric, Vectors};
use vectory_serve::{App, ServeConfig, openapi_document};
use vectory_space::EncoderProvider;

/// Counts a text's bytes by their last two bits: a model of four dimensions that never fails.
struct Bytes;

impl Encode for Bytes {
    fn name(&self) -> &str {
        "bytes"
    }

    fn dim(&self) -> usize {
        4
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        "bytes".into()
    }

    fn encode(&self, texts: &[&str], _: &Context) -> Result<Vectors, EncodeError> {
        let mut rows = Vectors::zeros(texts.len(), 4);
        for (i, text) in texts.iter().enumerate() {
            text.bytes().for_each(|b| rows.row_mut(i)[usize::from(b & 3)] += 1.0);
        }
        Ok(rows)
    }
}

/// Has one model under every name.
pub struct OneEncoder;

impl EncoderProvider for OneEncoder {
    fn open(&self, _: &str, _: &Path) -> Result<Arc<dyn Encode>, String> {
        Ok(Arc::new(Bytes))
    }
}

/// A collection of a few points with named views and a payload.
pub fn collection(app: &App) {
    let shape = r#"{"vectors":{"a":{"size":4,"distance":"Cosine"},"b":{"size":2,"distance":"Euclid","multivector_config":{"comparator":"max_sim"}}},"sparse_vectors":{"s":{}}}"#;
    assert_eq!(app.ask("PUT", "/collections/c", shape.as_bytes()).0, 200);
    let points = r#"{"points":[{"id":1,"vector":{"a":[1,2,3,4],"b":[[1,2],[3,4]],"s":{"indices":[1,7],"values":[0.5,2]}},"payload":{"n":1,"t":"one two","g":{"lat":1.5,"lon":2},"l":[{"x":1}]}},{"id":2,"vector":{"a":[4,3,2,1]},"payload":{"n":2.5,"t":"two"}},{"id":"550e8400-e29b-41d4-a716-446655440000","vector":{"a":[0,0,1,1]}}]}"#;
    let (status, said) = app.ask("PUT", "/collections/c/points", points.as_bytes());
    assert_eq!(status, 200, "{said}");
}

struct Server {
    app: App,
    routes: Vec<(String, String)>,
    asked: usize,
    _folder: tempfile::TempDir,
}

fn start() -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = ServeConfig::local(0);
    config.folder = Some(folder.path().to_owned());
    let ctx = Context::new(1, 1).expect("a context");
    let app = App::open(config, Arc::new(OneEncoder), ctx).expect("an empty folder opens");
    let document = openapi_document();
    let paths = document["paths"].as_object().expect("paths");
    let routes = paths.iter().flat_map(|(path, methods)| {
        let path = path.replace("{collection}", "c").replace("{id}", "1");
        let methods = methods.as_object().expect("methods").keys().map(|m| m.to_uppercase());
        methods.map(move |m| (m, path.clone())).collect::<Vec<_>>()
    });
    let routes = routes.collect();
    collection(&app);
    Server { app, routes, asked: 0, _folder: folder }
}

/// Sends the bytes behind the first to the route that the first names; an answer of 500 is a finding.
pub fn http_body(bytes: &[u8]) {
    thread_local!(static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) });
    let Some((&which, body)) = bytes.split_first() else { return };
    SERVER.with_borrow_mut(|slot| {
        // What was written piles up: from time to time a fresh folder.
        if slot.as_ref().is_none_or(|s| s.asked > 2000) {
            *slot = Some(start());
        }
        let Some(server) = slot else { return };
        server.asked += 1;
        let (method, path) = &server.routes[which as usize % server.routes.len()];
        let (status, said) = server.app.ask(method, path, body);
        assert!(status != 500, "{method} {path}: {said}");
        if server.app.ask("GET", "/collections/c", b"").0 == 404 {
            collection(&server.app);
        }
    });
}
