//! The flags that choose threads and instruction set.

use std::{num::NonZero, thread};

use clap::{Args, ValueEnum};

use super::{UsageError, output::notify};
use crate::{
    format::counted,
    nn::{Engine, Simd},
};

#[derive(Clone, Debug, Args)]
pub(super) struct EngineArgs {
    /// Threads that share the work, 1 to 256, limited to the number of cores [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: Option<u32>,
    #[command(flatten)]
    pub(super) simd: SimdArgs,
}

#[derive(Clone, Debug, Args)]
pub(super) struct SimdArgs {
    /// Instruction set to compute with
    #[arg(long, value_name = "SET", default_value = "auto", ignore_case = true)]
    simd: SimdChoice,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SimdChoice {
    /// The fastest available on this machine
    Auto,
    /// AVX-512 (F, BW, CD, DQ, VL)
    Avx512,
    /// AVX2 with FMA
    Avx2,
    /// What every machine of this architecture has
    Baseline,
}

impl EngineArgs {
    /// Returns the flags of a command that chooses the instruction set only.
    pub(super) fn with_simd(simd: SimdArgs) -> Self {
        Self { threads: None, simd }
    }

    /// # Errors
    /// If the instruction set is not available on this machine.
    pub(super) fn engine(&self) -> Result<Engine, UsageError> {
        Ok(Engine::with_simd(self.threads(), self.simd()?))
    }

    /// Returns the flags that the user gave, and their values.
    pub(super) fn given(&self) -> Vec<(&'static str, String)> {
        let threads = self.threads.map(|threads| ("--threads", threads.to_string()));
        threads.into_iter().chain(self.simd.given()).collect()
    }

    /// Returns the number of threads requested, limited to the number of cores, and reports the limit: threads without
    /// a core make the others wait many times in each step. The results are bit for bit the same.
    pub(super) fn threads(&self) -> u32 {
        let (requested, cores) = (self.threads.unwrap_or_else(cores), cores());
        if requested > cores {
            let (used, available) = (counted(cores, "thread"), counted(cores, "core"));
            notify(&format!("--threads {requested}: only {available} available here; using {used}"));
        }
        requested.min(cores)
    }

    /// # Errors
    /// If the instruction set is not available on this machine.
    pub(super) fn simd(&self) -> Result<Simd, UsageError> {
        self.simd.simd()
    }
}

impl SimdArgs {
    /// Returns the flag that the user gave, and its value.
    pub(super) fn given(&self) -> Option<(&'static str, String)> {
        self.simd.name().map(|name| ("--simd", name.to_owned()))
    }

    /// # Errors
    /// If the instruction set is not available on this machine.
    pub(super) fn simd(&self) -> Result<Simd, UsageError> {
        self.simd.find()
    }
}

/// Returns the number of cores that this process may use, 256 at most.
pub(super) fn cores() -> u32 {
    thread::available_parallelism().map_or(1, NonZero::get).min(256) as u32
}

impl SimdChoice {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Avx512 => Some("avx512"),
            Self::Avx2 => Some("avx2"),
            Self::Baseline => Some("baseline"),
        }
    }

    fn find(self) -> Result<Simd, UsageError> {
        let Some(name) = self.name() else { return Ok(Simd::best()) };
        let available = Simd::available();
        let found = available.iter().copied().find(|simd| simd.name() == name);
        let names: Vec<_> = available.iter().map(|simd| simd.name()).collect();
        found.ok_or_else(|| {
            UsageError(format!("--simd {name}: not available on this machine; available: {}", names.join(", ")))
        })
    }
}
