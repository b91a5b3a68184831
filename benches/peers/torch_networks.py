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


NETWORKS = {
    "lenet-5": lenet5,
    "mlp": mlp,
    "rnn": lambda _: Recurrent(nn.RNN, 224),
    "lstm": lambda _: Recurrent(nn.LSTM, 112),
    "gru": lambda _: Recurrent(nn.GRU, 128),
}


def build(network, activation):
    model = NETWORKS[network]({"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[activation])
    for name, parameter in model.named_parameters():
        if "norm" in name:
            continue
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
