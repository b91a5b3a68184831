#!/usr/bin/env python3
"""Trains the recipe `best` with other optimizers, in JAX on a GPU, many networks at once.

    contrib/recipe/screen.py FOLDER [--seeds 4] [--epochs 120] [--only NAME]...

FOLDER holds MNIST's training files. All networks train on the first 55,000 images and are measured on the last 5,000,
as with `--holdout 5000`; the test set is not read. For each variant a line gives the mean accuracy and loss of its
seeds: of the mean of the weights, and with nine positions of each image, half a pixel and a pixel apart. Needs JAX and
NumPy.
"""

import argparse
import functools
import gzip
import pathlib
import time

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_default_matmul_precision", "highest")

TRAINED, BATCH, WARM_UP, EMA, GRID = 55_000, 64, 0.15, 0.999, 7
BEST = dict(rate=0.004, decay=0.02, rotation=12.0, shift=2.2, scaling=0.15, shear=0.15, elastic=0.5, smoothing=0.0,
            beta2=0.999, nadam=0.0, lion=0.0, radius=0.0)
VARIANTS = {
    "best": {},
    "Nadam": dict(nadam=1.0),
    "Lion, rate 0.0003, decay 0.2": dict(lion=1.0, rate=0.0003, decay=0.2),
    "Lion, rate 0.0006, decay 0.2": dict(lion=1.0, rate=0.0006, decay=0.2),
    "Lion, rate 0.001, decay 0.08": dict(lion=1.0, rate=0.001, decay=0.08),
    "rate 0.003": dict(rate=0.003),
    "rate 0.006": dict(rate=0.006),
    "decay 0.05": dict(decay=0.05),
    "decay 0.1": dict(decay=0.1),
    "second beta 0.99": dict(beta2=0.99),
    "second beta 0.9995": dict(beta2=0.9995),
    "stronger affine augmentation": dict(rotation=15.0, shift=2.6, scaling=0.18, shear=0.18),
    "elastic 0.7": dict(elastic=0.7),
    "label smoothing 0.02": dict(smoothing=0.02),
    "SAM, radius 0.02": dict(radius=0.02),
    "SAM, radius 0.05": dict(radius=0.05),
    "SAM, radius 0.1": dict(radius=0.1),
    "SAM, radius 0.2": dict(radius=0.2),
}

tree_map = jax.tree_util.tree_map


def mnist(folder, name, header):
    for path in (folder / name, folder / (name + ".gz")):
        if path.exists():
            data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
            return np.frombuffer(data, np.uint8, offset=header)
    raise SystemExit(f"expected {folder / name} or {name}.gz, found neither")


def cubic(distance, a=-0.75):
    if distance <= 1:
        return ((a + 2) * distance - (a + 3)) * distance**2 + 1
    return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a


def enlargement():
    """Returns the weights of each point of the grid, [GRID, 28], for each pixel along an axis."""
    weights = np.zeros((GRID, 28), np.float32)
    for pixel in range(28):
        cell, beyond = divmod(pixel * (GRID - 1), 27)
        for tap in range(4):
            weights[np.clip(cell + tap - 1, 0, GRID - 1), pixel] += cubic(abs(beyond / 27 + 1 - tap))
    return jnp.array(weights)


WEIGHTS = enlargement()
DOWN, RIGHT = jnp.meshgrid(jnp.arange(28) - 13.5, jnp.arange(28) - 13.5, indexing="ij")


def augmented(image, draws, displacements, hyper):
    """Changes one image, [900] bytes with a margin of a pixel, as docs/techniques.md says."""
    angle, scale = jnp.radians(draws[0] * hyper["rotation"]), 1 + draws[3] * hyper["scaling"]
    shear = draws[4] * hyper["shear"]
    sin, cos = jnp.sin(angle) / scale, jnp.cos(angle) / scale
    x, y = RIGHT - draws[1] * hyper["shift"], DOWN - draws[2] * hyper["shift"]
    elastic = jnp.einsum("aij,ir,jc->arc", displacements * hyper["elastic"], WEIGHTS, WEIGHTS)
    source_x = (cos + shear * sin) * x + (sin - shear * cos) * y + elastic[0] + 13.5
    source_y = -sin * x + cos * y + elastic[1] + 13.5
    source_x, source_y = (jnp.clip(source, -1, 28) + 1 for source in (source_x, source_y))
    column, row = (jnp.minimum(jnp.floor(source), 28) for source in (source_x, source_y))
    right, down = source_x - column, source_y - row
    place = (row * 30 + column).astype(jnp.int32)
    ink = lambda offset: image[place + offset].astype(jnp.float32)
    upper, lower = ink(0) + right * (ink(1) - ink(0)), ink(30) + right * (ink(31) - ink(30))
    return (upper + down * (lower - upper)) / 255


def initial(key):
    shapes = {"c1": (6, 25, 25, 150), "c3": (16, 150, 150, 400), "c5": (120, 400, 400, 120), "f6": (84, 120, 120, 84),
              "out": (10, 84, 84, 10)}
    network = {}
    for key, (name, (outputs, inputs, fan_in, fan_out)) in zip(jax.random.split(key, len(shapes)), shapes.items()):
        limit = (6 / (fan_in + fan_out)) ** 0.5
        weights = jax.random.uniform(key, (outputs, inputs), minval=-limit, maxval=limit)
        network[name] = (weights, jnp.zeros(outputs))
    return network


def convolved(image, layer, side):
    """Convolves [channels, batch, height, width] with kernels of 5x5, then relu and average pooling."""
    weights, bias = layer
    channels, batch = image.shape[:2]
    patches = [image[:, :, i:i + side, j:j + side] for i in range(5) for j in range(5)]
    patches = jnp.stack(patches, 1).reshape(channels * 25, batch * side * side)
    maps = jax.nn.relu(weights @ patches + bias[:, None])
    return maps.reshape(-1, batch, side // 2, 2, side // 2, 2).mean((3, 5))


def logits(network, images):
    maps = convolved(jnp.pad(images, ((0, 0), (2, 2), (2, 2)))[None], network["c1"], 28)
    maps = convolved(maps, network["c3"], 10)
    values = maps.transpose(1, 0, 2, 3).reshape(len(images), 400)
    for name in ("c5", "f6"):
        values = jax.nn.relu(values @ network[name][0].T + network[name][1])
    return values @ network["out"][0].T + network["out"][1]


def loss(network, images, labels, smoothing):
    log_probabilities = jax.nn.log_softmax(logits(network, images))
    right = jnp.take_along_axis(log_probabilities, labels[:, None], 1)
    return -(1 - smoothing) * right.mean() - smoothing * log_probabilities.mean()


def norm(gradient):
    return jnp.sqrt(sum(jnp.sum(part * part) for part in jax.tree_util.tree_leaves(gradient)))


def trainer(images, labels, sharpness_aware):
    steps = TRAINED // BATCH

    def step(state, batch, key, factor, number, hyper):
        network, m, v, average = state
        of_draws, of_displacements = jax.random.split(key)
        draws = jax.random.uniform(of_draws, (BATCH, 5), minval=-1, maxval=1)
        displacements = jax.random.normal(of_displacements, (BATCH, 2, GRID, GRID))
        inputs = jax.vmap(augmented, (0, 0, 0, None))(images[batch], draws, displacements, hyper)
        gradient_at = lambda network: jax.grad(loss)(network, inputs, labels[batch], hyper["smoothing"])
        gradient = gradient_at(network)
        if sharpness_aware:  # Foret et al. 2021, equations 2 and 3.
            scale = hyper["radius"] / (norm(gradient) + 1e-12)
            gradient = gradient_at(tree_map(lambda p, g: p + scale * g, network, gradient))
        clipped = jnp.minimum(1.0, 1 / (norm(gradient) + 1e-6))
        gradient = tree_map(lambda g: g * clipped, gradient)
        rate, beta2, is_lion = hyper["rate"] * factor, hyper["beta2"], hyper["lion"] > 0
        before = m
        m = tree_map(lambda m, g: jnp.where(is_lion, 0.99 * m + 0.01 * g, 0.9 * m + 0.1 * g), m, gradient)
        v = tree_map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradient)

        def update(p, before, m, v, g):
            adam = m / (1 - 0.9**number)
            nadam = 0.9 * m / (1 - 0.9 ** (number + 1)) + 0.1 * g / (1 - 0.9**number)
            direction = jnp.where(hyper["nadam"] > 0, nadam, adam)
            direction = direction / (jnp.sqrt(v / (1 - beta2**number)) + 1e-7)
            lion = jnp.sign(0.9 * before + 0.1 * g)  # Chen et al. 2023, algorithm 2.
            return p * (1 - rate * hyper["decay"]) - rate * jnp.where(is_lion, lion, direction)

        network = tree_map(update, network, before, m, v, gradient)
        average = tree_map(lambda a, p: a + (1 - EMA) * (p - a), average, network)
        return network, m, v, average

    all_networks = jax.vmap(step, (0, 0, 0, None, None, 0))

    @functools.partial(jax.jit, donate_argnums=0)
    def epoch(state, keys, number, factors, hyper):
        keys = jax.vmap(lambda key: jax.random.fold_in(key, number))(keys)
        order = jax.vmap(lambda key: jax.random.permutation(key, TRAINED)[:steps * BATCH].reshape(steps, BATCH))(keys)

        def body(state, batch_and_place):
            batch, place = batch_and_place
            step_keys = jax.vmap(lambda key: jax.random.fold_in(key, place))(keys)
            count = (number * steps + place + 1).astype(jnp.float32)
            return all_networks(state, batch, step_keys, factors[place], count, hyper), None

        return jax.lax.scan(body, state, (order.swapaxes(0, 1), jnp.arange(steps)))[0]

    return epoch, steps


def one_cycle(epochs, steps):
    step = np.arange(epochs * steps)
    peak, last = WARM_UP * epochs * steps - 1, epochs * steps - 1
    between = lambda start, end, part: end + (start - end) * (1 + np.cos(np.pi * part)) / 2
    rising, falling = between(0.04, 1, step / peak), between(1, 0.04 / 1e4, (step - peak) / (last - peak))
    return jnp.array(np.where(step < peak, rising, falling).reshape(epochs, steps), jnp.float32)


def positions(images, distance):
    """Returns the images, [9, images, 28, 28], at nine positions, interpolated bilinearly."""
    padded = jnp.pad(images, ((0, 0), (1, 1), (1, 1)))
    weights = lambda shift: [max(0, 1 - abs(shift - place)) for place in (-1, 0, 1)]
    rows = lambda down: sum(weight * padded[:, i:i + 28] for i, weight in enumerate(weights(down)))
    at = lambda down, right: sum(weight * rows(down)[:, :, i:i + 28] for i, weight in enumerate(weights(right)))
    along = (0, -distance, distance) if distance else (0,)
    return jnp.stack([at(down, right) for down in along for right in along])


@jax.jit
def probabilities(networks, views):
    of_one = lambda network: jax.lax.map(lambda images: jax.nn.softmax(logits(network, images)), views).mean(0)
    return jax.lax.map(of_one, networks)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=120)
    parser.add_argument("--only", action="append", choices=list(VARIANTS), metavar="NAME")
    args = parser.parse_args()
    pixels = mnist(args.folder, "train-images-idx3-ubyte", 16).reshape(-1, 28, 28)
    labels = jnp.array(mnist(args.folder, "train-labels-idx1-ubyte", 8).astype(np.int32))
    images = jnp.array(np.pad(pixels[:TRAINED], ((0, 0), (1, 1), (1, 1)))).reshape(TRAINED, 900)
    held_out, held_out_labels = jnp.array(pixels[TRAINED:], jnp.float32) / 255, np.asarray(labels[TRAINED:])
    for sharpness_aware in (False, True):
        names = [name for name in args.only or VARIANTS if ("radius" in VARIANTS[name]) == sharpness_aware]
        if not names:
            continue
        began = time.time()
        epoch, steps = trainer(images, labels, sharpness_aware)
        hypers = [BEST | VARIANTS[name] for name in names for _ in range(args.seeds)]
        hyper = {key: jnp.array([hyper[key] for hyper in hypers], jnp.float32) for key in BEST}
        keys = jax.vmap(jax.random.key)(jnp.array([seed + 1 for _ in names for seed in range(args.seeds)]))
        networks = jax.vmap(lambda key: initial(jax.random.fold_in(key, 999)))(keys)
        zeros = lambda: tree_map(jnp.zeros_like, networks)
        state, factors = (networks, zeros(), zeros(), tree_map(jnp.copy, networks)), one_cycle(args.epochs, steps)
        for number in range(args.epochs):
            state = epoch(state, keys, jnp.int32(number), factors[number], hyper)
        for distance in (0, 0.5, 1):
            answers = np.asarray(probabilities(state[3], positions(held_out, distance)), np.float64)
            right = answers[:, np.arange(len(held_out_labels)), held_out_labels]
            accuracy = (answers.argmax(2) == held_out_labels).mean(1).reshape(-1, args.seeds)
            losses = -np.log(np.maximum(right, 1e-12)).mean(1).reshape(-1, args.seeds)
            for name, accuracies, losses in zip(names, accuracy, losses):
                error = accuracies.std() / args.seeds**0.5
                print(f"{name:30} positions {distance:>3} apart  {accuracies.mean():.5f} +- {error:.5f}"
                      f"  loss {losses.mean():.5f}")
        print(f"{len(hypers)} networks, {args.epochs} epochs: {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
