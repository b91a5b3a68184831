//! `methods`: compares the networks; `methods merge`: merges the tables of shards.

use anyhow::bail;
use clap::Args;

use super::{
    DatasetArgs, Status, UsageError,
    background::launch_this,
    side_by_side::{MergeTablesArgs, RunNames, SideBySideArgs, merge, notes},
};
use crate::{
    sweep::{Format, MethodRun, Methods, Part, SweepRun},
    train::Architecture,
};

const RUNS: &str = "\
Each network is trained with each seed on the whole training set; on the whole set with permuted pixels; on its first
300, 1,000 and 10,000 images, for 10, 5 and 2 times the epochs, so that fewer images do not mean too few updates; and,
if it is recurrent, on the first 10,000 images with 28, 84 and 168 empty rows behind the digit. The networks with pixels
in place are then tested on images that are moved, rotated, scaled, covered with noise and crossed by lines, and the
recurrent ones with empty rows behind the digit. docs/methods.md describes the table.";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = notes(RUNS))]
pub(crate) struct MethodsArgs {
    #[command(subcommand)]
    action: Option<Subcommand>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    /// Merge the tables of shards, and list what is missing
    ///
    /// Rows are written in the order of the runs, duplicates once. Give it the same flags as `lenet-monitor methods`.
    Merge(MergeArgs),
}

#[derive(Debug, Args)]
struct MergeArgs {
    #[command(flatten)]
    tables: MergeTablesArgs,
    #[command(flatten)]
    methods: MethodArgs,
}

/// Flags that choose the runs.
#[derive(Debug, Args)]
struct MethodArgs {
    /// Networks to compare [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    networks: Vec<Architecture>,
    /// Seeds; every network is trained once per seed [default: 1,2,3]
    #[arg(
        long,
        value_name = "SEEDS",
        value_delimiter = ',',
        default_values_t = [1, 2, 3],
        hide_default_value = true
    )]
    seeds: Vec<u64>,
    /// Epochs on the whole training set, 1 to 1000; small sets are trained for more [default: 10]
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        hide_default_value = true,
        value_parser = clap::value_parser!(u32).range(1..=1_000)
    )]
    epochs: u32,
    /// Only these runs: whole, permuted, small or delayed [default: all]
    #[arg(long, value_name = "RUNS", value_delimiter = ',')]
    only: Vec<Part>,
}

#[derive(Debug, Args)]
#[command(mut_arg("out", |out| out.help(OUT)))]
struct RunArgs {
    #[command(flatten)]
    methods: MethodArgs,
    #[command(flatten)]
    dataset: DatasetArgs,
    #[command(flatten)]
    side_by_side: SideBySideArgs,
}

const OUT: &str =
    "The results table; created, or continued if it exists [default: methods.csv, or methods-K-of-N.csv for a shard]";

impl MethodArgs {
    fn runs(&self) -> anyhow::Result<Vec<MethodRun>> {
        let methods = Methods {
            networks: or_all(&self.networks, Architecture::ALL),
            seeds: self.seeds.clone(),
            epochs: self.epochs,
            parts: or_all(&self.only, Part::ALL),
        };
        check_distinct("network", &methods.networks)?;
        check_distinct("seed", &methods.seeds)?;
        check_distinct("part", &methods.parts)?;
        let runs = methods.runs();
        if runs.is_empty() {
            bail!(UsageError::new("none of these networks is recurrent, so there is nothing to train with a delay"));
        }
        Ok(runs)
    }
}

pub(crate) fn run(args: MethodsArgs) -> anyhow::Result<Status> {
    match args.action {
        Some(Subcommand::Merge(args)) => merge_tables(&args),
        None => methods(&args.run),
    }
}

fn merge_tables(args: &MergeArgs) -> anyhow::Result<Status> {
    let runs = args.methods.runs()?;
    let names = RunNames::of_methods(&runs);
    let runs: Vec<_> = runs.into_iter().map(|run| (run.hyper, Some(run.pixels))).collect();
    merge(&args.tables, Format::Methods, &runs, &names)
}

/// Checks the flags before it loads data.
fn methods(args: &RunArgs) -> anyhow::Result<Status> {
    if args.side_by_side.detach {
        return launch_this();
    }
    let runs = args.side_by_side.part_of(args.methods.runs()?);
    let limits = args.side_by_side.limits(0)?;
    let execution = args.side_by_side.execution(&args.dataset, Format::Methods)?;
    let loaded = args.dataset.load()?;
    let runs = SweepRun::of_methods(&runs, limits, &loaded.dataset);
    execution.run(loaded, runs)
}

fn or_all<T: Clone>(given: &[T], all: &[T]) -> Vec<T> {
    if given.is_empty() { all.to_vec() } else { given.to_vec() }
}

fn check_distinct<T: PartialEq + std::fmt::Display>(what: &str, values: &[T]) -> Result<(), UsageError> {
    match values.iter().enumerate().find(|(place, value)| values[..*place].contains(value)) {
        Some((_, value)) => Err(UsageError::new(format!("{what} {value} is given twice"))),
        None => Ok(()),
    }
}
