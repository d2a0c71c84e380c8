//! `vectory search http://host:6333/collection "…"`: a question to a server. One of ours answers with all its views; any other that
//! speaks the Qdrant REST API is asked with the vector that our encoder makes.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::output::{self, Failure};
use super::search::SearchArgs;
use super::{Global, encoders};
use crate::serve::{Client, ClientError};
use crate::space::EncoderProvider;

/// How a server is spoken to.
#[derive(Args)]
pub(super) struct RemoteArgs {
    /// Key of the server
    #[arg(long, env = "VECTORY_API_KEY", hide_env_values = true, value_name = "KEY")]
    api_key: Option<String>,
    /// Of an https server: trust the authorities in this PEM file (default: the system's)
    #[arg(long, value_name = "F.pem")]
    ca_cert: Option<PathBuf>,
}

impl RemoteArgs {
    /// A client of the server at that address.
    pub(super) fn client(&self, url: &str) -> Result<Client, Failure> {
        let key = self.api_key.clone().filter(|k| !k.is_empty());
        Client::new(url, key, self.ca_cert.as_deref()).map_err(Failure::usage)
    }
}

/// The server and the collection of an address.
pub(super) fn parts(target: &str) -> Option<(&str, &str)> {
    let (url, name) = target.trim_end_matches('/').rsplit_once('/')?;
    (target.contains("://") && !url.ends_with('/')).then_some((url, name))
}

pub(super) fn run(args: &SearchArgs, url: &str, name: &str, g: &Global) -> Result<(), Failure> {
    let client = args.remote.client(url)?;
    let path = format!("/collections/{name}");
    let mut body = json!({"query": args.query, "k": args.k, "explain": args.explain});
    if let Some(view) = &args.view {
        body["views"] = json!([view]);
    }
    if let Some(filter) = &args.filter {
        body["filter"] = json!(filter);
    }
    let answer = match client.ask("POST", &format!("{path}/search"), Some(&body)) {
        // Another server does not know this route; ours says which collection is missing.
        Err(ClientError::Refused { status: 404, message, .. }) if !message.contains(name) || message.is_empty() => {
            by_vector(&client, &path, args, g)?
        }
        other => other?,
    };
    if g.json {
        return output::json(&answer);
    }
    let hits = answer["hits"].as_array().cloned().unwrap_or_default();
    let lines: Vec<String> = hits.iter().enumerate().map(|(i, hit)| shown(i + 1, hit)).collect();
    output::print(&if lines.is_empty() { "no hits".to_owned() } else { lines.join("\n") })
}

fn by_vector(client: &Client, path: &str, args: &SearchArgs, g: &Global) -> Result<Value, Failure> {
    if args.filter.is_some() {
        return Err(Failure::usage("--filter is understood by our own server only"));
    }
    let encoder = encoders().open("default", std::path::Path::new(".")).map_err(Failure::failed)?;
    let rows = encoder.encode_queries(&[args.query.as_str()], &g.context()?)?;
    let mut body = json!({"query": rows.row(0), "limit": args.k, "with_payload": true});
    if let Some(view) = &args.view {
        body["using"] = json!(view);
    }
    let found = client.ask("POST", &format!("{path}/points/query"), Some(&body))?;
    Ok(json!({"hits": found["points"]}))
}

/// Place, title or id, score; then the snippet, the text, or the payload.
fn shown(place: usize, hit: &Value) -> String {
    let text = |v: &Value| v.as_str().map(str::to_owned).filter(|t| !t.is_empty());
    let id = text(&hit["id"]).unwrap_or_else(|| hit["id"].to_string());
    let title = text(&hit["title"]).unwrap_or_else(|| id.clone());
    let body = text(&hit["snippet"]["text"])
        .or_else(|| text(&hit["payload"]["text"]))
        .unwrap_or_else(|| hit["payload"].to_string());
    let body: String = body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(240).collect();
    format!("{place:>2}. {title}  {:.3}\n    {id}\n    {body}\n", hit["score"].as_f64().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_server_and_a_collection() {
        assert_eq!(parts("http://h:6333/notes"), Some(("http://h:6333", "notes")));
        assert_eq!(parts("http://h:6333/notes/"), Some(("http://h:6333", "notes")));
        assert_eq!(parts("http://h:6333"), None);
        assert_eq!(parts("folder/notes.space"), None);
    }
}
