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
        engine::{SimdArgs, cores},
        screen::ScreenArgs,
    },
    nn::Simd,
    sweep::{Format, Shard},
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
        let jobs = self.jobs.unwrap_or_else(cores) as usize;
        Ok(Execution { args: self, dataset_args, out, format, jobs, simd })
    }

    /// Returns the limits on the images of every run.
    pub(in crate::cli) fn limits(&self, holdout: u32) -> Result<Limits, UsageError> {
        let limits = Limits { train: self.limit_train, test: self.limit_test, holdout };
        limits.validate().map_err(UsageError::new)?;
        Ok(limits)
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
