//! Attention among the tokens of a sequence (Vaswani et al., 2017), and its gradients.
//!
//! `o_i = sum_j p_ij v_j`, `p_ij = softmax_j(q_i . k_j / sqrt(C))`
//!
//! Shapes, for one group and its `T` tokens: queries `q`, keys `k` and values `v` of `H` heads `[T][3][H][C]`, weights
//! `p` `[T][H][T]`, outputs `o` `[T][H][C]`, each element a [`Lane`]. Groups follow one another. A query's weights are
//! those of a row.

use super::{Isa, Kernel, Lane, ZERO, activation, splat};

/// Computes the weights and outputs of some tokens.
pub struct AttentionForward<'a, const T: usize, const H: usize, const C: usize> {
    /// Queries, keys and values of all groups.
    pub projected: &'a [Lane],
    /// Number of the first token to compute, counted over all groups.
    pub first: usize,
    /// Weights from token `first` on.
    pub weights: &'a mut [Lane],
    /// Outputs from token `first` on.
    pub output: &'a mut [Lane],
}

impl<const T: usize, const H: usize, const C: usize> Kernel for AttentionForward<'_, T, H, C> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let scale = splat(scale::<C>());
        let weights = self.weights.as_chunks_mut::<T>().0;
        let tokens = weights.len() / H;
        let mut done = 0;
        while done < tokens {
            let sequence = Sequence::<T, H, C>::of(self.projected, self.first + done);
            let end = tokens.min(done + T - (self.first + done) % T);
            // Head by head, so that its keys and then its values stay in the first-level cache.
            for head in 0..H {
                for token in done..end {
                    let weights = &mut weights[token * H + head];
                    let query = sequence.row((self.first + token) % T, QUERY, head);
                    sequence.products(isa, query, (KEY, head), scale, weights);
                    softmax(isa, weights);
                }
                for token in done..end {
                    let output = self.output[(token * H + head) * C..].first_chunk_mut().expect("a head has C outputs");
                    let values = sequence.rows(VALUE, head);
                    weighted_sum(isa, (&weights[token * H + head], 1), values, output);
                }
            }
            done = end;
        }
    }
}

/// Computes the gradients of the queries of some tokens, and of the products `q_i . k_j`.
pub struct AttentionQueryGradient<'a, const T: usize, const H: usize, const C: usize> {
    /// Queries, keys and values of all groups.
    pub projected: &'a [Lane],
    /// Weights of all groups.
    pub weights: &'a [Lane],
    /// Gradients of the outputs of all groups.
    pub gradient: &'a [Lane],
    /// Number of the first token to compute, counted over all groups.
    pub first: usize,
    /// Gradients of the products, in the shape of the weights, from token `first` on.
    pub products: &'a mut [Lane],
    /// Gradients of queries, keys and values from token `first` on, of which only the queries' are written.
    pub projected_gradient: &'a mut [Lane],
}

impl<const T: usize, const H: usize, const C: usize> Kernel for AttentionQueryGradient<'_, T, H, C> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let scale = splat(scale::<C>());
        let weights = &self.weights.as_chunks::<T>().0[self.first * H..];
        let gradient = &self.gradient.as_chunks::<C>().0[self.first * H..];
        let products = self.products.as_chunks_mut::<T>().0;
        let queries = self.projected_gradient.as_chunks_mut::<C>().0;
        let tokens = products.len() / H;
        let mut done = 0;
        while done < tokens {
            let sequence = Sequence::<T, H, C>::of(self.projected, self.first + done);
            let end = tokens.min(done + T - (self.first + done) % T);
            for head in 0..H {
                for token in done..end {
                    let at = token * H + head;
                    sequence.products(isa, &gradient[at], (VALUE, head), splat(1.0), &mut products[at]);
                    softmax_backward(isa, &weights[at], scale, &mut products[at]);
                }
                for token in done..end {
                    let query = &mut queries[token * 3 * H + head];
                    weighted_sum(isa, (&products[token * H + head], 1), sequence.rows(KEY, head), query);
                }
            }
            done = end;
        }
    }
}

/// Computes the gradients of the keys and values of some tokens.
pub struct AttentionKeyGradient<'a, const T: usize, const H: usize, const C: usize> {
    /// Queries, keys and values of all groups.
    pub projected: &'a [Lane],
    /// Weights of all groups.
    pub weights: &'a [Lane],
    /// Gradients of the outputs of all groups.
    pub gradient: &'a [Lane],
    /// Gradients of the products of all groups.
    pub products: &'a [Lane],
    /// Number of the first token to compute, counted over all groups.
    pub first: usize,
    /// Gradients of queries, keys and values from token `first` on, of which the queries' are left alone.
    pub projected_gradient: &'a mut [Lane],
}

impl<const T: usize, const H: usize, const C: usize> Kernel for AttentionKeyGradient<'_, T, H, C> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let gradients = self.projected_gradient.as_chunks_mut::<C>().0;
        let tokens = gradients.len() / (3 * H);
        let mut done = 0;
        while done < tokens {
            let group = (self.first + done) / T;
            let sequence = Sequence::<T, H, C>::of(self.projected, self.first + done);
            let end = tokens.min(done + T - (self.first + done) % T);
            for head in 0..H {
                let products = &self.products[(group * T * H + head) * T..];
                let weights = &self.weights[(group * T * H + head) * T..];
                let outputs = Rows::<T, C> { values: &self.gradient[(group * T * H + head) * C..], stride: H * C };
                for token in done..end {
                    let column = (self.first + token) % T;
                    let key = &mut gradients[(token * 3 + KEY) * H + head];
                    weighted_sum(isa, (&products[column..], H * T), sequence.rows(QUERY, head), key);
                    let value = &mut gradients[(token * 3 + VALUE) * H + head];
                    weighted_sum(isa, (&weights[column..], H * T), outputs, value);
                }
            }
            done = end;
        }
    }
}

const QUERY: usize = 0;
const KEY: usize = 1;
const VALUE: usize = 2;

/// Returns the factor of the products.
fn scale<const C: usize>() -> f32 {
    1.0 / (C as f32).sqrt()
}

/// Queries, keys and values of a group.
#[derive(Clone, Copy)]
struct Sequence<'a, const T: usize, const H: usize, const C: usize>(&'a [Lane]);

/// The rows `[T][C]` of a head, `stride` apart.
#[derive(Clone, Copy)]
struct Rows<'a, const T: usize, const C: usize> {
    values: &'a [Lane],
    stride: usize,
}

impl<'a, const T: usize, const C: usize> Rows<'a, T, C> {
    #[inline(always)]
    fn row(self, token: usize) -> &'a [Lane; C] {
        self.values[token * self.stride..].first_chunk().expect("a row has C values")
    }
}

impl<'a, const T: usize, const H: usize, const C: usize> Sequence<'a, T, H, C> {
    /// Returns the group of a token.
    #[inline(always)]
    fn of(all: &'a [Lane], token: usize) -> Self {
        Self(&all[token / T * T * 3 * H * C..][..T * 3 * H * C])
    }

    /// Returns a head's queries, keys or values.
    #[inline(always)]
    fn rows(self, part: usize, head: usize) -> Rows<'a, T, C> {
        Rows { values: &self.0[(part * H + head) * C..], stride: 3 * H * C }
    }

    #[inline(always)]
    fn row(self, token: usize, part: usize, head: usize) -> &'a [Lane; C] {
        self.rows(part, head).row(token)
    }

    /// Computes the products of `row` with each token's row of `matrix`, times `scale`.
    #[inline(always)]
    fn products<A: Isa>(
        self,
        isa: A,
        row: &[Lane; C],
        (part, head): (usize, usize),
        scale: Lane,
        products: &mut [Lane; T],
    ) {
        let rows = self.rows(part, head);
        let mut token = 0;
        while token < T {
            token += match T - token {
                7.. if A::WIDE => product_tile::<A, 7, T, C>(isa, row, rows, token, scale, products),
                4.. => product_tile::<A, 4, T, C>(isa, row, rows, token, scale, products),
                _ => product_tile::<A, 1, T, C>(isa, row, rows, token, scale, products),
            };
        }
    }
}

#[inline(always)]
fn product_tile<A: Isa, const N: usize, const T: usize, const C: usize>(
    isa: A,
    row: &[Lane; C],
    rows: Rows<T, C>,
    token: usize,
    scale: Lane,
    products: &mut [Lane; T],
) -> usize {
    let mut others = [row; N];
    for n in 0..N {
        others[n] = rows.row(token + n);
    }
    let mut sums = [ZERO; N];
    for c in 0..C {
        for n in 0..N {
            sums[n] = isa.madd(row[c], others[n][c], sums[n]);
        }
    }
    for n in 0..N {
        products[token + n] = isa.mul_f32s(sums[n], scale);
    }
    N
}

/// Computes the sum of rows, each times its weight; weights are `stride` apart.
#[inline(always)]
fn weighted_sum<A: Isa, const T: usize, const C: usize>(
    isa: A,
    weights: (&[Lane], usize),
    rows: Rows<T, C>,
    sum: &mut [Lane; C],
) {
    let mut done = 0;
    while done < C {
        done += match C - done {
            16.. if A::WIDE => sum_tile::<A, 16, T, C>(isa, weights, rows, done, sum),
            8.. if A::WIDE => sum_tile::<A, 8, T, C>(isa, weights, rows, done, sum),
            4.. => sum_tile::<A, 4, T, C>(isa, weights, rows, done, sum),
            2.. => sum_tile::<A, 2, T, C>(isa, weights, rows, done, sum),
            _ => sum_tile::<A, 1, T, C>(isa, weights, rows, done, sum),
        };
    }
}

#[inline(always)]
fn sum_tile<A: Isa, const N: usize, const T: usize, const C: usize>(
    isa: A,
    (weights, stride): (&[Lane], usize),
    rows: Rows<T, C>,
    done: usize,
    sum: &mut [Lane; C],
) -> usize {
    let mut sums = [ZERO; N];
    for token in 0..T {
        let weight = weights[token * stride];
        let row: &[Lane; N] = rows.row(token)[done..].first_chunk().expect("the row has N more values");
        for n in 0..N {
            sums[n] = isa.madd(weight, row[n], sums[n]);
        }
    }
    sum[done..][..N].copy_from_slice(&sums);
    N
}

#[inline(always)]
fn softmax<A: Isa, const T: usize>(isa: A, values: &mut [Lane; T]) {
    let mut most = values[0];
    for t in 1..T {
        most = isa.max_f32s(most, values[t]);
    }
    let mut sum = ZERO;
    for t in 0..T {
        values[t] = activation::exp(isa, isa.sub_f32s(values[t], most));
        sum = isa.add_f32s(sum, values[t]);
    }
    let factor = isa.div_f32s(splat(1.0), sum);
    for t in 0..T {
        values[t] = isa.mul_f32s(values[t], factor);
    }
}

/// Turns the gradients of a query's weights into those of its products before they were scaled.
#[inline(always)]
fn softmax_backward<A: Isa, const T: usize>(isa: A, weights: &[Lane; T], scale: Lane, gradients: &mut [Lane; T]) {
    let mut sum = ZERO;
    for t in 0..T {
        sum = isa.madd(weights[t], gradients[t], sum);
    }
    for t in 0..T {
        let weight = isa.mul_f32s(weights[t], scale);
        gradients[t] = isa.mul_f32s(weight, isa.sub_f32s(gradients[t], sum));
    }
}
