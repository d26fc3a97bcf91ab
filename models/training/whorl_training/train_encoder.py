"""
Trains encoder and decoder on the backbone's frozen trunk: reconstruct the clean print, hold a finger's prints together.
Resumable: the same command goes on from its last checkpoint.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .data import cut, pose_of
from .nets import CROP, Decoder, Encoder
from .run import Run, add_arguments


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


def batch_of(prints, fingers, random):
    first, second, finger = [], [], []
    for family in random.choice(len(prints.families), fingers // 2, replace=False):
        members = prints.families[family]
        for member in random.choice(len(members), 2, replace=False):
            one, other = random.choice(members[member], 2, replace=False)
            first.append(one)
            second.append(other)
            finger.append(prints.identity[one, 0])
    mirror = torch.tensor([random.random() < 0.5 for _ in range(fingers // 2)]).repeat_interleave(2)
    return first + second, torch.tensor(finger), mirror.repeat(2)


def main():
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    parser.add_argument("--backbone", type=Path, required=True, help="checkpoint of train_backbone")
    options = parser.parse_args()
    config = json.loads(options.config.read_text())

    trained = torch.load(options.backbone, map_location="cpu")
    config["widths"], config["blocks"] = trained["config"]["widths"], trained["config"]["blocks"]
    encoder, decoder = Encoder(tuple(config["widths"]), config["blocks"]), Decoder()
    trunk = {name[len("trunk.") :]: value for name, value in trained["net"].items() if name.startswith("trunk.")}
    encoder.trunk.load_state_dict(trunk)
    learned = [*encoder.down.parameters(), *encoder.mix.parameters(), *encoder.to_latent.parameters()]
    optimizer = torch.optim.AdamW([*learned, *decoder.parameters()], lr=config["rate"], weight_decay=1e-4)
    run = Run(options, config, {"encoder": encoder, "decoder": decoder, "optimizer": optimizer})

    encoder.train()
    encoder.trunk.eval()
    sums = np.zeros(3)
    while run.goes_on(optimizer, warm=50):
        prints = run.prints()
        indices, finger, mirror = batch_of(prints, config["fingers"], run.random)
        image, skin, _, clean = upright_windows(prints, indices, mirror, run.generator, config)
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
        run.state["step"] += 1
        with torch.no_grad():
            alike = F.normalize(latent[:n], dim=1) @ F.normalize(latent[n:], dim=1).T
            sums += [identity.item(), rebuilt.item(), (alike.argmax(1) == torch.arange(n)).float().mean().item()]
        if run.step % 50 == 0:
            means = sums / 50
            words = f"identity {means[0]:.3f}  reconstruction {means[1]:.3f}  right print {means[2]:.3f}"
            run.tell(means, words)
            sums = np.zeros(3)
    run.save()


if __name__ == "__main__":
    main()
