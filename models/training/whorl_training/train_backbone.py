"""Trains the siamese backbone. Resumable: the same command goes on from its last checkpoint."""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import torch

from .data import cut, pose_of
from .losses import bits, cell_loss, place_loss, print_loss, print_scores, upright
from .nets import Backbone
from .run import Run, add_arguments


class Scales(torch.nn.Module):
    """What is learned beside the net: temperature of the cells (its logarithm), bias and slope of the head's scores."""

    def __init__(self):
        super().__init__()
        self.temperature = torch.nn.Parameter(torch.tensor(math.log(0.1)))
        self.bias = torch.nn.Parameter(torch.tensor(0.25))
        self.slope = torch.nn.Parameter(torch.tensor(1.0))


def batch_of(prints, fingers, generator, random, config):
    """Two windows each of `fingers` fingers, two or four siblings of a family side by side."""
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
    add_arguments(parser)
    parser.add_argument("--shipped", type=Path, help="float ONNX to begin with, where its checkpoint is gone")
    options = parser.parse_args()
    config = json.loads(options.config.read_text())

    net, scales = Backbone(tuple(config["widths"]), config["blocks"]), Scales()
    optimizer = torch.optim.AdamW(
        [{"params": net.parameters(), "weight_decay": 1e-4}, {"params": scales.parameters(), "weight_decay": 0.0}],
        lr=config["rate"],
    )
    run = Run(options, config, {"net": net, "scales": scales, "optimizer": optimizer})
    if options.shipped and run.step == 0:
        from .shipped_weights import load_shipped  # needs onnx, which training otherwise does not

        images = []
        for prints in run.datasets:
            (one, _), _, _ = batch_of(prints, config["fingers"], run.generator, run.random, config)
            images.append(one[0])
        run.state["origin"] = load_shipped(net, options.shipped, torch.cat(images))

    net.train()
    sums, count = np.zeros(5), 0
    while run.goes_on(optimizer, warm=100):
        (a, b), finger, turned = batch_of(run.prints(), config["fingers"], run.generator, run.random, config)
        n = len(finger)
        descriptors, confidence, place = net(torch.cat((a[0], b[0])))
        stored = bits(descriptors[n:]) if run.step % 4 else descriptors[n:]
        up_a, up_b = upright(descriptors[:n], a[2]), upright(stored, b[2])
        cells, right = cell_loss(up_a, up_b, a[1], b[1], finger, scales.temperature.exp())
        where = place_loss(place, torch.cat((a[1], b[1])), torch.cat((a[2], b[2])))
        if turned:
            whole = torch.zeros(())
        else:
            scores = print_scores(up_a, up_b, confidence[:n], confidence[n:], scales.bias)
            whole = print_loss(scores, finger, scales.slope)
            hits = (scores.argmax(1) == torch.arange(n)).float().mean().item()
            sums += [cells.item(), whole.item(), where.item(), right.item(), hits]
            count += 1
        loss = cells + 2.0 * whole + 0.5 * where
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*net.parameters(), *scales.parameters()], 2.0)
        optimizer.step()
        run.state["step"] += 1
        if run.step % 100 == 0:
            means = sums / max(count, 1)
            run.tell(
                means,
                f"cells {means[0]:.3f}  prints {means[1]:.3f}  place {means[2]:.4f}  right cell {means[3]:.3f}  "
                f"right print {means[4]:.3f}  T {scales.temperature.exp().item():.3f} bias {scales.bias.item():.2f} "
                f"slope {scales.slope.item():.2f}",
            )
            sums, count = np.zeros(5), 0
    run.save()


if __name__ == "__main__":
    main()
