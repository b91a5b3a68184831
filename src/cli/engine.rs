//! Flags that say what computes.

use std::{num::NonZero, thread};

use clap::{Args, ValueEnum};

use super::{Usage, output::tell};
use crate::{
    format::counted,
    nn::{Engine, Simd},
};

#[derive(Debug, Args)]
pub(super) struct EngineArgs {
    /// Threads that share the work, 1 to 256, but no more than the machine's cores [default: its cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: Option<u32>,
    #[command(flatten)]
    simd: SimdArgs,
}

#[derive(Debug, Args)]
pub(super) struct SimdArgs {
    /// Instruction set to compute with
    #[arg(long, value_name = "SET", default_value = "auto", ignore_case = true)]
    simd: SimdChoice,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SimdChoice {
    /// The fastest that this machine has
    Auto,
    /// AVX-512 (F, BW, CD, DQ, VL)
    Avx512,
    /// AVX2 with FMA
    Avx2,
    /// What every machine of this kind has
    Baseline,
}

impl EngineArgs {
    /// # Errors
    /// If this machine does not have the instruction set.
    pub(super) fn engine(&self) -> Result<Engine, Usage> {
        Ok(Engine::with_simd(self.threads(), self.simd()?))
    }

    /// Returns the flags that the user gave, and their values.
    pub(super) fn given(&self) -> Vec<(&'static str, String)> {
        let threads = self.threads.map(|threads| ("--threads", threads.to_string()));
        threads.into_iter().chain(self.simd.simd.name().map(|name| ("--simd", name.to_owned()))).collect()
    }

    /// Returns as many as were asked for, but no more than there are cores, and says so: threads that wait for a core wait for
    /// one another, many times in each step. The results are the same bits.
    pub(super) fn threads(&self) -> u32 {
        let (asked, cores) = (self.threads.unwrap_or_else(cores), cores());
        if asked > cores {
            let (used, there) = (counted(cores, "thread"), counted(cores, "core"));
            tell(&format!("--threads {asked}: this program may use {there} here, and takes {used}"));
        }
        asked.min(cores)
    }

    /// # Errors
    /// If this machine does not have the instruction set.
    pub(super) fn simd(&self) -> Result<Simd, Usage> {
        self.simd.simd()
    }
}

impl SimdArgs {
    /// # Errors
    /// If this machine does not have the instruction set.
    pub(super) fn simd(&self) -> Result<Simd, Usage> {
        self.simd.find()
    }
}

/// Of the machine, as far as this process may use them; 256 at most.
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

    fn find(self) -> Result<Simd, Usage> {
        let Some(name) = self.name() else { return Ok(Simd::best()) };
        let available = Simd::available();
        let found = available.iter().copied().find(|simd| simd.name() == name);
        let names: Vec<_> = available.iter().map(|simd| simd.name()).collect();
        found.ok_or_else(|| Usage(format!("--simd {name}: this machine does not have it, only {}", names.join(", "))))
    }
}
