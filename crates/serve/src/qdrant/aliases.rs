//! Other names for collections: a switch without a change at the clients.

use std::collections::BTreeMap;

use serde_json::json;
use vectory_space::json::At;

use crate::app::App;
use crate::error::ApiError;
use crate::route::{Call, Reply, with_body};

enum Action {
    Create { alias: String, collection: String },
    Delete(String),
    Rename { from: String, to: String },
}

pub(super) fn change(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let actions = with_body(call, |at| {
        at.only(&["actions"])?;
        at.need("actions")?.list()?.iter().map(action).collect::<Result<Vec<_>, ApiError>>()
    })?;
    // Checked in order against what they would make of the aliases, then made at once.
    let mut aliases = app.registry.aliases();
    for action in &actions {
        apply(app, &mut aliases, action)?;
    }
    app.registry.change_aliases(|now| *now = aliases)?;
    Ok(Reply::Result(json!(true)))
}

fn action(at: &At<'_>) -> Result<Action, ApiError> {
    let text = |at: &At<'_>, key: &str| Ok::<_, ApiError>(at.need(key)?.text()?.to_owned());
    if let Some(create) = at.get("create_alias") {
        return Ok(Action::Create {
            alias: text(&create, "alias_name")?,
            collection: text(&create, "collection_name")?,
        });
    }
    if let Some(delete) = at.get("delete_alias") {
        return Ok(Action::Delete(text(&delete, "alias_name")?));
    }
    match at.get("rename_alias") {
        Some(r) => Ok(Action::Rename { from: text(&r, "old_alias_name")?, to: text(&r, "new_alias_name")? }),
        None => Err(at.error("expected create_alias, delete_alias or rename_alias").into()),
    }
}

fn apply(app: &App, aliases: &mut BTreeMap<String, String>, action: &Action) -> Result<(), ApiError> {
    let names = app.registry.names();
    let free = |alias: &str| match names.iter().any(|n| n == alias) {
        true => Err(ApiError::new(409, format!("Wrong input: `{alias}` is the name of a collection"))),
        false => Ok(()),
    };
    match action {
        Action::Create { alias, collection } => {
            free(alias)?;
            if !names.contains(collection) {
                return Err(ApiError::missing(format!("Not found: Collection `{collection}` doesn't exist!")));
            }
            aliases.insert(alias.clone(), collection.clone());
        }
        Action::Delete(alias) => _ = aliases.remove(alias),
        Action::Rename { from, to } => {
            free(to)?;
            let target = aliases
                .remove(from)
                .ok_or_else(|| ApiError::missing(format!("Not found: there is no alias `{from}`")))?;
            aliases.insert(to.clone(), target);
        }
    }
    Ok(())
}

pub(super) fn all(app: &App, _: &Call) -> Result<Reply, ApiError> {
    Ok(shown(app, |_| true))
}

pub(super) fn of_collection(app: &App, call: &Call) -> Result<Reply, ApiError> {
    call.collection(app)?;
    Ok(shown(app, |collection| collection == call.param("collection")))
}

fn shown(app: &App, wanted: impl Fn(&str) -> bool) -> Reply {
    let aliases = app.registry.aliases();
    let list: Vec<_> = aliases
        .iter()
        .filter(|(_, c)| wanted(c))
        .map(|(alias, collection)| json!({"alias_name": alias, "collection_name": collection}))
        .collect();
    Reply::Result(json!({"aliases": list}))
}
