//! `vectory serve`: spaces over HTTP.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::output::Failure;
use super::{Global, encoders};
use crate::core::Context;
use crate::serve::{App, Keys, Limits, ServeConfig, TlsFiles};

#[derive(Args)]
#[command(after_help = "Examples:
  vectory serve notes.space                        # http://127.0.0.1:6333
  vectory serve --dir collections --port 6333      # clients make collections
  VECTORY_API_KEY=… vectory serve --dir c --host 0.0.0.0 --tls-cert chain.pem --tls-key key.pem

What was acknowledged is on disk. Ctrl-C finishes what was begun, for 20 seconds at most.")]
pub(super) struct ServeArgs {
    /// Spaces to serve
    #[arg(value_name = "X.space")]
    spaces: Vec<PathBuf>,
    /// A folder of collections that clients may add to (default: `collections`, when no space is given)
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where to listen; elsewhere than on this machine only with a key
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    host: IpAddr,
    /// Port (0: any that is free)
    #[arg(short, long, default_value_t = 6333)]
    port: u16,
    /// Key that may do everything
    #[arg(long, env = "VECTORY_API_KEY", hide_env_values = true, value_name = "KEY")]
    api_key: Option<String>,
    /// Key that may only read
    #[arg(long, env = "VECTORY_READ_KEY", hide_env_values = true, value_name = "KEY")]
    read_key: Option<String>,
    /// Speak TLS: the certificate and those above it, as PEM (read again at SIGHUP)
    #[arg(long, value_name = "F.pem", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert, as PEM
    #[arg(long, value_name = "F.pem", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Largest body of a request, in megabytes
    #[arg(long, default_value_t = 64, value_name = "MB")]
    max_body: usize,
    /// Longest time of a request, in seconds
    #[arg(long, default_value_t = 60, value_name = "S")]
    timeout: u64,
    /// Requests that are worked on at once
    #[arg(long, default_value_t = 32, value_name = "N")]
    workers: usize,
    /// Requests that may wait; more are told to come back
    #[arg(long, default_value_t = 512, value_name = "N")]
    queue: usize,
    /// Web origins that may call from a browser (repeatable; `*`: all)
    #[arg(long, value_name = "ORIGIN")]
    cors: Vec<String>,
    /// Most memory that the server takes for itself, in megabytes, shared out among its collections (files that are mapped are not
    /// counted)
    #[arg(long, value_name = "MB")]
    max_memory: Option<u64>,
    /// A line of JSON on stderr for every request
    #[arg(long)]
    log: bool,
}

impl ServeArgs {
    fn tls(&self) -> Option<TlsFiles> {
        Some(TlsFiles { cert: self.tls_cert.clone()?, key: self.tls_key.clone()? })
    }

    fn config(&self) -> ServeConfig {
        let none = self.spaces.is_empty() && self.dir.is_none();
        ServeConfig {
            address: SocketAddr::new(self.host, self.port),
            folder: if none { Some("collections".into()) } else { self.dir.clone() },
            spaces: self.spaces.clone(),
            keys: Keys {
                full: self.api_key.clone().filter(|k| !k.is_empty()),
                read: self.read_key.clone().filter(|k| !k.is_empty()),
            },
            tls: self.tls(),
            limits: Limits {
                body: self.max_body << 20,
                workers: self.workers.max(1),
                queue: self.queue,
                timeout: Duration::from_secs(self.timeout.max(1)),
                ..Limits::default()
            },
            origins: self.cors.clone(),
            log: self.log,
            memory: self.max_memory.map(|mb| mb.saturating_mul(1 << 20)),
        }
    }
}

pub(super) fn run(args: &ServeArgs, g: &Global) -> Result<(), Failure> {
    // Not the context of other commands: Ctrl-C is to finish what was begun, not to break it off.
    let ctx = Context::new(g.seed, g.threads).map_err(|e| Failure::failed(format!("cannot start threads: {e}")))?;
    super::build::writer_params(args.max_memory, 1)?;
    let config = args.config();
    if !config.is_safe() {
        return Err(Failure::usage(crate::serve::ServeError::Unsafe(config.address)));
    }
    if let Some(tls) = &config.tls {
        // Before collections are opened: what is wrong here is said at once.
        tls.load().map_err(Failure::usage)?;
    }
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let app = Arc::new(App::open(config, encoders(), ctx)?);
    let (names, quiet) = (app.registry().names(), g.quiet);
    let ready = move |address: SocketAddr| {
        if !quiet {
            let what = if names.is_empty() { "no collections yet".to_owned() } else { names.join(", ") };
            eprintln!("{scheme}://{address}  {what}");
        }
    };
    Ok(crate::serve::serve(app, ready, crate::serve::interrupted())?)
}
