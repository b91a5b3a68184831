//! A curved surface fitted to shades of paper.

use super::page::Sample;

/// Weights of 1, x, y, x^2, xy and y^2, which model light from one side and a lens that darkens the corners.
#[derive(Clone, Copy)]
pub(super) struct Surface([f32; 6]);

impl Surface {
    pub(super) fn level(shade: f32) -> Self {
        Self([shade, 0.0, 0.0, 0.0, 0.0, 0.0])
    }

    fn terms(x: f32, y: f32) -> [f32; 6] {
        [1.0, x, y, x * x, x * y, y * y]
    }

    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        Self::terms(x, y).iter().zip(&self.0).map(|(term, weight)| term * weight).sum()
    }

    pub(super) fn distance(&self, sample: &Sample) -> f32 {
        (self.at(sample.x, sample.y) - sample.shade).abs()
    }

    /// Fits the first `count` terms by least squares, with Gaussian elimination on the normal equations. `None` if the
    /// samples do not determine a weight.
    pub(super) fn fit(samples: &[Sample], count: usize) -> Option<Self> {
        let mut rows = [[0.0_f64; 7]; 6];
        for sample in samples {
            let terms = Self::terms(sample.x, sample.y);
            for (row, term) in rows.iter_mut().zip(terms).take(count) {
                for (sum, other) in row.iter_mut().zip(terms) {
                    *sum += f64::from(term) * f64::from(other);
                }
                row[6] += f64::from(term) * f64::from(sample.shade);
            }
        }
        for pivot in 0..count {
            let best = (pivot..count).max_by(|&a, &b| rows[a][pivot].abs().total_cmp(&rows[b][pivot].abs()))?;
            rows.swap(pivot, best);
            if rows[pivot][pivot].abs() < 1e-6 * samples.len() as f64 {
                return None;
            }
            let pivot_row = rows[pivot];
            for (_, row) in rows.iter_mut().enumerate().take(count).filter(|&(number, _)| number != pivot) {
                let factor = row[pivot] / pivot_row[pivot];
                row.iter_mut().zip(pivot_row).for_each(|(value, above)| *value -= factor * above);
            }
        }
        let mut weights = [0.0; 6];
        for (term, weight) in weights.iter_mut().enumerate().take(count) {
            *weight = (rows[term][6] / rows[term][term]) as f32;
        }
        Some(Self(weights))
    }
}
