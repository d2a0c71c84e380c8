//! Connections that have been greeted.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::TlsFiles;

/// The longest that a greeting may take.
const GREETING: Duration = Duration::from_secs(10);
/// Connections that are greeted at once; more wait in the system's queue.
const AT_ONCE: usize = 256;
/// How long to wait where the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// What new connections are greeted with.
pub(crate) type Current = Arc<RwLock<Arc<ServerConfig>>>;

type Greeted = (TlsStream<TcpStream>, SocketAddr);

/// Hands out connections whose handshake is done.
pub(crate) struct TlsListener {
    greeted: mpsc::Receiver<Greeted>,
    address: SocketAddr,
}

impl TlsListener {
    /// Greets what comes to `listener` with what is current then.
    pub fn new(listener: TcpListener, current: Current) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, greeted) = mpsc::channel(AT_ONCE);
        tokio::spawn(accept(listener, current, sender));
        Ok(Self { greeted, address })
    }
}

/// Accepts until nobody wants connections any more.
async fn accept(listener: TcpListener, current: Current, sender: mpsc::Sender<Greeted>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = sender.closed() => return,
        };
        let Ok((stream, address)) = accepted else {
            // Too many open files, or a connection that went at once.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let acceptor = TlsAcceptor::from(Arc::clone(&current.read().unwrap_or_else(PoisonError::into_inner)));
        let sender = sender.clone();
        tokio::spawn(async move {
            let _place = place;
            // Small answers are not to wait for more to send with them.
            let _ = stream.set_nodelay(true);
            // Who does not speak TLS is told so by its alert, and let go.
            if let Ok(Ok(stream)) = tokio::time::timeout(GREETING, acceptor.accept(stream)).await {
                let _ = sender.send((stream, address)).await;
            }
        });
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Greeted {
        match self.greeted.recv().await {
            Some(greeted) => greeted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Reads the files again at every SIGHUP; `tell` hears what became of it. Never ends.
#[cfg(unix)]
pub(crate) async fn renewed(files: TlsFiles, current: Current, tell: impl Fn(&str)) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut asked) = signal(SignalKind::hangup()) else { return std::future::pending().await };
    while asked.recv().await.is_some() {
        match files.load() {
            Ok(config) => {
                *current.write().unwrap_or_else(PoisonError::into_inner) = config;
                tell("certificates read again");
            }
            Err(e) => tell(&format!("the old certificates stay in use: {e}")),
        }
    }
}

/// Where there is no such signal, certificates stay as they are.
#[cfg(not(unix))]
pub(crate) async fn renewed(_: TlsFiles, _: Current, _: impl Fn(&str)) {
    std::future::pending().await
}
