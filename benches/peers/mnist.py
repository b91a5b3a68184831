"""MNIST from a folder of IDX files, and the command line that both peers share."""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np


def _idx(folder, stem, magic):
    for name in (stem, stem.replace("-idx", ".idx")):
        for path, opener in ((folder / name, open), (folder / f"{name}.gz", gzip.open)):
            if path.exists():
                with opener(path, "rb") as file:
                    data = file.read()
                found = int.from_bytes(data[:4], "big")
                if found != magic:
                    raise SystemExit(f"{path}: expected magic number {magic}, found {found}")
                dimensions = np.frombuffer(data, ">i4", magic & 0xFF, 4)
                return np.frombuffer(data, np.uint8, offset=4 + 4 * len(dimensions)).reshape(dimensions)
    raise SystemExit(f"{folder}: expected {stem} or {stem}.gz, found neither")


def load(folder):
    """Returns (images, f32 from 0 to 1, n x 28 x 28; labels) of the training set and of the test set."""
    folder = Path(folder)
    return [
        (
            _idx(folder, f"{part}-images-idx3-ubyte", 2051).astype(np.float32) / np.float32(255),
            _idx(folder, f"{part}-labels-idx1-ubyte", 2049).astype(np.int64),
        )
        for part in ("train", "t10k")
    ]


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data-dir", required=True, help="folder with MNIST's four IDX files, raw or gzipped")
    parser.add_argument("--network", default="lenet-5")
    parser.add_argument("--activation", choices=["relu", "tanh", "sigmoid"], default="relu")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def report(epoch, seconds, test_accuracy):
    """Prints the line of an epoch; `seconds` covers training alone."""
    print(json.dumps({"epoch": epoch, "train_seconds": seconds, "test_accuracy": test_accuracy}), flush=True)
