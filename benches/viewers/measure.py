#!/usr/bin/env python3
"""Measures what viewers of a background run cost: time to the first frame of `attach`, and images per second without
and with three viewers (80x24, 120x40, 200x60), in turn. Python's standard library alone.

    benches/viewers/measure.py target/release/lenet-monitor MNIST_DIR [ROUNDS] [SECONDS]
"""

import fcntl
import json
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

SIZES = [(24, 80), (40, 120), (60, 200)]


class Viewer:
    """A process in a pseudo-terminal, whose output is read."""

    def __init__(self, command, size, env):
        self.started = time.monotonic()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ.update(env)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            os.execv(command[0], command)
        self.output = b""

    def read(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.terminal], [], [], left)[0]:
                self.output += os.read(self.terminal, 1 << 16)

    def seconds_until(self, text):
        while text not in self.output:
            self.output += os.read(self.terminal, 1 << 16)
        return time.monotonic() - self.started

    def kill(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def main(program, mnist, rounds=6, seconds=8):
    program, mnist, rounds, seconds = os.path.abspath(program), os.path.abspath(mnist), int(rounds), float(seconds)
    folder = tempfile.mkdtemp()
    env = {"XDG_RUNTIME_DIR": folder, "HOME": folder, "TERM": "xterm-256color", "LANG": "C.UTF-8"}

    def run(*arguments):
        command = [program, *arguments]
        return subprocess.run(command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=True)

    def viewer(size):
        return Viewer([program, "attach"], size, env)

    run("train", "--detach", "--data-dir", mnist, "--epochs", "10000")
    first = []
    for _ in range(20):
        one = viewer(SIZES[1])
        # The last row of the frame.
        first.append(one.seconds_until(b"quit"))
        one.kill()
    print(f"attach to the first frame: median {statistics.median(first):.3f} s, slowest {max(first):.3f} s of {len(first)}")

    def speed(viewers):
        def trained():
            status = json.loads(run("sessions", "--json").stdout)
            return status["images_per_second"]

        end, rates = time.monotonic() + seconds, []
        while time.monotonic() < end:
            for each in viewers:
                each.read(0.2 / len(viewers))
            if not viewers:
                time.sleep(0.2)
            rates.append(trained())
        return statistics.mean(rates)

    ratios = []
    for turn in range(rounds):
        rates = {}
        for count in [0, 3] if turn % 2 == 0 else [3, 0]:
            viewers = [viewer(size) for size in SIZES[:count]]
            for each in viewers:
                each.read(1)
            rates[count] = speed(viewers)
            for each in viewers:
                each.kill()
        ratios.append(rates[3] / rates[0])
        print(f"images/s without viewers {rates[0]:8.0f}   with three {rates[3]:8.0f}   ratio {ratios[-1]:.3f}")
    print(f"median ratio {statistics.median(ratios):.3f}")
    run("stop", "2")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
