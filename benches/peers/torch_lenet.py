"""The network in PyTorch, trained on tensors in memory: no DataLoader, fused Adam, channels first."""

import sys
import time

import mnist
import torch
from torch import nn
from torch.nn import functional


def lenet5(activation):
    layer = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[activation]
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), layer(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), layer(), nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), layer(),
        nn.Linear(120, 84), layer(),
        nn.Linear(84, 10),
    )  # fmt: skip
    for name, parameter in model.named_parameters():
        if name.endswith("weight"):
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)
    assert sum(parameter.numel() for parameter in model.parameters()) == 61_706
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
    model = lenet5(options.activation)
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
