//! `vectory methods`: every published method and where it lives here.

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::methods;

#[derive(Args)]
pub(super) struct MethodsArgs {
    /// Only the methods at home here (inspect, index, words, …)
    #[arg(long, value_name = "HOME")]
    home: Option<String>,
    /// Only those that are built
    #[arg(long)]
    built: bool,
    /// As a Markdown table (the README's coverage table is made by this)
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(args: &MethodsArgs, g: &Global) -> Result<(), Failure> {
    let mut all = methods::all();
    if let Some(home) = &args.home {
        if !all.iter().any(|e| e.home == home) {
            let mut homes: Vec<_> = all.iter().map(|e| e.home).collect();
            homes.sort_unstable();
            homes.dedup();
            return Err(Failure::usage(format!("no method is at home in `{home}` (homes: {})", homes.join(", "))));
        }
        all.retain(|e| e.home == home);
    }
    if args.built {
        all.retain(|e| e.status == "built");
    }
    if g.json {
        return output::json(&all);
    }
    if args.markdown {
        return output::print(&markdown(&all));
    }
    let head = ["id", "home", "kind", "status", "name", "command"].map(str::to_owned).to_vec();
    let rows = all
        .iter()
        .map(|e| [e.id, e.home, e.kind, e.status, e.name, e.command.unwrap_or("")].map(str::to_owned).to_vec());
    output::print(output::table(&std::iter::once(head).chain(rows).collect::<Vec<_>>(), &[]).trim_end())?;
    let built = all.iter().filter(|e| e.status == "built").count();
    output::print(&format!("\n{built} of {} built", all.len()))
}

fn markdown(all: &[methods::Entry]) -> String {
    let mut out = String::from("| id | method | home | command | claim |\n|---|---|---|---|---|");
    for e in all {
        // A bar would end the cell, even between backticks.
        let command = e.command.map_or_else(String::new, |c| format!("`{}`", c.replace('|', "\\|")));
        let claim = if e.claim { format!("`vectory reproduce {}`", e.id) } else { String::new() };
        out.push_str(&format!("\n| {} | {} | {} | {command} | {claim} |", e.id, e.name, e.home));
    }
    out
}
