//! The order of the images in an epoch.

use rand::Rng;

use super::random::generator;

/// Returns a permutation of `0..images` that depends only on `seed` and `epoch`, which counts from 0.
pub fn epoch_order(seed: u64, epoch: u32, images: u32) -> Vec<u32> {
    let mut rng = generator(seed, [epoch]);
    let mut order: Vec<u32> = (0..images).collect();
    // Fisher-Yates shuffle from the end: every permutation is equally likely.
    for last in (1..images).rev() {
        let chosen = below(&mut rng, last + 1);
        order.swap(last as usize, chosen as usize);
    }
    order
}

/// Draws a number uniformly from `0..bound` (Lemire's multiply-and-reject method, 2019).
fn below(rng: &mut impl Rng, bound: u32) -> u32 {
    let rejected = bound.wrapping_neg() % bound;
    loop {
        let product = (rng.next_u64() >> 32) * u64::from(bound);
        if product as u32 >= rejected {
            return (product >> 32) as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_permutation() {
        for images in [0, 1, 2, 16, 60_000] {
            let mut order = epoch_order(1, 0, images);
            order.sort_unstable();
            assert!(order.into_iter().eq(0..images), "{images} images");
        }
    }

    /// A resumed run must draw the same orders as an uninterrupted one, with any later version of this program.
    #[test]
    fn never_changes() {
        assert_eq!(epoch_order(1, 0, 16), [9, 10, 3, 13, 15, 0, 7, 8, 6, 14, 5, 4, 11, 12, 1, 2]);
        assert_eq!(epoch_order(1, 1, 16), [15, 10, 1, 8, 7, 13, 0, 6, 14, 3, 4, 9, 2, 11, 12, 5]);
        assert_eq!(epoch_order(2, 0, 16), [3, 10, 14, 2, 9, 12, 15, 8, 4, 6, 13, 11, 5, 0, 1, 7]);
        assert_eq!(
            epoch_order(u64::MAX, u32::MAX, 60_000)[..8],
            [11145, 50301, 22606, 57647, 14441, 4185, 18462, 35162]
        );
    }

    #[test]
    fn depends_on_seed_and_on_epoch() {
        let orders: std::collections::HashSet<_> =
            (0..10).flat_map(|seed| (0..10).map(move |epoch| epoch_order(seed, epoch, 1000))).collect();
        assert_eq!(orders.len(), 100);
    }

    /// Each of the 24 orders of four images should occur 1,000 times in 24,000 epochs. Chi-squared with 23 degrees of
    /// freedom is below 49.7 with probability 0.999. The draws are fixed, so the result never changes.
    #[test]
    fn all_orders_are_equally_likely() {
        let mut counts = std::collections::HashMap::new();
        for epoch in 0..24_000 {
            *counts.entry(epoch_order(7, epoch, 4)).or_insert(0_i32) += 1;
        }
        assert_eq!(counts.len(), 24);
        let chi_squared: f64 = counts.values().map(|&count| f64::from(count - 1000).powi(2) / 1000.0).sum();
        assert!(chi_squared < 49.7, "{chi_squared}");
    }
}
