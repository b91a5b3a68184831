"""Trains networks with Keras, PyTorch, JAX and lenet-monitor in turn, prints a table of their training times, and writes
a shorter one to the README.

Started by `run`, which creates the environment. README.md says what is measured.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BINARY = HERE.parent.parent / "target" / "release" / "lenet-monitor"
README = HERE.parent.parent / "README.md"
# Between these lines of the README stands the table.
MARKS = ("<!-- benches/peers/run writes from here -->\n", "<!-- to here -->")
TRAIN_IMAGES = 60_000

LENET = "lenet-5"
NETWORKS = ["mlp", "rnn", "lstm", "gru", "resnet", "inception", "attention"]
# Network, threads, batch size and activation by name. None: all threads of the comparison.
SETTINGS = {
    "default": (LENET, None, 16, "relu"),
    "one-core": (LENET, 1, 16, "relu"),
    "batch-64": (LENET, None, 64, "relu"),
    "tanh": (LENET, None, 16, "tanh"),
    "sigmoid": (LENET, None, 16, "sigmoid"),
    **{network: (network, None, 16, "relu") for network in NETWORKS},
}
OURS = "lenet-monitor"
KERAS = ["Keras", "Keras, 50 steps per call"]
SYSTEMS = [*KERAS, "PyTorch", "JAX", OURS]
# Prefixes of the shell's thread settings for other programs. Here only `--threads` counts.
THREAD_SETTINGS = ("GOTO_", "KMP_", "MKL_", "NVPL_", "OMP_", "OPENBLAS_", "OPENMP_", "TF_NUM_")


def command(system, data_dir, binary, checkpoints):
    python = [sys.executable]
    match system:
        case "Keras":
            start = [*python, HERE / "keras_lenet.py"]
        case "Keras, 50 steps per call":
            start = [*python, HERE / "keras_lenet.py", "--steps-per-execution", "50"]
        case "PyTorch":
            start = [*python, HERE / "torch_networks.py"]
        case "JAX":
            start = [*python, HERE / "jax_networks.py"]
        case _:
            start = [binary, "train", "--json", "--headless", "--dataset", "mnist", "--optimizer", "adam"]
            start += ["--lr", "0.001", "--checkpoint-dir", checkpoints]
    return [*map(str, start), "--data-dir", str(data_dir)]


def train_seconds(line):
    """Returns the seconds of training alone, from an epoch's line."""
    return line["train_seconds"] if "train_seconds" in line else TRAIN_IMAGES / line["images_per_second"]


def train(system, network, threads, batch_size, activation, seed, options):
    """Returns the seconds of each epoch but the first, and the test accuracy after the last."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(THREAD_SETTINGS)}
    environment["CUDA_VISIBLE_DEVICES"] = ""
    with tempfile.TemporaryDirectory() as checkpoints:
        arguments = [
            *command(system, options.data_dir, options.ours, checkpoints),
            *(() if system in KERAS else ("--network", network)),
            *("--threads", threads, "--batch-size", batch_size, "--activation", activation),
            *("--epochs", options.epochs, "--seed", seed),
        ]
        run = subprocess.run([str(part) for part in arguments], env=environment, capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, arguments))}\nended with {run.returncode}:\n{run.stderr[-2000:]}")
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    epochs = [line for line in lines if "epoch" in line]
    if len(epochs) != options.epochs:
        raise SystemExit(f"{system}: expected {options.epochs} epochs, found {len(epochs)}")
    return [train_seconds(line) for line in epochs[1:]], epochs[-1]["test_accuracy"]


def describe(name, options):
    network, threads, batch_size, activation = SETTINGS[name]
    threads = threads or options.threads
    title = f"{activation}, batch {batch_size}, {threads} thread{'s' * (threads > 1)}"
    return network, threads, batch_size, activation, title if network == LENET else f"{network}, {title}"


def table(results, options):
    """Formats the table. `results` has, for each (setting, system), a list of the return values of `train`."""
    epochs = f"test accuracy after {options.epochs} epochs"
    lines = [f"| setting | system | s per epoch | ms per step | times ours | {epochs} |", "| --- " * 6 + "|"]
    for setting in options.settings:
        _, _, batch_size, _, title = describe(setting, options)
        seconds = {
            system: [second for run, _ in results[setting, system] for second in run]
            for system in options.systems
            if results.get((setting, system))
        }
        ours = statistics.median(seconds[OURS]) if OURS in seconds else None
        for system, values in seconds.items():
            median = statistics.median(values)
            ratio = f"{median / ours:.2f}" if ours else "-"
            accuracy = statistics.mean(accuracy for _, accuracy in results[setting, system])
            step = median * 1000 / -(-TRAIN_IMAGES // batch_size)
            spread = f"{median:.2f} ({min(values):.2f} to {max(values):.2f})"
            lines.append(f"| {title} | {system} | {spread} | {step:.3f} | {ratio} | {accuracy:.2%} |")
    return "\n".join(lines)


def processor():
    """Returns the processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def versions(systems):
    """Returns the systems compared, with their versions."""
    packages = {"Keras": "keras", "PyTorch": "torch", "JAX": "jax"}
    return [f"{system} {importlib.metadata.version(packages[system])}" for system in systems if system in packages]


def readme_table(results, options):
    """Formats the README's table: seconds per epoch, and how many times as long as ours, with a line about the origin."""
    systems = sorted(options.systems, key=lambda system: system != OURS)
    lines = [f"| {' | '.join(['an epoch of', *systems])} |", "| --- " * (len(systems) + 1) + "|"]
    for setting in options.settings:
        medians = {
            system: statistics.median(second for run, _ in results[setting, system] for second in run)
            for system in systems
            if (setting, system) in results
        }
        cells = [describe(setting, options)[-1]]
        for system in systems:
            cell = f"{medians[system]:.2f} s" if system in medians else ""
            if system in medians and system != OURS and OURS in medians:
                cell += f" ({medians[system] / medians[OURS]:.1f})"
            cells.append(cell)
        lines.append(f"| {' | '.join(cells)} |")
    turns = f"{options.rounds} turn{'s' * (options.rounds > 1)} of {options.epochs} epochs, the first of them left out"
    date = datetime.date.today().isoformat()
    lines += [
        "",
        "Seconds of training for 60,000 images and, in brackets, as a multiple of lenet-monitor's; medians of",
        f"{turns}, the systems taking turns.",
        f"{date}, {processor()}, {os.cpu_count()} cores; {', '.join(versions(systems))}.",
    ]
    return "\n".join(lines) + "\n"


def write_readme(text):
    before, marks, after = README.read_text(encoding="utf-8").partition(MARKS[0])
    if not marks or MARKS[1] not in after:
        raise SystemExit(f"{README}: expected the lines {MARKS[0].strip()!r} and {MARKS[1]!r}, found none; nothing is written")
    README.write_text(before + MARKS[0] + text + after[after.index(MARKS[1]):], encoding="utf-8")


def arguments():
    parser = argparse.ArgumentParser(prog="run", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data_dir", type=Path, help="folder with MNIST's four IDX files, raw or gzipped")
    parser.add_argument("--quick", action="store_true", help="one round of two epochs, the default setting and one core")
    parser.add_argument("--rounds", type=int, help="number of turns of each system (default 3)")
    parser.add_argument("--epochs", type=int, help="epochs per turn; the first is not timed (default 4)")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1), help="default %(default)s")
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, help="default all")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS, help="default all")
    parser.add_argument("--print-only", action="store_true", help="leave the README as it is")
    parser.add_argument("--ours", type=Path, default=BINARY, help="our binary (default: this checkout's release build)")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.epochs = options.epochs or (2 if options.quick else 4)
    options.settings = options.settings or (["default", "one-core"] if options.quick else list(SETTINGS))
    if options.epochs < 2:
        parser.error("--epochs must be at least 2: the first is not timed")
    if OURS in options.systems and not options.ours.exists():
        parser.error(f"{options.ours} does not exist: build it with `cargo build --release`, or leave it out of --systems")
    return options


def main():
    options = arguments()
    results = {}
    for number in range(1, options.rounds + 1):
        for setting in options.settings:
            network, threads, batch_size, activation, title = describe(setting, options)
            for system in options.systems:
                if system in KERAS and network != LENET:
                    continue
                # The seed is the round's number, so that accuracies are means over seeds.
                run = train(system, network, threads, batch_size, activation, number, options)
                results.setdefault((setting, system), []).append(run)
                times = ", ".join(f"{second:.2f}" for second in run[0])
                print(f"round {number}: {title}, {system}: {times} s, {run[1]:.2%}", file=sys.stderr, flush=True)
    print(table(results, options))
    if not options.print_only:
        write_readme(readme_table(results, options))


if __name__ == "__main__":
    main()
