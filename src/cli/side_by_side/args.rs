//! The flags that `sweep` and `methods` share.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::bail;
use clap::Args;

use super::start;
use crate::{
    cli::{
        DatasetArgs, UsageError,
        background::Prepared,
        config::OnHangup,
        engine::{SimdArgs, cores},
        on_end::Output,
        screen::ScreenArgs,
    },
    disk,
    nn::Simd,
    sweep::{Format, Shard, SweepContinuation},
    train::Limits,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct SideBySideArgs {
    /// Use only the first N training images [default: all]
    #[arg(long, value_name = "N")]
    limit_train: Option<u32>,
    /// Use only the first N test images [default: all]
    #[arg(long, value_name = "N")]
    limit_test: Option<u32>,
    /// The results table; created, or continued if it exists [default: sweep.csv, or sweep-K-of-N.csv for a shard]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only part K of N, counting from 0: every Nth run, starting with run K
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Runs trained at the same time, one thread each, 1 to 256 [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    jobs: Option<u32>,
    #[command(flatten)]
    pub(super) simd: SimdArgs,
    /// Print the runs and an estimate of the time they take, and train nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Folder for runs trained in full from the Sweep screen [default: the configuration's, else checkpoints]
    #[arg(long, value_name = "DIR")]
    pub(super) checkpoint_dir: Option<PathBuf>,
    /// Train in the background: print the name of the table, and return to the shell once the first runs train
    ///
    /// `attach` shows the Sweep screen on it, from any terminal of this computer; `sessions` lists such sweeps; `stop`,
    /// `pause` and `resume` need no screen. What --headless prints goes into a log beside the table. On Unix only.
    #[arg(long, conflicts_with_all = ["headless", "json", "dry_run"])]
    pub(in crate::cli) detach: bool,
    /// When the terminal hangs up, as at the loss of a connection: stop, or detach, which continues in the background
    /// [default: the configuration's, else stop]
    #[arg(long, value_name = "WHAT")]
    pub(super) on_hangup: Option<OnHangup>,
    /// Run this shell command when all runs are done, or were stopped [default: the configuration's]
    ///
    /// It gets a line of JSON on its standard input: state, accuracy and loss of the best run, epochs, run (the table),
    /// dataset, seconds and reason. Nothing waits for it. A sweep that moves to the background takes it along. Empty: no
    /// command.
    #[arg(long, value_name = "COMMAND")]
    pub(super) on_end: Option<String>,
    /// Marks the process of a background sweep.
    #[arg(long, hide = true)]
    pub(super) background: bool,
    /// Begins a background sweep paused.
    #[arg(long, hide = true, requires = "background")]
    pub(super) paused: bool,
    /// Leaves out the runs of these numbers in a background sweep.
    #[arg(long, hide = true, requires = "background", value_delimiter = ',')]
    pub(super) dropped: Vec<usize>,
    /// No dashboard: a progress bar, or plain lines without a terminal
    #[arg(long)]
    pub(super) headless: bool,
    /// Print one JSON object per finished run on stdout (implies --headless); messages for people go to stderr
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) screen: ScreenArgs,
}

/// What the flags say about the execution of runs.
pub(in crate::cli) struct Execution<'a> {
    pub(super) args: &'a SideBySideArgs,
    pub(super) dataset_args: &'a DatasetArgs,
    pub(super) out: PathBuf,
    pub(super) format: Format,
    pub(super) jobs: usize,
    pub(super) simd: Simd,
    /// What a background process has prepared.
    pub(super) prepared: Option<Prepared>,
}

impl SideBySideArgs {
    /// Checks the flags before data are loaded.
    pub(in crate::cli) fn execution<'a>(
        &'a self,
        dataset_args: &'a DatasetArgs,
        format: Format,
    ) -> anyhow::Result<Execution<'a>> {
        let simd = self.simd.simd()?;
        let out = self.out.clone().unwrap_or_else(|| match self.shard {
            Some(Shard { index, count }) => format!("{format}-{index}-of-{count}.csv").into(),
            None => format!("{format}.csv").into(),
        });
        self.check_table(&out)?;
        // Its viewers are in other folders.
        let out = if self.background { disk::absolute(&out) } else { out };
        let jobs = self.jobs.unwrap_or_else(cores) as usize;
        let prepared = self.background.then(Prepared::new).transpose()?;
        Ok(Execution { args: self, dataset_args, out, format, jobs, simd, prepared })
    }

    /// Returns the limits on the images of every run.
    pub(in crate::cli) fn limits(&self, holdout: u32) -> Result<Limits, UsageError> {
        let limits = Limits { train: self.limit_train, test: self.limit_test, holdout };
        limits.validate().map_err(UsageError::new)?;
        Ok(limits)
    }

    /// Returns the state in which another process has left the sweep.
    pub(super) fn continuation(&self) -> SweepContinuation {
        SweepContinuation { is_paused: self.paused, dropped: self.dropped.clone() }
    }

    /// Returns where the output of the user's command goes.
    pub(super) fn output_of_commands(&self) -> Output {
        match self {
            Self { background: true, .. } => Output::OfBackground,
            Self { json: true, .. } => Output::ToStderr,
            _ => Output::Inherited,
        }
    }

    /// Returns the runs of the shard.
    pub(in crate::cli) fn part_of<T>(&self, runs: Vec<T>) -> Vec<T> {
        match self.shard {
            Some(shard) => shard.of(runs),
            None => runs,
        }
    }

    /// Rejects what cannot be a table. A symbolic link is followed only if the user gives its path.
    fn check_table(&self, out: &Path) -> anyhow::Result<()> {
        start::check(out)?;
        let is_link = fs::symlink_metadata(out).is_ok_and(|metadata| metadata.is_symlink());
        if is_link && self.out.is_none() && !self.dry_run {
            bail!("{0} is a symbolic link; give --out {0} to write to its target, or name another file", out.display());
        }
        Ok(())
    }
}
