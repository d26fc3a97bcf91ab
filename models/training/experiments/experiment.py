"""What every experiment has in common: its two settings, training that can be interrupted, and its record."""

import argparse
import json
import math
import os
import platform
import time
from pathlib import Path

import numpy as np
import torch

from prints import ROOT

HERE = Path(__file__).resolve().parent
SEED = 1


class Experiment:
    """One run of an experiment: `full` is recorded beside the code, `--quick` (for CI) only under the work folder."""

    def __init__(self, name, question):
        parser = argparse.ArgumentParser(description=question)
        parser.add_argument("--quick", action="store_true", help="a minute's worth, to show that it works")
        self.quick = parser.parse_args().quick
        self.name = name
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        base = Path(os.environ.get("WHORL_EXPERIMENTS", ROOT / "var" / "experiments"))
        self.work = base / ("quick" if self.quick else "full")
        self.work.mkdir(parents=True, exist_ok=True)
        self.pictures = self.work / "pictures" if self.quick else HERE / "pictures"
        self.pictures.mkdir(exist_ok=True)
        self._runs = []
        self._data = []

    def choose(self, full, quick):
        """What depends on the setting."""
        return quick if self.quick else full

    def uses(self, prints):
        """Notes the data in the record."""
        self._data.append(prints.data)
        print(f"{self.name}: {prints.data['prints']} prints of {prints.data['fingers']} fingers, {prints.source}")
        return prints

    def tensor(self, images):
        """uint8 [n, h, w] as float [n, 1, h, w] from 0 (ridge) to 1 (ground), on the device."""
        return torch.from_numpy(np.ascontiguousarray(images)).to(self.device).float().div_(255).unsqueeze(1)

    def fit(self, name, build, batch_loss, steps, judge, optimiser=None, rate=2e-3, seed=SEED):
        """Trains for a number of steps, or goes on where an interrupted run stopped.

        :param build: makes the net
        :param batch_loss: of the net and a random generator, to a loss with its graph; a step's generator depends on
            its number only, so that an interrupted run ends as an uninterrupted one
        :param judge: of the net, its validation figures, a dict of numbers; asked for eight times on the way
        :param optimiser: of parameters, to an optimiser of constant rate; default AdamW, rate falling like a cosine
        :returns: the net with its last weights, and the curve: figures with their step
        """
        torch.manual_seed(seed)
        net = build().to(self.device)
        falling = optimiser is None
        optimiser = optimiser(net.parameters()) if optimiser else torch.optim.AdamW(net.parameters(), rate)
        path = self.work / self.name / f"{name}.pt"
        path.parent.mkdir(exist_ok=True)
        step, curve, seconds, saved_at, said_at = 0, [], 0.0, 0.0, 0.0
        if path.exists():
            saved = torch.load(path, map_location=self.device)
            if saved["steps"] == steps:
                net.load_state_dict(saved["net"])
                if saved["step"] < steps:
                    optimiser.load_state_dict(saved["optimiser"])
                step, curve, seconds = saved["step"], saved["curve"], saved["seconds"]
        every = max(1, math.ceil(steps / 8))
        begin = time.monotonic() - seconds
        while step < steps:
            if falling:
                for group in optimiser.param_groups:
                    group["lr"] = rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
                    group["lr"] *= min(1, (step + 1) / 50)
            torch.manual_seed(seed * 1_000_003 + step)
            net.train()
            loss = batch_loss(net, np.random.default_rng((seed, step)))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            step += 1
            if step % every and step < steps:
                continue
            net.eval()
            with torch.no_grad():
                point = {"step": step, "loss": round(loss.item(), 5)}
                point.update({key: round(float(value), 5) for key, value in judge(net).items()})
            curve.append(point)
            seconds = time.monotonic() - begin
            last = step == steps
            if last or seconds - said_at > 10:
                said_at = seconds
                print(f"{self.name} {name}: {point}, {seconds:.0f} s", flush=True)
            if last or seconds - saved_at > 10:
                saved_at = seconds
                # What is finished needs no optimiser any more.
                state = {"net": net.state_dict(), "step": step, "steps": steps, "curve": curve, "seconds": seconds}
                torch.save(state if last else {**state, "optimiser": optimiser.state_dict()}, f"{path}.part")
                os.replace(f"{path}.part", path)
        net.eval()
        parameters = sum(parameter.numel() for parameter in net.parameters())
        run = {"run": name, "parameters": parameters, "steps": steps, "seconds": round(seconds, 1), "curve": curve}
        self._runs.append(run)
        return net, curve

    def record(self, figures):
        """Writes what came out, with all that is needed to judge it, and says the figures."""
        result = {
            "experiment": self.name,
            "setting": self.choose("full", "quick"),
            "seed": SEED,
            "data": self._data,
            "machine": _machine(self.device),
            "figures": figures,
            "runs": self._runs,
        }
        folder = self.work if self.quick else HERE / "results"
        folder.mkdir(exist_ok=True)
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
        print(json.dumps(figures, indent=1))
        print(f"{self.name}: recorded in {path}")


def _machine(device):
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return {
        "processor": torch.cuda.get_device_name(device) if device.type == "cuda" else model,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
