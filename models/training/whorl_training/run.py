"""A training that can stop at any time: the same command goes on from its last checkpoint."""

import json
import math
import platform
import time
from pathlib import Path

import numpy as np
import torch

from .data import Prints


def add_arguments(parser):
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders written by prepare")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True, help="of training in all, over all sessions")
    parser.add_argument("--threads", type=int, default=1)


class Run:
    """
    Data, clock, random numbers, checkpoint and record of a training.

    `parts` are what learns and what makes it learn, by name: anything with a state_dict.
    """

    def __init__(self, options, config, parts):
        torch.set_num_threads(options.threads)
        options.out.mkdir(parents=True, exist_ok=True)
        self.out, self.minutes, self.config, self.parts = options.out, options.minutes, config, parts
        self.machine = f"{platform.machine()}, {options.threads} thread(s), torch {torch.__version__}"
        self.state = {"step": 0, "seconds": 0.0, "curve": []}
        if self.checkpoint.exists():
            saved = torch.load(self.checkpoint)
            for name, part in parts.items():
                part.load_state_dict(saved[name])
            self.state = saved["state"]
        self.datasets = [Prints(folder) for folder in options.data]
        sizes = np.array([len(prints.families) for prints in self.datasets], float) ** 0.5
        self.shares = sizes / sizes.sum()
        seed = config["seed"] + self.state["step"]
        self.random, self.generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        self.begin = time.monotonic() - self.state["seconds"]

    @property
    def checkpoint(self):
        return self.out / "checkpoint.pt"

    @property
    def step(self):
        return self.state["step"]

    def prints(self):
        """A dataset by chance: the larger ones more often, but not by as much as they are larger."""
        return self.datasets[self.random.choice(len(self.datasets), p=self.shares)]

    def goes_on(self, optimizer, warm):
        """Sets the rate of the next step: up over the first `warm` steps, down with the time. False when the time is over."""
        self.state["seconds"] = time.monotonic() - self.begin
        part = self.state["seconds"] / 60 / self.minutes
        if part >= 1:
            return False
        rate = self.config["rate"] * min(1, (self.step + 1) / warm) * (0.5 + 0.5 * math.cos(math.pi * part) + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = rate
        return True

    def tell(self, figures, words):
        """A point of the curve, printed and saved."""
        self.state["curve"].append([self.step, *[round(float(v), 4) for v in figures]])
        print(f"{self.step:6d}  {self.state['seconds'] / 60:6.1f} min  {words}", flush=True)
        self.save()

    def save(self):
        torch.save(
            {**{name: part.state_dict() for name, part in self.parts.items()}, "state": self.state, "config": self.config},
            self.checkpoint,
        )
        record = {
            **self.state,
            "config": self.config,
            "data": [prints.source for prints in self.datasets],
            "machine": self.machine,
        }
        (self.out / "record.json").write_text(json.dumps(record, indent=1))
