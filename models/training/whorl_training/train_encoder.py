"""
Trains encoder and decoder on the backbone's frozen trunk: reconstruct the clean print, hold a finger's prints together.
Resumable: the same command goes on from its last checkpoint.
"""

import argparse
import json
import math
import platform
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .data import Prints, cut, pose_of
from .nets import CROP, Decoder, Encoder


def upright_windows(prints, indices, mirror, generator, config):
    """The encoder's windows of prints, posed as well as a board will: nearly."""
    rotation, middle = pose_of(prints, indices)
    n = len(indices)
    noise = torch.randn(n, 3, generator=generator) * torch.tensor([config["shiftNoise"]] * 2 + [config["turnNoise"]])
    rotation = rotation + noise[:, 2]
    turn = torch.where(mirror, rotation, -rotation)
    return cut(prints, indices, CROP, turn, 0, generator, mirror, clean=True, centre=middle + noise[:, :2])


def together(kind, one, other, finger):
    """How far prints of a finger lie apart and prints of others together. one, other [n, 256]; siblings lie side by side."""
    one, other = F.normalize(one, dim=1), F.normalize(other, dim=1)
    alike = one @ other.T
    own = alike.diagonal()
    if kind == "nce":
        target = torch.arange(len(finger))
        logits = alike / 0.07
        return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
    apart = alike - 4 * torch.eye(len(finger))
    if kind == "triplet":
        return (F.relu(0.3 + apart.amax(1) - own) + F.relu(0.3 + apart.amax(0) - own)).mean() / 2
    # Contrastive, by distance: genuine together, impostors beyond a margin.
    near = (2 - 2 * own).mean()
    far = F.relu(1.0 - torch.sqrt((2 - 2 * alike).clamp_min(1e-6)))[apart > -2] ** 2
    return near + 10 * far.mean()


def batch_of(datasets, shares, fingers, random):
    prints = datasets[random.choice(len(datasets), p=shares)]
    first, second, finger = [], [], []
    for family in random.choice(len(prints.families), fingers // 2, replace=False):
        members = prints.families[family]
        for member in random.choice(len(members), 2, replace=False):
            one, other = random.choice(members[member], 2, replace=False)
            first.append(one)
            second.append(other)
            finger.append(prints.identity[one, 0])
    mirror = torch.tensor([random.random() < 0.5 for _ in range(fingers // 2)]).repeat_interleave(2)
    return prints, first + second, torch.tensor(finger), mirror.repeat(2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders written by prepare")
    parser.add_argument("--backbone", type=Path, required=True, help="checkpoint of train_backbone")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True, help="of training in all, over all sessions")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    config = json.loads(options.config.read_text())
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"

    saved = torch.load(options.backbone, map_location="cpu")
    config["widths"], config["blocks"] = saved["config"]["widths"], saved["config"]["blocks"]
    encoder, decoder = Encoder(tuple(config["widths"]), config["blocks"]), Decoder()
    trunk = {name[len("trunk.") :]: value for name, value in saved["net"].items() if name.startswith("trunk.")}
    encoder.trunk.load_state_dict(trunk)
    learned = [*encoder.down.parameters(), *encoder.mix.parameters(), *encoder.to_latent.parameters()]
    optimizer = torch.optim.AdamW([*learned, *decoder.parameters()], lr=config["rate"], weight_decay=1e-4)
    state = {"step": 0, "seconds": 0.0, "curve": []}
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        encoder.load_state_dict(saved["encoder"])
        decoder.load_state_dict(saved["decoder"])
        optimizer.load_state_dict(saved["optimizer"])
        state = saved["state"]
    datasets = [Prints(folder) for folder in options.data]
    sizes = np.array([len(prints.families) for prints in datasets], float) ** 0.5
    seed = config["seed"] + state["step"]
    random, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)

    def save():
        torch.save(
            {"encoder": encoder.state_dict(), "decoder": decoder.state_dict(), "optimizer": optimizer.state_dict(),
             "state": state, "config": config},
            checkpoint,
        )
        record = {
            **{key: state[key] for key in ("step", "seconds", "curve")},
            "config": config,
            "data": [prints.source for prints in datasets],
            "machine": f"{platform.machine()}, {options.threads} thread(s), torch {torch.__version__}",
        }
        (options.out / "record.json").write_text(json.dumps(record, indent=1))

    encoder.train()
    encoder.trunk.eval()
    begin, sums = time.monotonic() - state["seconds"], np.zeros(3)
    while True:
        state["seconds"] = time.monotonic() - begin
        part = state["seconds"] / 60 / options.minutes
        if part >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = config["rate"] * min(1, (state["step"] + 1) / 50) * (0.51 + 0.5 * math.cos(math.pi * part))
        prints, indices, finger, mirror = batch_of(datasets, sizes / sizes.sum(), config["fingers"], random)
        image, skin, _, clean = upright_windows(prints, indices, mirror, generator, config)
        n = len(finger)
        with torch.no_grad():
            features = encoder.trunk(encoder.normalise(image))
        latent = encoder.from_features(features)
        identity = together(config["loss"], latent[:n], latent[n:], finger)
        # Half of the batch is decoded: the decoder costs as much as the encoder.
        known = F.interpolate((~torch.isnan(skin[:n, :1])).float(), size=CROP)
        drawn = decoder(latent[:n])
        ridge = ((1 - clean[:n]) > 0.5).float()
        rebuilt = (F.binary_cross_entropy_with_logits(drawn, ridge, reduction="none") * known).sum() / known.sum()
        loss = identity + config["reconstruction"] * rebuilt
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 2.0)
        optimizer.step()
        state["step"] += 1
        with torch.no_grad():
            alike = F.normalize(latent[:n], dim=1) @ F.normalize(latent[n:], dim=1).T
            sums += [identity.item(), rebuilt.item(), (alike.argmax(1) == torch.arange(n)).float().mean().item()]
        if state["step"] % 50 == 0:
            means = sums / 50
            state["curve"].append([state["step"], *[round(float(v), 4) for v in means]])
            print(
                f"{state['step']:6d}  {state['seconds'] / 60:6.1f} min  identity {means[0]:.3f}  "
                f"reconstruction {means[1]:.3f}  right print {means[2]:.3f}",
                flush=True,
            )
            sums = np.zeros(3)
            save()
    save()


if __name__ == "__main__":
    main()
