"""The networks in Keras, with weights from `lenet-monitor export CHECKPOINT --to FILE.npz --layout keras`.

    from keras_networks import load
    model = load("lenet.npz", "lenet-5")       # logits of images [N, 28, 28, 1] with ink from 0 to 1
"""

import numpy as np
from keras import Input, Model, layers, ops


def filled(layer, arrays, *inputs):
    """Applies a layer, and gives it weights."""
    outputs = layer(*inputs)
    layer.set_weights(arrays)
    return outputs


class Network:
    def __init__(self, arrays, activation, pooling, delay):
        self.arrays, self.activation, self.pooling, self.delay = arrays, activation, pooling, delay

    def of(self, name, *kinds):
        return [self.arrays[f"{name}/{kind}"] for kind in kinds]

    def conv(self, name, maps, padding="valid", activation=True):
        kernel, bias = self.of(name, "kernel", "bias")
        layer = layers.Conv2D(len(bias), kernel.shape[0], padding=padding, activation=activation and self.activation or None)
        return filled(layer, [kernel, bias], maps)

    def dense(self, name, values, activation=True):
        kernel, bias = self.of(name, "kernel", "bias")
        layer = layers.Dense(len(bias), activation=activation and self.activation or None)
        return filled(layer, [kernel, bias], values)

    def pool(self, maps):
        return (layers.AveragePooling2D if self.pooling == "avg" else layers.MaxPooling2D)(2)(maps)

    def around(self, maps):
        if self.pooling == "max":
            return layers.MaxPooling2D(3, 1, "same")(maps)
        return layers.AveragePooling2D(3, 1, "valid")(layers.ZeroPadding2D(1)(maps))

    def output(self, values):
        return self.dense("output", values, activation=False)

    def lenet_5(self, images):
        maps = self.pool(self.conv("c1", images, "same"))
        values = layers.Flatten()(self.pool(self.conv("c3", maps)))
        return self.output(self.dense("f6", self.dense("c5", values)))

    def mlp(self, images):
        return self.output(self.dense("hidden", layers.Flatten()(images)))

    def recurrent(self, images, layer):
        rows = layers.ZeroPadding1D((0, self.delay))(layers.Reshape((28, 28))(images))
        kernels = self.of("recurrent", "kernel", "recurrent_kernel", "bias")
        return self.output(filled(layer(kernels[1].shape[0]), kernels, rows))

    def rnn(self, images):
        return self.recurrent(images, layers.SimpleRNN)

    def lstm(self, images):
        return self.recurrent(images, layers.LSTM)

    def gru(self, images):
        return self.recurrent(images, layers.GRU)

    def resnet(self, images):
        maps = self.pool(self.conv("stem", images))
        for stage in ("stage1", "stage2", "stage3"):
            second = self.conv(f"{stage}/second", self.conv(f"{stage}/first", maps, "same"), "same", activation=False)
            shortcut = ops.pad(maps, [(0, 0), (0, 0), (0, 0), (0, second.shape[-1] - maps.shape[-1])])
            maps = layers.Activation(self.activation)(layers.Add()([second, shortcut]))
            maps = layers.GlobalAveragePooling2D()(maps) if stage == "stage3" else self.pool(maps)
        return self.output(maps)

    def inception(self, images):
        maps = self.pool(self.conv("stem", images))
        for block in ("block1", "block2"):
            branch = lambda name: self.conv(f"{block}/{name}/conv", self.conv(f"{block}/{name}/reduce", maps), "same")
            pooled = self.conv(f"{block}/pooled", self.around(maps))
            parts = [self.conv(f"{block}/one", maps), branch("three"), branch("five"), pooled]
            maps = self.pool(layers.Concatenate()(parts))
        return self.output(layers.Flatten()(maps))

    def attention(self, images):
        norm = lambda: layers.LayerNormalization(epsilon=1e-5, center=False, scale=False)
        rows = layers.Reshape((28, 28))(images)
        kernel, position = self.of("rows", "kernel", "position")
        tokens = filled(layers.Dense(56, use_bias=False), [kernel], rows) + position
        for block in ("first", "second"):
            kernels = self.of(f"{block}/attention", *(f"{part}/kernel" for part in ("query", "key", "value", "output")))
            attention, read = layers.MultiHeadAttention(4, 14, use_bias=False), norm()(tokens)
            tokens = tokens + filled(attention, kernels, read, read)
            hidden = self.dense(f"{block}/feed_forward/hidden", norm()(tokens))
            tokens = tokens + self.dense(f"{block}/feed_forward/output", hidden, activation=False)
        return self.output(ops.mean(norm()(tokens), axis=1))


def load(path, network, activation="relu", pooling="avg", delay=0):
    images = Input((28, 28, 1))
    with np.load(path) as arrays:
        build = getattr(Network(arrays, activation, pooling, delay), network.replace("-", "_"))
        return Model(images, build(images))
