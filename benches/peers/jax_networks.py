"""The networks in JAX: a whole epoch is one compiled scan over its steps, with the images in memory."""

import math
import os
import sys
import time

import mnist

options = mnist.arguments(__doc__).parse_args()
if options.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
from jax import lax, random  # noqa: E402

ACTIVATION = {"relu": jax.nn.relu, "tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid}[options.activation]


class Weights:
    """Initial weights by name, Glorot-uniform or orthogonal, and zero biases."""

    def __init__(self, seed):
        self.key, self.values = random.key(seed), {}

    def add(self, name, *shape, initial="glorot"):
        self.key, key = random.split(self.key)
        if initial == "zeros" or len(shape) == 1:
            value = jnp.full(shape, 1.0 if initial == "ones" else 0.0)
        elif initial == "orthogonal":
            value = jnp.concatenate([
                random.orthogonal(key, shape[0]) for key in random.split(key, shape[1] // shape[0])
            ], axis=1)  # fmt: skip
        else:
            field = math.prod(shape[:-2])
            limit = math.sqrt(6 / (field * (shape[-2] + shape[-1])))
            value = random.uniform(key, shape, minval=-limit, maxval=limit)
        self.values[name] = value

    def layer(self, name, *shape):
        self.add(f"{name}.w", *shape)
        self.add(f"{name}.b", shape[-1])


def dense(p, name, x):
    return x @ p[f"{name}.w"] + p[f"{name}.b"]


def convolution(p, name, x, padding="SAME"):
    """A product with the values under each kernel's place: on a CPU several times faster than lax's convolution."""
    kernel = p[f"{name}.w"]
    side, border = len(kernel), len(kernel) // 2 if padding == "SAME" else 0
    x = jnp.pad(x, ((0, 0), (border, border), (border, border), (0, 0)))
    n, h, w = len(x), x.shape[1] - side + 1, x.shape[2] - side + 1
    places = [x[:, dy : dy + h, dx : dx + w] for dy in range(side) for dx in range(side)]
    patches = jnp.concatenate(places, axis=-1).reshape(n * h * w, -1)
    return (patches @ kernel.reshape(-1, kernel.shape[-1])).reshape(n, h, w, -1) + p[f"{name}.b"]


def average(x, side=2):
    n, h, w, c = x.shape
    return x.reshape(n, h // side, side, w // side, side, c).mean((2, 4))


def lenet5(weights):
    weights.layer("c1", 5, 5, 1, 6)
    weights.layer("c3", 5, 5, 6, 16)
    weights.layer("c5", 400, 120)
    weights.layer("f6", 120, 84)
    weights.layer("output", 84, 10)

    def forward(p, x):
        x = average(ACTIVATION(convolution(p, "c1", x[..., None])))
        x = average(ACTIVATION(convolution(p, "c3", x, "VALID"))).reshape(len(x), -1)
        return dense(p, "output", ACTIVATION(dense(p, "f6", ACTIVATION(dense(p, "c5", x)))))

    return forward


def mlp(weights):
    weights.layer("hidden", 784, 76)
    weights.layer("output", 76, 10)
    return lambda p, x: dense(p, "output", ACTIVATION(dense(p, "hidden", x.reshape(len(x), -1))))


def recurrent(weights, units, gates, step):
    weights.layer("input", 28, gates * units)
    weights.add("recurrent", units, gates * units, initial="orthogonal")
    weights.layer("output", units, 10)
    if step is gru:
        weights.add("recurrent.b", gates * units)

    def forward(p, x):
        products = dense(p, "input", x).transpose(1, 0, 2)
        zeros = jnp.zeros((len(x), units))
        (state, _), _ = lax.scan(lambda carry, product: (step(p, product, *carry), None), (zeros, zeros), products)
        return dense(p, "output", state)

    return forward


def rnn(p, product, state, memory):
    return jnp.tanh(product + state @ p["recurrent"]), memory


def lstm(p, product, state, memory):
    i, f, c, o = jnp.split(product + state @ p["recurrent"], 4, axis=1)
    memory = jax.nn.sigmoid(f) * memory + jax.nn.sigmoid(i) * jnp.tanh(c)
    return jax.nn.sigmoid(o) * jnp.tanh(memory), memory


def gru(p, product, state, memory):
    z, r, h = jnp.split(product, 3, axis=1)
    of_z, of_r, of_h = jnp.split(state @ p["recurrent"] + p["recurrent.b"], 3, axis=1)
    z, r = jax.nn.sigmoid(z + of_z), jax.nn.sigmoid(r + of_r)
    return z * state + (1 - z) * jnp.tanh(h + r * of_h), memory


def resnet(weights):
    weights.layer("stem", 5, 5, 1, 16)
    stages = [(16, 16), (16, 32), (32, 54)]
    for number, (inputs, outputs) in enumerate(stages):
        weights.layer(f"{number}.first", 3, 3, inputs, outputs)
        weights.layer(f"{number}.second", 3, 3, outputs, outputs)
    weights.layer("output", 54, 10)

    def forward(p, x):
        x = average(ACTIVATION(convolution(p, "stem", x[..., None], "VALID")))
        for number, (inputs, outputs) in enumerate(stages):
            # The shortcut adds nothing to the maps beyond those of the input.
            shortcut = jnp.pad(x, ((0, 0), (0, 0), (0, 0), (0, outputs - inputs)))
            hidden = ACTIVATION(convolution(p, f"{number}.first", x))
            x = ACTIVATION(convolution(p, f"{number}.second", hidden) + shortcut)
            x = average(x) if number < 2 else x.mean((1, 2))
        return dense(p, "output", x)

    return forward


def inception(weights):
    weights.layer("stem", 5, 5, 1, 16)
    for block, inputs, (one, reduce3, three, reduce5, five, pooled) in [
        ("a", 16, (8, 8, 16, 4, 8, 8)),
        ("b", 40, (32, 32, 64, 16, 48, 32)),
    ]:
        weights.layer(f"{block}.one", 1, 1, inputs, one)
        weights.layer(f"{block}.reduce3", 1, 1, inputs, reduce3)
        weights.layer(f"{block}.three", 3, 3, reduce3, three)
        weights.layer(f"{block}.reduce5", 1, 1, inputs, reduce5)
        weights.layer(f"{block}.five", 5, 5, reduce5, five)
        weights.layer(f"{block}.pooled", 1, 1, inputs, pooled)
    weights.layer("output", 1584, 10)

    def forward(p, x):
        x = average(ACTIVATION(convolution(p, "stem", x[..., None], "VALID")))
        for block in "ab":

            def branch(name, x, block=block):
                return ACTIVATION(convolution(p, f"{block}.{name}", x))

            # Zeros outside the maps count in the average.
            surroundings = lax.reduce_window(x, 0.0, lax.add, (1, 3, 3, 1), (1, 1, 1, 1), "SAME") / 9
            three, five = branch("three", branch("reduce3", x)), branch("five", branch("reduce5", x))
            x = average(jnp.concatenate([branch("one", x), three, five, branch("pooled", surroundings)], 3))
        return dense(p, "output", x.reshape(len(x), -1))

    return forward


def attention(weights):
    width, heads = 56, 4
    weights.add("rows", 28, width)
    weights.add("positions", 28, width)
    for block in "ab":
        weights.add(f"{block}.in", width, 3 * width)
        weights.add(f"{block}.out", width, width)
        weights.layer(f"{block}.hidden", width, 144)
        weights.layer(f"{block}.output", 144, width)
    weights.layer("output", width, 10)

    def normalized(x):
        x = x - x.mean(2, keepdims=True)
        return x / jnp.sqrt((x * x).mean(2, keepdims=True) + 1e-5)

    def forward(p, x):
        x = x @ p["rows"] + p["positions"]
        for block in "ab":
            parts = (normalized(x) @ p[f"{block}.in"]).reshape(len(x), 28, 3, heads, width // heads)
            q, k, v = parts[:, :, 0], parts[:, :, 1], parts[:, :, 2]
            seen = jax.nn.softmax(jnp.einsum("nqhd,nkhd->nhqk", q, k) / math.sqrt(width // heads))
            x = x + jnp.einsum("nhqk,nkhd->nqhd", seen, v).reshape(len(x), 28, width) @ p[f"{block}.out"]
            x = x + dense(p, f"{block}.output", ACTIVATION(dense(p, f"{block}.hidden", normalized(x))))
        return dense(p, "output", normalized(x).mean(1))

    return forward


NETWORKS = {
    "lenet-5": lenet5,
    "mlp": mlp,
    "rnn": lambda weights: recurrent(weights, 224, 1, rnn),
    "lstm": lambda weights: recurrent(weights, 112, 4, lstm),
    "gru": lambda weights: recurrent(weights, 128, 3, gru),
    "resnet": resnet,
    "inception": inception,
    "attention": attention,
}


def main():
    weights = Weights(options.seed)
    forward, parameters = NETWORKS[options.network](weights), weights.values
    count = sum(value.size for value in parameters.values())
    assert abs(count / 61_706 - 1) < 0.05, count
    (images, labels), test = [tuple(map(jnp.asarray, split)) for split in mnist.load(options.data_dir)]

    def loss(parameters, batch):
        scores = jax.nn.log_softmax(forward(parameters, images[batch]))
        return -jnp.take_along_axis(scores, labels[batch][:, None], 1).mean()

    def step(state, batch):
        parameters, first, second, number = state
        gradient = jax.grad(loss)(parameters, batch)
        number += 1
        rate = 0.001 * jnp.sqrt(1 - 0.999**number) / (1 - 0.9**number)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), parameters, first, second)
        return (parameters, first, second, number), None

    @jax.jit
    def train(state, key):
        steps = len(labels) // options.batch_size
        order = random.permutation(key, len(labels))[: steps * options.batch_size].reshape(steps, -1)
        return lax.scan(step, state, order)[0]

    @jax.jit
    def accuracy(parameters):
        correct = lax.map(lambda part: forward(parameters, part).argmax(1), test[0].reshape(20, 500, 28, 28))
        return (correct.reshape(-1) == test[1]).mean()

    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros, zeros, jnp.zeros((), jnp.int32))
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        state = jax.block_until_ready(train(state, random.key(options.seed * 1000 + epoch)))
        seconds = time.perf_counter() - start
        mnist.report(epoch, seconds, float(accuracy(state[0])))


if __name__ == "__main__":
    sys.exit(main())
