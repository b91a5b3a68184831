//! `sweep merge`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::{GridArgs, lines};
use crate::{
    cli::{
        Status,
        output::{tell, tell_raw},
    },
    sweep::{merge, read_rows, write_rows},
};

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// The shards' tables
    #[arg(value_name = "FILES", required = true)]
    tables: Vec<PathBuf>,
    /// The table to write; one that is there already is replaced
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    grid: GridArgs,
}

/// So many missing runs are named; of the rest, the number.
const NAMED: usize = 20;

pub(super) fn run(args: &MergeArgs) -> anyhow::Result<Status> {
    let grid = args.grid.grid()?;
    let mut tables = Vec::new();
    for path in &args.tables {
        tables.push((path.clone(), read_rows(path)?));
    }
    let merged = merge(&tables, &grid)?;
    if merged.rows.is_empty() {
        bail!("no row in {} tables; nothing was written", tables.len());
    }
    write_rows(&args.out, &merged.rows)?;
    let all = grid.runs().len();
    tell(&format!("{} of {all} runs are in {}", all - merged.missing.len(), args.out.display()));
    if merged.duplicates > 0 {
        tell(&format!("{} rows were there more than once, and are kept once", merged.duplicates));
    }
    for key in &merged.contradictions {
        tell(&format!("warning: two results for {key}; the first is kept"));
    }
    if merged.others > 0 {
        tell(&format!(
            "{} rows are not of this grid, and stand at the end: give merge the flags of the sweep",
            merged.others
        ));
    }
    if !merged.missing.is_empty() {
        tell(&format!("{} runs are missing:", merged.missing.len()));
    }
    for run in merged.missing.iter().take(NAMED) {
        tell_raw(&format!("  {}\n", lines::configuration(run).trim_end()));
    }
    if merged.missing.len() > NAMED {
        tell_raw(&format!("  and {} more\n", merged.missing.len() - NAMED));
    }
    Ok(if merged.missing.is_empty() { Status::Done } else { Status::Failed })
}
