//! Flags that say what computes.

use std::{num::NonZero, thread};

use clap::{Args, ValueEnum};

use super::Usage;
use crate::nn::{Engine, Simd};

#[derive(Debug, Args)]
pub(super) struct EngineArgs {
    /// Threads that share the work, 1 to 256 [default: the machine's cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: Option<u32>,
    #[command(flatten)]
    simd: SimdArgs,
}

#[derive(Debug, Args)]
pub(super) struct SimdArgs {
    /// Instruction set to compute with
    #[arg(long, value_name = "SET", default_value = "auto")]
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

    pub(super) fn threads(&self) -> u32 {
        self.threads.unwrap_or_else(cores)
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
    fn find(self) -> Result<Simd, Usage> {
        let name = match self {
            Self::Auto => return Ok(Simd::best()),
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Baseline => "baseline",
        };
        let available = Simd::available();
        let found = available.iter().copied().find(|simd| simd.name() == name);
        let names: Vec<_> = available.iter().map(|simd| simd.name()).collect();
        found.ok_or_else(|| Usage(format!("--simd {name}: this machine does not have it, only {}", names.join(", "))))
    }
}
