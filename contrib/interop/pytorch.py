"""The networks in PyTorch, with the names that `lenet-monitor export` gives their tensors.

    from pytorch import load
    model = load("lenet.safetensors")          # logits of images [N, 1, 28, 28] with ink from 0 to 1
"""

import json

import safetensors
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
POOLING = {"avg": functional.avg_pool2d, "max": functional.max_pool2d}


class LeNet5(nn.Module):
    def __init__(self, activation, pool, delay):
        super().__init__()
        self.c1, self.c3 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.c5, self.f6, self.output = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        self.activation, self.pool = activation, pool

    def forward(self, images):
        maps = self.pool(self.activation(self.c1(images)), 2)
        maps = self.pool(self.activation(self.c3(maps)), 2)
        values = self.activation(self.c5(maps.flatten(1)))
        return self.output(self.activation(self.f6(values)))


class Mlp(nn.Module):
    def __init__(self, activation, pool, delay):
        super().__init__()
        self.hidden, self.output, self.activation = nn.Linear(784, 76), nn.Linear(76, 10), activation

    def forward(self, images):
        return self.output(self.activation(self.hidden(images.flatten(1))))


class Recurrent(nn.Module):
    """Reads the rows of an image, and `delay` empty ones after them."""

    def __init__(self, layer, units, delay):
        super().__init__()
        self.recurrent, self.output, self.delay = layer(28, units, batch_first=True), nn.Linear(units, 10), delay

    def forward(self, images):
        rows = functional.pad(images[:, 0], (0, 0, 0, self.delay))
        return self.output(self.recurrent(rows)[0][:, -1])


class Residual(nn.Module):
    def __init__(self, inputs, outputs, activation):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.activation, self.added = activation, outputs - inputs

    def forward(self, maps):
        shortcut = functional.pad(maps, (0, 0, 0, 0, 0, self.added))
        return self.activation(self.second(self.activation(self.first(maps))) + shortcut)


class ResNet(nn.Module):
    def __init__(self, activation, pool, delay):
        super().__init__()
        self.stem, self.output = nn.Conv2d(1, 16, 5), nn.Linear(54, 10)
        self.stage1, self.stage2 = Residual(16, 16, activation), Residual(16, 32, activation)
        self.stage3 = Residual(32, 54, activation)
        self.activation, self.pool = activation, pool

    def forward(self, images):
        maps = self.pool(self.activation(self.stem(images)), 2)
        maps = self.pool(self.stage2(self.pool(self.stage1(maps), 2)), 2)
        return self.output(self.stage3(maps).mean((2, 3)))


class Branch(nn.Module):
    def __init__(self, inputs, reduced, outputs, side, activation):
        super().__init__()
        self.reduce, self.activation = nn.Conv2d(inputs, reduced, 1), activation
        self.conv = nn.Conv2d(reduced, outputs, side, padding=side // 2)

    def forward(self, maps):
        return self.activation(self.conv(self.activation(self.reduce(maps))))


class Block(nn.Module):
    def __init__(self, inputs, one, reduced3, three, reduced5, five, pooled, activation, pool):
        super().__init__()
        self.one, self.pooled = nn.Conv2d(inputs, one, 1), nn.Conv2d(inputs, pooled, 1)
        self.three = Branch(inputs, reduced3, three, 3, activation)
        self.five = Branch(inputs, reduced5, five, 5, activation)
        self.activation, self.pool = activation, pool

    def forward(self, maps):
        around = self.pool(maps, 3, 1, 1)
        parts = [self.activation(self.one(maps)), self.three(maps), self.five(maps), self.activation(self.pooled(around))]
        return torch.cat(parts, 1)


class InceptionNet(nn.Module):
    def __init__(self, activation, pool, delay):
        super().__init__()
        self.stem, self.output = nn.Conv2d(1, 16, 5), nn.Linear(1584, 10)
        self.block1 = Block(16, 8, 8, 16, 4, 8, 8, activation, pool)
        self.block2 = Block(40, 32, 32, 64, 16, 48, 32, activation, pool)
        self.activation, self.pool = activation, pool

    def forward(self, images):
        maps = self.pool(self.activation(self.stem(images)), 2)
        maps = self.pool(self.block2(self.pool(self.block1(maps), 2)), 2)
        return self.output(maps.flatten(1))


class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.position = nn.Parameter(torch.empty(56, 28)), nn.Parameter(torch.empty(28, 56))

    def forward(self, rows):
        return functional.linear(rows, self.weight) + self.position


class FeedForward(nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.hidden, self.output, self.activation = nn.Linear(56, 144), nn.Linear(144, 56), activation

    def forward(self, tokens):
        return self.output(self.activation(self.hidden(tokens)))


class Encoder(nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.attention = nn.MultiheadAttention(56, 4, bias=False, batch_first=True)
        self.feed_forward = FeedForward(activation)

    def forward(self, tokens):
        norm = functional.layer_norm(tokens, [56])
        tokens = tokens + self.attention(norm, norm, norm, need_weights=False)[0]
        return tokens + self.feed_forward(functional.layer_norm(tokens, [56]))


class Attention(nn.Module):
    def __init__(self, activation, pool, delay):
        super().__init__()
        self.rows, self.output = Rows(), nn.Linear(56, 10)
        self.first, self.second = Encoder(activation), Encoder(activation)

    def forward(self, images):
        tokens = self.second(self.first(self.rows(images[:, 0])))
        return self.output(functional.layer_norm(tokens, [56]).mean(1))


NETWORKS = {
    "lenet-5": LeNet5,
    "mlp": Mlp,
    "rnn": lambda activation, pool, delay: Recurrent(nn.RNN, 224, delay),
    "lstm": lambda activation, pool, delay: Recurrent(nn.LSTM, 112, delay),
    "gru": lambda activation, pool, delay: Recurrent(nn.GRU, 128, delay),
    "resnet": ResNet,
    "inception": InceptionNet,
    "attention": Attention,
}


def load(path):
    with safetensors.safe_open(path, "pt") as file:
        hyper = json.loads(file.metadata()["lenet-monitor"])["hyperparameters"]
    model = NETWORKS[hyper["network"]](ACTIVATIONS[hyper["activation"]], POOLING[hyper["pooling"]], hyper["delay"])
    model.load_state_dict(load_file(path))
    return model.eval()
