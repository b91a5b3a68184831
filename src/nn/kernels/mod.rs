//! The inner loops, written once over sixteen lanes and compiled for each instruction set.
//!
//! Lane `l` of every [`Lane`] belongs to image `l` of a group of sixteen: the batch is the innermost dimension, so that
//! no loop has a remainder and values cross lanes only in the sums over a batch. Kernels create no threads, allocate
//! nothing and lock nothing. Each sums in a fixed order, whichever part of its outputs is requested: how work is
//! divided among threads changes no bit.
//!
//! Everything that uses an [`Isa`] is `inline(always)`, so that it is compiled for the instruction set. Closures cannot
//! be: none of them uses one.

// Loops run over tiles whose sizes the compiler knows; iterators would obscure which register is meant.
#![allow(clippy::needless_range_loop)]

/// Repeats the body for each `n` below `N`, which is at most 5, without a loop: in a loop the compiler keeps the sums
/// of the largest tiles in memory.
macro_rules! unrolled {
    ($n:ident < $N:ident $body:block) => {
        const { assert!($N <= 5) }
        unrolled!($n < $N $body, 0 1 2 3 4)
    };
    ($n:ident < $N:ident $body:block, $($value:literal)*) => {
        $(if $value < $N {
            let $n = $value;
            $body
        })*
    };
}
mod activation;
mod add;
mod attention;
mod brightness;
mod cell;
mod conv;
mod dense;
mod norm;
mod padded_conv;
mod pool;
mod recurrent;
mod tokens;
mod transpose;
mod update;

pub use add::Add;
pub use attention::{AttentionForward, AttentionKeyGradient, AttentionQueryGradient};
pub use brightness::Brightness;
pub use cell::{Cell, CellGradients, Gru, Lstm, SimpleRnn};
pub use conv::{ConvForward, ConvInputGradient, ConvWeightGradient};
pub use dense::{ActivationBackward, DenseForward, DenseInputGradient, DenseWeightGradient};
pub use norm::{NormBackward, NormForward};
pub use padded_conv::{PaddedConvolution, PaddedWeightGradient, Start};
pub use pool::{Pool, PoolGradient, SlidingPool, SlidingPoolGradient};
pub use recurrent::{RecurrentBackward, RecurrentForward};
pub use tokens::{SumOverImages, TokenMean, TokenMeanBackward};
pub use transpose::Transpose;
pub use update::{Adam, AverageUpdate, Factors, Finite, Formula, Momentum, Rmsprop, Sgd, SumOfSquares, Update};

use std::fmt;

use pulp::{Scalar512b, Simd as Vectors};

/// Number of images in a group.
pub const LANES: usize = 16;

/// One value for each image of a group.
pub type Lane = pulp::f32x16;

pub const ZERO: Lane = splat(0.0);

/// Returns `v` in every lane.
pub const fn splat(v: f32) -> Lane {
    pulp::f32x16(v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v)
}

/// Views a slice whose length is a multiple of [`LANES`] as lanes.
pub fn lanes(values: &[f32]) -> &[Lane] {
    pulp::bytemuck::cast_slice(values)
}

/// Like [`lanes`], mutably.
pub fn lanes_mut(values: &mut [f32]) -> &mut [Lane] {
    pulp::bytemuck::cast_slice_mut(values)
}

/// Views lanes as numbers, those of the first lane first.
pub fn numbers(lanes: &[Lane]) -> &[f32] {
    pulp::bytemuck::cast_slice(lanes)
}

/// Like [`numbers`], mutably.
pub fn numbers_mut(lanes: &mut [Lane]) -> &mut [f32] {
    pulp::bytemuck::cast_slice_mut(lanes)
}

/// Loads up to [`LANES`] values, padded with zeros.
#[inline(always)]
fn load(values: &[f32]) -> Lane {
    match values.first_chunk::<LANES>() {
        Some(all) => pulp::bytemuck::cast(*all),
        None => {
            let mut padded = [0.0; LANES];
            padded[..values.len()].copy_from_slice(values);
            pulp::bytemuck::cast(padded)
        }
    }
}

/// Stores as many lanes as there is room for.
#[inline(always)]
fn store(values: &mut [f32], lane: Lane) {
    let lane: [f32; LANES] = pulp::bytemuck::cast(lane);
    match values.first_chunk_mut::<LANES>() {
        Some(all) => *all = lane,
        None => values.copy_from_slice(&lane[..values.len()]),
    }
}

/// An instruction set of this machine.
#[derive(Clone, Copy)]
pub enum Simd {
    /// What every machine of the architecture supports.
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
}

impl Simd {
    /// Returns the instruction sets that this machine supports, fastest first.
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            sets.extend(pulp::x86::V4::try_new().map(Self::Avx512));
            sets.extend(pulp::x86::V3::try_new().map(Self::Avx2));
        }
        sets.push(Self::Baseline);
        sets
    }

    /// Returns the fastest instruction set that this machine supports.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Returns the name that `--simd` and checkpoints use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        }
    }

    /// Runs a kernel with this instruction set.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) {
        match self {
            Self::Baseline => kernel.run(Scalar512b),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(v3) => v3.vectorize(Call { kernel, isa: pulp::x86::V3_512b(v3) }),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(v4) => v4.vectorize(Call { kernel, isa: v4 }),
        }
    }
}

impl PartialEq for Simd {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Simd {}

impl fmt::Debug for Simd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A loop that [`Simd::run`] compiles for every instruction set.
pub trait Kernel {
    fn run<I: Isa>(self, isa: I);
}

#[cfg(target_arch = "x86_64")]
struct Call<K, I> {
    kernel: K,
    isa: I,
}

#[cfg(target_arch = "x86_64")]
impl<K: Kernel, I: Isa> pulp::NullaryFnOnce for Call<K, I> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.kernel.run(self.isa);
    }
}

/// Arithmetic on sixteen lanes.
pub trait Isa: Vectors<f32s = Lane> {
    /// Whether 24 accumulators fit the register file.
    const WIDE: bool = Self::REGISTER_COUNT >= 32;

    /// Returns `a * b + c`, rounded once if the machine has an instruction for it, never by a library call.
    #[inline(always)]
    fn madd(self, a: Lane, b: Lane, c: Lane) -> Lane {
        self.mul_add_e_f32s(a, b, c)
    }

    /// Returns the larger of `floor` and `x`. NaN stays NaN, which a maximum may hide.
    #[inline(always)]
    fn at_least(self, floor: f32, x: Lane) -> Lane {
        self.select_f32s(self.less_than_f32s(x, splat(floor)), splat(floor), x)
    }

    /// Returns the smaller of `ceiling` and `x`. NaN stays NaN, which a minimum may hide.
    #[inline(always)]
    fn at_most(self, ceiling: f32, x: Lane) -> Lane {
        self.select_f32s(self.less_than_f32s(splat(ceiling), x), splat(ceiling), x)
    }

    /// Returns the larger of 0 and `x`. NaN stays NaN.
    #[inline(always)]
    fn positive(self, x: Lane) -> Lane {
        self.at_least(0.0, x)
    }

    /// Exchanges rows and columns.
    #[inline(always)]
    fn transpose(self, rows: [Lane; LANES]) -> [Lane; LANES] {
        let rows: [[f32; LANES]; LANES] = pulp::bytemuck::cast(rows);
        let mut columns = [[0.0; LANES]; LANES];
        for (row, numbers) in rows.iter().enumerate() {
            for (column, &number) in columns.iter_mut().zip(numbers) {
                column[row] = number;
            }
        }
        pulp::bytemuck::cast(columns)
    }
}

/// On x86 the maximum and the minimum are the second operand if either is NaN.
#[cfg(target_arch = "x86_64")]
macro_rules! clamps_of_x86 {
    () => {
        #[inline(always)]
        fn at_least(self, floor: f32, x: Lane) -> Lane {
            self.max_f32s(splat(floor), x)
        }

        #[inline(always)]
        fn at_most(self, ceiling: f32, x: Lane) -> Lane {
            self.min_f32s(splat(ceiling), x)
        }
    };
}

#[cfg(target_arch = "x86_64")]
impl Isa for pulp::x86::V4 {
    clamps_of_x86!();

    /// Exchanges pairs of numbers, pairs of pairs, and so on, in pairs of rows.
    #[inline(always)]
    fn transpose(self, rows: [Lane; LANES]) -> [Lane; LANES] {
        use std::arch::x86_64::{__m512, __m512d};

        let f = self.avx512f;
        let rows: [__m512; LANES] = rows.map(pulp::cast);
        let mut pairs = [pulp::cast::<Lane, __m512d>(ZERO); LANES];
        for k in 0..LANES / 2 {
            pairs[2 * k] = pulp::cast(f._mm512_unpacklo_ps(rows[2 * k], rows[2 * k + 1]));
            pairs[2 * k + 1] = pulp::cast(f._mm512_unpackhi_ps(rows[2 * k], rows[2 * k + 1]));
        }
        let mut fours = [pulp::cast::<Lane, __m512>(ZERO); LANES];
        for k in 0..LANES / 4 {
            for (n, place) in [0, 2, 1, 3].into_iter().enumerate() {
                let (a, b) = (pairs[4 * k + n % 2], pairs[4 * k + 2 + n % 2]);
                let four = if n < 2 { f._mm512_unpacklo_pd(a, b) } else { f._mm512_unpackhi_pd(a, b) };
                // Number `place` of each quarter of four rows.
                fours[4 * k + place] = pulp::cast(four);
            }
        }
        let mut columns = [ZERO; LANES];
        for n in 0..4 {
            let [a, b, c, d] = [fours[n], fours[4 + n], fours[8 + n], fours[12 + n]];
            let (ab, cd) = (f._mm512_shuffle_f32x4::<0x88>(a, b), f._mm512_shuffle_f32x4::<0x88>(c, d));
            columns[n] = pulp::cast(f._mm512_shuffle_f32x4::<0x88>(ab, cd));
            columns[8 + n] = pulp::cast(f._mm512_shuffle_f32x4::<0xdd>(ab, cd));
            let (ab, cd) = (f._mm512_shuffle_f32x4::<0xdd>(a, b), f._mm512_shuffle_f32x4::<0xdd>(c, d));
            columns[4 + n] = pulp::cast(f._mm512_shuffle_f32x4::<0x88>(ab, cd));
            columns[12 + n] = pulp::cast(f._mm512_shuffle_f32x4::<0xdd>(ab, cd));
        }
        columns
    }
}

#[cfg(target_arch = "x86_64")]
impl Isa for pulp::x86::V3_512b {
    clamps_of_x86!();
}

impl Isa for Scalar512b {
    const WIDE: bool = false;

    #[inline(always)]
    fn madd(self, a: Lane, b: Lane, c: Lane) -> Lane {
        if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
            self.mul_add_f32s(a, b, c)
        } else {
            self.add_f32s(self.mul_f32s(a, b), c)
        }
    }
}
