//! `sweep merge`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::{grid::GridArgs, lines};
use crate::{
    cli::{
        Status,
        output::{tell, tell_raw},
    },
    format::counted,
    sweep::{Ending, merge, read_table, resolved, write_rows},
};

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// The shards' tables
    #[arg(value_name = "FILES", required = true)]
    tables: Vec<PathBuf>,
    /// The table to write; one that is there already is replaced, unless a sweep is writing it
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
        let (rows, ending) = read_table(path)?;
        match ending {
            Ending::Complete => {}
            Ending::NoNewline => {
                tell(&format!("the last line of {} has no line feed: its row is kept", path.display()))
            }
            Ending::Truncated => tell(&format!("the last line of {} is cut short: left out", path.display())),
        }
        tables.push((path.clone(), rows));
    }
    let merged = merge(&tables, &grid)?;
    if merged.rows.is_empty() {
        bail!("no row in {}; nothing was written", counted(tables.len() as u64, "table"));
    }
    let out = resolved(&args.out)?;
    if out != args.out {
        tell(&format!("{} is a link: the table is {}", args.out.display(), out.display()));
    }
    write_rows(&out, &merged.rows)?;
    let all = grid.runs().len();
    tell(&format!("{} of {all} runs are in {}", all - merged.missing.len(), args.out.display()));
    if merged.duplicates > 0 {
        let (rows, [were, are]) = several(merged.duplicates, "row");
        tell(&format!("{rows} {were} there more than once, and {are} kept once"));
    }
    for key in &merged.contradictions {
        tell(&format!("warning: two results for {key}; the first is kept"));
    }
    if merged.others > 0 {
        let (rows, [_, are]) = several(merged.others, "row");
        tell(&format!("{rows} {are} not of this grid, listed at the end: give merge the flags of the sweep"));
    }
    if !merged.missing.is_empty() {
        let (runs, [_, are]) = several(merged.missing.len(), "run");
        tell(&format!("{runs} {are} missing:"));
    }
    let factors = lines::factors(&grid.runs());
    for run in merged.missing.iter().take(NAMED) {
        tell_raw(&format!("  {}\n", lines::configuration(run, &factors).trim_end()));
    }
    if merged.missing.len() > NAMED {
        tell_raw(&format!("  and {} more\n", merged.missing.len() - NAMED));
    }
    Ok(if merged.missing.is_empty() { Status::Done } else { Status::Failed })
}

/// A number of things, and the verbs that go with it, past and present.
fn several(count: usize, what: &str) -> (String, [&'static str; 2]) {
    (counted(count as u64, what), if count == 1 { ["was", "is"] } else { ["were", "are"] })
}
