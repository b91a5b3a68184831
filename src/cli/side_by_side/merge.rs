//! `sweep merge` and `methods merge`: merge the tables of shards.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::names::RunNames;
use crate::{
    cli::{
        Status,
        output::{notify, write_err},
    },
    format::counted,
    sweep::{Ending, Format, Pixels, merge, read_table, resolved, write_rows},
    train::Hyperparameters,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct MergeTablesArgs {
    /// The shards' tables
    #[arg(value_name = "FILES", required = true)]
    tables: Vec<PathBuf>,
    /// The table to write; an existing one is replaced, unless a sweep is writing it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Number of missing runs that are listed.
const MAX_LISTED: usize = 20;

/// Merges the tables of a command. `runs` are those that they should have.
pub(in crate::cli) fn run(
    args: &MergeTablesArgs,
    format: Format,
    runs: &[(Hyperparameters, Option<Pixels>)],
    names: &RunNames,
) -> anyhow::Result<Status> {
    let mut tables = Vec::new();
    for path in &args.tables {
        let (rows, ending) = read_table(path, format)?;
        match ending {
            Ending::Complete => {}
            Ending::NoNewline => {
                notify(&format!("the last line of {} has no newline; its row was kept", path.display()))
            }
            Ending::Truncated => notify(&format!("the last line of {} is incomplete and was left out", path.display())),
        }
        tables.push((path.clone(), rows));
    }
    let merged = merge(&tables, runs)?;
    if merged.rows.is_empty() {
        bail!("no rows in {}; nothing was written", counted(tables.len() as u64, "table"));
    }
    let out = resolved(&args.out)?;
    if out != args.out {
        notify(&format!("{} is a symbolic link; writing to {}", args.out.display(), out.display()));
    }
    write_rows(&out, &merged.rows)?;
    let all = runs.len();
    notify(&format!("{} of {all} runs are in {}", all - merged.missing.len(), args.out.display()));
    if merged.duplicates > 0 {
        let (rows, [were, _]) = with_verbs(merged.duplicates, "row");
        notify(&format!("{rows} {were} duplicated; one copy is kept"));
    }
    for key in &merged.contradictions {
        notify(&format!("warning: two results for {key}; the first is kept"));
    }
    if merged.others > 0 {
        let (rows, [_, are]) = with_verbs(merged.others, "row");
        let hint = match format {
            Format::Sweep => "give merge the same grid flags as the sweep",
            Format::Methods => "give merge the same flags as `lenet-monitor methods`",
        };
        let set = if format == Format::Sweep { "grid" } else { "comparison" };
        notify(&format!("{rows} {are} not in this {set} and {are} at the end of the table; {hint}"));
    }
    if !merged.missing.is_empty() {
        let (runs, [_, are]) = with_verbs(merged.missing.len(), "run");
        notify(&format!("{runs} {are} missing:"));
    }
    for &number in merged.missing.iter().take(MAX_LISTED) {
        write_err(&format!("  {}\n", names.names[number].trim_end()));
    }
    if merged.missing.len() > MAX_LISTED {
        write_err(&format!("  and {} more\n", merged.missing.len() - MAX_LISTED));
    }
    Ok(if merged.missing.is_empty() { Status::Done } else { Status::Failed })
}

/// Returns a number with its noun, and the verbs "was" and "is" that agree with it.
fn with_verbs(count: usize, what: &str) -> (String, [&'static str; 2]) {
    (counted(count as u64, what), if count == 1 { ["was", "is"] } else { ["were", "are"] })
}
