"""The networks in PyTorch, trained on tensors in memory: no DataLoader, fused Adam, channels first."""

import sys
import time

import mnist
import torch
from torch import nn
from torch.nn import functional


class Recurrent(nn.Module):
    """A recurrent layer over the rows of the image, and the output, which reads its last state."""

    def __init__(self, layer, units):
        super().__init__()
        self.layer = layer(28, units, batch_first=True)
        self.output = nn.Linear(units, 10)

    def forward(self, images):
        return self.output(self.layer(images[:, 0])[0][:, -1])


def lenet5(layer):
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), layer(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), layer(), nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), layer(),
        nn.Linear(120, 84), layer(),
        nn.Linear(84, 10),
    )  # fmt: skip


def mlp(layer):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 76), layer(), nn.Linear(76, 10))


class Residual(nn.Module):
    """Two 3x3 convolutions with a shortcut, which adds nothing to the maps beyond those of the input."""

    def __init__(self, inputs, outputs, layer):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.layer, self.added = layer(), outputs - inputs

    def forward(self, maps):
        shortcut = functional.pad(maps, (0, 0, 0, 0, 0, self.added)) if self.added else maps
        return self.layer(self.second(self.layer(self.first(maps))) + shortcut)


def resnet(layer):
    return nn.Sequential(
        nn.Conv2d(1, 16, 5), layer(), nn.AvgPool2d(2),
        Residual(16, 16, layer), nn.AvgPool2d(2),
        Residual(16, 32, layer), nn.AvgPool2d(2),
        Residual(32, 54, layer), nn.AvgPool2d(3),
        nn.Flatten(), nn.Linear(54, 10),
    )  # fmt: skip


class Inception(nn.Module):
    """Branches of 1x1, 3x3, 5x5 and pooled maps side by side."""

    def __init__(self, inputs, one, reduce3, three, reduce5, five, pooled, layer):
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(inputs, one, 1), layer())
        self.three = nn.Sequential(nn.Conv2d(inputs, reduce3, 1), layer(), nn.Conv2d(reduce3, three, 3, padding=1), layer())
        self.five = nn.Sequential(nn.Conv2d(inputs, reduce5, 1), layer(), nn.Conv2d(reduce5, five, 5, padding=2), layer())
        self.pooled = nn.Sequential(nn.AvgPool2d(3, 1, 1), nn.Conv2d(inputs, pooled, 1), layer())

    def forward(self, maps):
        return torch.cat([self.one(maps), self.three(maps), self.five(maps), self.pooled(maps)], 1)


def inception(layer):
    return nn.Sequential(
        nn.Conv2d(1, 16, 5), layer(), nn.AvgPool2d(2),
        Inception(16, 8, 8, 16, 4, 8, 8, layer), nn.AvgPool2d(2),
        Inception(40, 32, 32, 64, 16, 48, 32, layer), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(1584, 10),
    )  # fmt: skip


class Encoder(nn.Module):
    """Self-attention and a network for each token, each after a normalization without parameters."""

    def __init__(self, layer):
        super().__init__()
        self.attention = nn.MultiheadAttention(56, 4, bias=False, batch_first=True)
        self.tokenwise = nn.Sequential(nn.Linear(56, 144), layer(), nn.Linear(144, 56))

    def forward(self, tokens):
        norm = functional.layer_norm(tokens, [56])
        tokens = tokens + self.attention(norm, norm, norm, need_weights=False)[0]
        return tokens + self.tokenwise(functional.layer_norm(tokens, [56]))


class Attention(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.rows = nn.Linear(28, 56, bias=False)
        self.positions = nn.Embedding(28, 56)
        self.blocks = nn.Sequential(Encoder(layer), Encoder(layer))
        self.output = nn.Linear(56, 10)

    def forward(self, images):
        tokens = self.blocks(self.rows(images[:, 0]) + self.positions.weight)
        return self.output(functional.layer_norm(tokens, [56]).mean(1))


NETWORKS = {
    "lenet-5": lenet5,
    "mlp": mlp,
    "rnn": lambda _: Recurrent(nn.RNN, 224),
    "lstm": lambda _: Recurrent(nn.LSTM, 112),
    "gru": lambda _: Recurrent(nn.GRU, 128),
    "resnet": resnet,
    "inception": inception,
    "attention": Attention,
}


def build(network, activation):
    model = NETWORKS[network]({"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[activation])
    for name, parameter in model.named_parameters():
        if "weight_hh" in name:
            for gate in parameter.chunk(parameter.shape[0] // parameter.shape[1]):
                nn.init.orthogonal_(gate)
        elif parameter.dim() > 1:
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    assert abs(parameters / 61_706 - 1) < 0.05, parameters
    return model


def accuracy(model, images, labels):
    with torch.inference_mode():
        return sum(
            (model(images[start:start + 500]).argmax(1) == labels[start:start + 500]).sum().item()
            for start in range(0, len(labels), 500)
        ) / len(labels)


def main():
    options = mnist.arguments(__doc__).parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    (images, labels), test = [
        (torch.from_numpy(images)[:, None].contiguous(), torch.from_numpy(labels))
        for images, labels in mnist.load(options.data_dir)
    ]
    model = build(options.network, options.activation)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7, fused=True)
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        for indices in torch.randperm(len(labels)).split(options.batch_size):
            loss = functional.cross_entropy(model(images[indices]), labels[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        seconds = time.perf_counter() - start
        mnist.report(epoch, seconds, accuracy(model, *test))


if __name__ == "__main__":
    sys.exit(main())
