//! Pooling of maps after an activation, as a part of other operations, divided among threads.

use super::{
    Activation, Engine, Pooling,
    engine::Units,
    kernels::{LANES, Lane, Pool, PoolGradient, lanes, lanes_mut},
};

/// Returns maps of `P` x `P` for maps of `S` x `S`.
pub(super) fn pool<const S: usize, const P: usize>(engine: &Engine, pooling: Pooling, maps: &[Lane]) -> Vec<f32> {
    const { assert!(S.is_multiple_of(P), "the pooled side divides the side") }
    let mut pooled = vec![0.0; maps.len() / (S * S) * P * P * LANES];
    engine.split(Units(lanes_mut(&mut pooled), P), 1, |first, part| {
        engine.run(Pool::<S, P> { pooling, maps: &maps[first * S * (S / P)..], pooled: part.0 });
    });
    pooled
}

/// Replaces activated maps by the gradient of their values before the activation, from that of the pooled maps.
pub(super) fn pool_gradient<const S: usize, const P: usize>(
    engine: &Engine,
    (activation, pooling): (Activation, Pooling),
    pooled_gradient: &[f32],
    maps: &mut [Lane],
) {
    let pooled_gradient = lanes(pooled_gradient);
    engine.split(Units(maps, S / P * S), 1, |first, part| {
        let pooled_gradient = &pooled_gradient[first * P..];
        engine.run(PoolGradient::<S, P> { activation, pooling, pooled_gradient, maps: part.0 });
    });
}
