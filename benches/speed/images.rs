//! Changing images.

use criterion::Criterion;
use lenet_monitor::data::{Augmentation, PIXELS};

use crate::board::Board;

/// Measures augmentation, on this thread.
pub fn bench(criterion: &mut Criterion, board: &Board) {
    let mut group = criterion.benchmark_group("images");
    let strong = Augmentation { rotation: 12.0, shift: 2.2, scale: 0.15, shear: 0.15, elastic: 0.6 };
    let image: Vec<u8> = (0..PIXELS).map(|pixel| pixel as u8).collect();
    let mut augmented = vec![0; PIXELS];
    for (name, strengths) in [
        ("augmenting an image, affine", Augmentation { elastic: 0.0, ..strong }),
        ("augmenting an image, affine and elastic", strong),
    ] {
        let mut index = 0;
        board.bench(&mut group, name, None, || {
            strengths.apply(&image, 1, 0, index, &mut augmented);
            index += 1;
        });
    }
    group.finish();
}
