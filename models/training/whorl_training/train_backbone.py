"""Trains the siamese backbone. Resumable: the same command goes on from its last checkpoint."""

import argparse
import json
import math
import platform
import time
from pathlib import Path

import numpy as np
import torch

from .data import Prints, cut, pose_of
from .losses import bits, cell_loss, place_loss, print_loss, print_scores, upright
from .nets import Backbone


def batch_of(datasets, shares, fingers, generator, random, config):
    """Two windows each of `fingers` fingers, two or four siblings of a family side by side."""
    prints = datasets[random.choice(len(datasets), p=shares)]
    first, second, finger = [], [], []
    siblings = int(random.choice((2, 4)))
    for family in random.choice(len(prints.families), fingers // siblings, replace=False):
        members = prints.families[family]
        for member in random.choice(len(members), siblings, replace=False):
            one, other = random.choice(members[member], 2, replace=False)
            first.append(one)
            second.append(other)
            finger.append(prints.identity[one, 0])
    mirror = torch.tensor([random.random() < 0.5 for _ in range(fingers // siblings)]).repeat_interleave(siblings)
    # Whole prints are compared shift by shift, so they stand upright, but for what the head's steps of 10 degrees leave.
    turned = random.random() < config["turned"]
    side = config["side"]

    def window(indices):
        if turned:
            turn = math.radians(40)
        else:
            rotation = pose_of(prints, indices)[0] + math.radians(4) * torch.randn(len(indices), generator=generator)
            turn = torch.where(mirror, rotation, -rotation)
        return cut(prints, indices, side, turn, config["spread"], generator, mirror)

    return [window(indices) for indices in (first, second)], torch.tensor(finger), turned


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders written by prepare")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True, help="of training in all, over all sessions")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    config = json.loads(options.config.read_text())
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"

    net = Backbone(tuple(config["widths"]), config["blocks"])
    temperature = torch.nn.Parameter(torch.tensor(math.log(0.1)))
    bias = torch.nn.Parameter(torch.tensor(0.25))
    slope = torch.nn.Parameter(torch.tensor(1.0))
    extra = [temperature, bias, slope]
    optimizer = torch.optim.AdamW(
        [{"params": net.parameters(), "weight_decay": 1e-4}, {"params": extra, "weight_decay": 0.0}], lr=config["rate"]
    )
    state = {"step": 0, "seconds": 0.0, "curve": []}
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        for parameter, value in zip(extra, saved["extra"]):
            parameter.data.copy_(value)
        state = saved["state"]
    datasets = [Prints(folder) for folder in options.data]
    sizes = np.array([len(prints.families) for prints in datasets], float) ** 0.5
    seed = config["seed"] + state["step"]
    random, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)

    def save():
        torch.save(
            {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "extra": [p.data for p in extra], "state": state,
             "config": config},
            checkpoint,
        )
        record = {
            **{key: state[key] for key in ("step", "seconds", "curve")},
            "config": config,
            "data": [prints.source for prints in datasets],
            "machine": f"{platform.machine()}, {options.threads} thread(s), torch {torch.__version__}",
        }
        (options.out / "record.json").write_text(json.dumps(record, indent=1))

    net.train()
    begin, sums, count = time.monotonic() - state["seconds"], np.zeros(5), 0
    while True:
        state["seconds"] = time.monotonic() - begin
        part = state["seconds"] / 60 / options.minutes
        if part >= 1:
            break
        rate = config["rate"] * min(1, (state["step"] + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * part) + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = rate
        (a, b), finger, turned = batch_of(datasets, sizes / sizes.sum(), config["fingers"], generator, random, config)
        n = len(finger)
        descriptors, confidence, place = net(torch.cat((a[0], b[0])))
        stored = bits(descriptors[n:]) if state["step"] % 4 else descriptors[n:]
        up_a, up_b = upright(descriptors[:n], a[2]), upright(stored, b[2])
        cells, right = cell_loss(up_a, up_b, a[1], b[1], finger, temperature.exp())
        where = place_loss(place, torch.cat((a[1], b[1])), torch.cat((a[2], b[2])))
        if turned:
            whole = torch.zeros(())
            hits = math.nan
        else:
            scores = print_scores(up_a, up_b, confidence[:n], confidence[n:], bias)
            whole = print_loss(scores, finger, slope)
            hits = (scores.argmax(1) == torch.arange(n)).float().mean().item()
        loss = cells + 2.0 * whole + 0.5 * where
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*net.parameters(), *extra], 2.0)
        optimizer.step()
        state["step"] += 1
        if not turned:
            sums += [cells.item(), whole.item(), where.item(), right.item(), hits]
            count += 1
        if state["step"] % 100 == 0:
            means = sums / max(count, 1)
            state["curve"].append([state["step"], *[round(float(v), 4) for v in means]])
            print(
                f"{state['step']:6d}  {state['seconds'] / 60:6.1f} min  cells {means[0]:.3f}  prints {means[1]:.3f}  "
                f"place {means[2]:.4f}  right cell {means[3]:.3f}  right print {means[4]:.3f}  "
                f"T {temperature.exp().item():.3f} bias {bias.item():.2f} slope {slope.item():.2f}",
                flush=True,
            )
            sums, count = np.zeros(5), 0
            save()
    save()


if __name__ == "__main__":
    main()
