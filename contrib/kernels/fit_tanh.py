"""Fits the rational function by which src/nn/kernels/activation.rs computes tanh.

    python3 contrib/kernels/fit_tanh.py        (needs numpy)

tanh(x) = x P(x^2) / Q(x^2), P and Q of degree 4, on 0 to 9.02, where tanh in single precision becomes 1. Weighted least
squares, again and again, with the weights of Lawson (1961): each weight grows with the relative error at its place until
the largest error is as small as it can be.
"""

import numpy as np

LIMIT, DEGREE, PLACES, ROUNDS = 9.02, 4, 4000, 400


def fit():
    places = np.cos(np.pi * (np.arange(PLACES) + 0.5) / PLACES)
    x = (0.5 - 0.5 * places) * LIMIT
    x = x[x > 1e-3]
    tanh, square = np.tanh(x), (x / LIMIT) ** 2
    powers = square[None, :] ** np.arange(DEGREE + 1)[:, None]
    weights, divisor = np.ones_like(x), np.ones_like(x)
    best = np.inf, None
    for _ in range(ROUNDS):
        scale = np.sqrt(weights) / (divisor * tanh)
        columns = np.concatenate([x * powers, -tanh * powers[1:]]).T * scale[:, None]
        norms = np.linalg.norm(columns, axis=0)
        solution = np.linalg.lstsq(columns / norms, tanh * scale, rcond=None)[0] / norms
        numerator, denominator = solution[: DEGREE + 1], np.concatenate([[1.0], solution[DEGREE + 1 :]])
        divisor = denominator @ powers
        errors = np.abs(x * (numerator @ powers) / divisor / tanh - 1)
        if errors.max() < best[0]:
            best = errors.max(), (numerator, denominator)
        weights *= errors + 1e-12
        weights /= weights.mean()
    error, (numerator, denominator) = best
    return error, numerator / LIMIT ** (2 * np.arange(DEGREE + 1)), denominator / LIMIT ** (2 * np.arange(DEGREE + 1))


error, numerator, denominator = fit()
print(f"largest relative error {error:.2e}")
print("numerator  ", ", ".join(f"{c:.9g}" for c in numerator))
print("denominator", ", ".join(f"{c:.9g}" for c in denominator))
