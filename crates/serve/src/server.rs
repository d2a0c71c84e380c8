//! The only part that knows tokio: sockets, limits, waiting, ending.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{MatchedPath, Query, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::serve::{Listener, ListenerExt};
use serde_json::json;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::error::ApiError;
use crate::gate;
use crate::registry::RegistryError;
use crate::route::{Access, Call, Handler, Reply, Route, routes};
use crate::tls::{TlsError, TlsListener, renewed};

/// Why the server did not start, or ended.
#[derive(Debug, Error)]
pub enum ServeError {
    /// It must not listen there.
    #[error(
        "{0}: refusing to listen beyond this machine without a key; set --api-key (or VECTORY_API_KEY), or listen on 127.0.0.1"
    )]
    Unsafe(SocketAddr),
    /// The address cannot be listened on.
    #[error("{address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A collection cannot be opened.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The runtime cannot be started.
    #[error("cannot start the server's threads: {0}")]
    Runtime(std::io::Error),
}

/// Requests that are drained at the end get this long.
const DRAIN: Duration = Duration::from_secs(20);

/// What every request passes.
struct Shared {
    app: Arc<App>,
    workers: Arc<Semaphore>,
    /// Kilobytes of bodies that are read or worked on.
    bodies: Arc<Semaphore>,
    body_limit: usize,
    waiting: AtomicUsize,
}

/// Serves until `stop` says so (or for ever), then finishes what was begun and closes the collections. `ready` is told the
/// address once the server listens.
///
/// # Errors
/// [`ServeError`].
pub fn serve(
    app: Arc<App>,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    if !app.config.is_safe() {
        return Err(ServeError::Unsafe(app.config.address));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(app.config.limits.workers + 4)
        .enable_all()
        .build()
        .map_err(ServeError::Runtime)?;
    let result = runtime.block_on(run(Arc::clone(&app), ready, stop));
    app.jobs.close();
    runtime.shutdown_timeout(Duration::from_secs(1));
    app.registry.close();
    result
}

async fn run(
    app: Arc<App>,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let address = app.config.address;
    let listen = |source| ServeError::Listen { address, source };
    let tls = app.config.tls.clone().map(|files| files.load().map(|loaded| (files, loaded))).transpose()?;
    let listener = tokio::net::TcpListener::bind(address).await.map_err(listen)?;
    ready(listener.local_addr().unwrap_or(address));
    let Some((files, loaded)) = tls else {
        // Small answers are not to wait for more to send with them.
        return drained(app, listener.tap_io(|stream| _ = stream.set_nodelay(true)), stop).await.map_err(listen);
    };
    let current = Arc::new(RwLock::new(loaded));
    let listener = TlsListener::new(listener, Arc::clone(&current)).map_err(listen)?;
    tokio::select! {
        result = drained(app, listener, stop) => result.map_err(listen),
        () = renewed(files, current, log_line) => Ok(()),
    }
}

/// Answers what comes to the listener until `stop` says so, then ends what was begun.
async fn drained<L: Listener>(
    app: Arc<App>,
    listener: L,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()>
where
    L::Addr: std::fmt::Debug,
{
    let limits = app.config.limits;
    // A body becomes several times its size once it is read: under a limit, all of them together get a sixteenth.
    let all_bodies = app.config.memory.map_or(Semaphore::MAX_PERMITS, |m| (m as usize / 16) >> 10);
    let shared = Arc::new(Shared {
        app,
        workers: Arc::new(Semaphore::new(limits.workers)),
        bodies: Arc::new(Semaphore::new(all_bodies)),
        body_limit: limits.body.min(all_bodies.saturating_mul(1 << 10)),
        waiting: AtomicUsize::new(0),
    });
    let (ended, has_ended) = tokio::sync::oneshot::channel();
    let stop = async move {
        stop.await;
        let _ = ended.send(());
    };
    let server = axum::serve(listener, router(&shared)).with_graceful_shutdown(stop);
    let late = async {
        if has_ended.await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        result = server.into_future() => result,
        () = late => Ok(()),
    }
}

fn router(shared: &Arc<Shared>) -> Router {
    let mut by_path: HashMap<&'static str, MethodRouter<Arc<Shared>>> = HashMap::new();
    for route in routes() {
        let method = match route.method {
            "GET" => MethodFilter::GET,
            "PUT" => MethodFilter::PUT,
            "PATCH" => MethodFilter::PATCH,
            "DELETE" => MethodFilter::DELETE,
            _ => MethodFilter::POST,
        };
        let Route { access, handler, .. } = route;
        let endpoint = move |State(shared): State<Arc<Shared>>, params: RawPathParams, request: Request| async move {
            answer(shared, Endpoint { access, handler }, params, request).await
        };
        let entry = by_path.remove(route.path).unwrap_or_default();
        by_path.insert(route.path, entry.merge(on(method, endpoint)));
    }
    let mut router = Router::new();
    for (path, methods) in by_path {
        router = router.route(path, methods);
    }
    router.fallback(not_found).method_not_allowed_fallback(not_allowed).with_state(Arc::clone(shared))
}

async fn not_found(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let why = format!("there is no {} {}; see /openapi.json", request.method(), request.uri().path());
    let error = ApiError::missing(why);
    shared.app.metrics.count(request.method().as_str(), "(unknown)", 404, None, Duration::ZERO);
    failed(&error, request.uri().path(), 0.0)
}

async fn not_allowed(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    if request.method() == axum::http::Method::OPTIONS && origin.is_some() {
        let mut response = Response::new(Body::empty());
        allow_origin(&shared.app, origin.as_ref(), &mut response);
        let (methods, headers) =
            ("GET, POST, PUT, PATCH, DELETE", "content-type, api-key, authorization, x-request-id");
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(headers));
        return response;
    }
    let why = format!("{} is not answered at {}; see /openapi.json", request.method(), request.uri().path());
    failed(&ApiError::new(405, why), request.uri().path(), 0.0)
}

#[derive(Clone, Copy)]
struct Endpoint {
    access: Access,
    handler: Handler,
}

async fn answer(shared: Arc<Shared>, endpoint: Endpoint, params: RawPathParams, request: Request) -> Response {
    let start = Instant::now();
    let app = &shared.app;
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let matched = request.extensions().get::<MatchedPath>().map_or_else(|| path.clone(), |m| m.as_str().to_owned());
    let id = request_id(app, request.headers());
    let origin = request.headers().get(header::ORIGIN).cloned();
    let params: HashMap<String, String> = params.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let collection = params.get("collection").cloned();
    let wants_html =
        request.headers().get(header::ACCEPT).and_then(|a| a.to_str().ok()).is_some_and(|a| a.contains("text/html"));
    let query = Query::try_from_uri(request.uri()).map(|q| q.0).unwrap_or_default();
    let call = Call { params, query, body: Vec::new(), wants_html };
    let result = tokio::time::timeout(app.config.limits.timeout, work(&shared, endpoint, call, request)).await;
    let result = result.unwrap_or_else(|_| Err(ApiError::new(504, "Timeout: the request took too long")));
    let took = start.elapsed();
    let mut response = match result {
        Ok(reply) => replied(reply, took.as_secs_f64()).await,
        Err(e) => failed(&e, &path, took.as_secs_f64()),
    };
    let status = response.status().as_u16();
    let known = collection.as_deref().filter(|c| app.registry.get(c).is_ok());
    let kind = if endpoint.access == Access::Write { "write" } else { "read" };
    app.metrics.count(&method, &matched, status, known.map(|c| (c, kind)), took);
    if app.config.log {
        let line = json!({"id": id, "method": method, "path": path, "status": status, "seconds": took.as_secs_f64()});
        log_line(&line.to_string());
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    allow_origin(app, origin.as_ref(), &mut response);
    response
}

/// The key, the body, a place among the workers, then the handler on a thread of its own.
async fn work(shared: &Arc<Shared>, endpoint: Endpoint, mut call: Call, request: Request) -> Result<Reply, ApiError> {
    let limits = shared.app.config.limits;
    gate::check(&shared.app.config.keys, endpoint.access, key_of(request.headers()))?;
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|l| l.to_str().ok()).and_then(|l| l.parse().ok());
    let too_long = || {
        ApiError::new(
            413,
            format!(
                "the body is longer than {} bytes; send less at once, or start the server with a larger --max-body",
                shared.body_limit
            ),
        )
    };
    if length.is_some_and(|l: usize| l > shared.body_limit) {
        // Who sends a little too much is listened to the end, or would not hear why.
        if let Some(l) = length.filter(|l| *l <= shared.body_limit.saturating_mul(4)) {
            let _ = to_bytes(request.into_body(), l).await;
        }
        return Err(too_long());
    }
    if shared.waiting.fetch_add(1, Ordering::Relaxed) >= limits.workers + limits.queue {
        shared.waiting.fetch_sub(1, Ordering::Relaxed);
        return Err(ApiError::busy("too many requests wait; try again in a moment"));
    }
    let _waiting = Waiting(Arc::clone(shared));
    // A body of unknown length may be as long as any.
    let most = request.body().size_hint().upper().map_or(shared.body_limit, |u| u as usize);
    let kilobytes = u32::try_from(most >> 10).unwrap_or(u32::MAX);
    let stopping = |_| ApiError::busy("the server is stopping");
    let body = Arc::clone(&shared.bodies).acquire_many_owned(kilobytes).await.map_err(stopping)?;
    call.body = to_bytes(request.into_body(), shared.body_limit).await.map_err(|_| too_long())?.to_vec();
    let permit =
        Arc::clone(&shared.workers).acquire_owned().await.map_err(|_| ApiError::busy("the server is stopping"))?;
    let app = Arc::clone(&shared.app);
    let done = tokio::task::spawn_blocking(move || {
        let _permits = (permit, body);
        (endpoint.handler)(&app, &call)
    });
    done.await.unwrap_or_else(|_| {
        Err(ApiError::new(500, "Service internal error: the request's thread failed; this is a bug"))
    })
}

/// Counts a request among those that wait until it is dropped.
struct Waiting(Arc<Shared>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn key_of(headers: &HeaderMap) -> Option<&str> {
    if let Some(key) = headers.get("api-key") {
        return key.to_str().ok();
    }
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// The caller's own, where it is plain; else one of ours.
fn request_id(app: &App, headers: &HeaderMap) -> String {
    let plain = |id: &&str| id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let given = headers.get("x-request-id").and_then(|h| h.to_str().ok()).filter(plain);
    given.map_or_else(|| format!("r{:08x}", app.counter.fetch_add(1, Ordering::Relaxed)), str::to_owned)
}

fn allow_origin(app: &App, origin: Option<&HeaderValue>, response: &mut Response) {
    let allowed = |o: &&HeaderValue| app.config.origins.iter().any(|a| a == "*" || o.to_str().is_ok_and(|o| o == a));
    if let Some(origin) = origin.filter(allowed) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    }
}

async fn replied(reply: Reply, seconds: f64) -> Response {
    match reply {
        Reply::Result(result) => json_response(200, &json!({"result": result, "status": "ok", "time": seconds})),
        Reply::Json(value) => json_response(200, &value),
        Reply::Text(kind, text) => bytes(200, kind, text.into_bytes()),
        Reply::Bytes(kind, body) => bytes(200, kind, body),
        Reply::File(path) => match tokio::fs::read(&path).await {
            Ok(body) => bytes(200, "application/octet-stream", body),
            Err(e) => failed(&ApiError::missing(format!("{}: {e}", path.display())), "", seconds),
        },
    }
}

fn failed(error: &ApiError, path: &str, seconds: f64) -> Response {
    let mut response = json_response(error.status, &error.body(path, seconds));
    if let Some(after) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after));
    }
    if error.status == 401 {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn json_response(status: u16, value: &serde_json::Value) -> Response {
    bytes(status, "application/json", value.to_string().into_bytes())
}

fn bytes(status: u16, kind: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if kind.starts_with("text/html") {
        let policy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'";
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    response
}

/// The server's log; the binary's stderr.
fn log_line(line: &str) {
    use std::io::Write;
    // Nobody to tell when even that fails.
    let _ = writeln!(std::io::stderr(), "{line}");
}
