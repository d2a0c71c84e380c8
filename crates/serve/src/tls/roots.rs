//! Whom a client trusts.

use std::path::Path;

use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use super::files::certificates;
use super::{TlsError, provider};

/// Trust in the authorities of a file, or in the system's. There may be none where nothing is `certain` to speak TLS.
///
/// Every client gets one: a proxy may speak TLS where the server does not, and the HTTP library panics without a provider.
pub(crate) fn config(ca: Option<&Path>, certain: bool) -> Result<TlsConfig, TlsError> {
    let roots = match ca {
        Some(path) => certificates(path)?,
        None => {
            let found = rustls_native_certs::load_native_certs();
            if found.certs.is_empty() && certain {
                let why = found.errors.first().map_or_else(|| "none was found".to_owned(), ToString::to_string);
                return Err(TlsError::NoRoots(why));
            }
            found.certs
        }
    };
    let roots = roots.iter().map(|c| Certificate::from_der(c).to_owned()).collect::<Vec<_>>();
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::from(roots))
        .unversioned_rustls_crypto_provider(provider())
        .build())
}
