"""Artificial prints for training, from shards of `whorl synthesize --format shards`.

`prepare` brings a dataset to 250 dpi once; `Prints` reads the result; `draw` cuts batches of windows with exact truth.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

FIELD = 4
"""Pixels at 250 dpi from one entry of the skin field to the next."""
SKIN_STEPS = 32
"""Stored skin coordinates a pixel at 500 dpi."""
MIDDLE = (160.0, 188.0)
"""Of a finger: where a touch aims at, pixels at 500 dpi."""


def halve(images):
    n, height, width = images.shape
    even = images[:, : height // 2 * 2, : width // 2 * 2].astype(np.uint16)
    return ((even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2] + 2) // 4).astype(np.uint8)


def prepare(dataset, out):
    """Writes images, clean images and skin fields at 250 dpi as four arrays. Returns the dataset's manifest hash."""
    dataset, out = Path(dataset), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    units = sorted(path.stem[len("images-") :] for path in dataset.glob("images-*.npy"))
    parts = {"images": [], "clean": [], "skin": [], "identity": []}
    for unit in units:
        load = lambda name: np.load(dataset / f"{name}-{unit}.npy", mmap_mode="r")
        parts["images"].append(halve(load("images")))
        parts["clean"].append(halve(load("clean")))
        skin = load("skin")
        whole = np.where(np.isnan(skin), -32768, np.round(np.nan_to_num(skin) * SKIN_STEPS))
        parts["skin"].append(whole.astype(np.int16))
        parts["identity"].append(np.array(load("identity")))
    for name, arrays in parts.items():
        np.save(out / f"{name}.npy", np.concatenate(arrays))
    manifest = dataset / "manifest.json"
    summary = json.loads(manifest.read_text()) if manifest.exists() else {}
    (out / "source.json").write_text(json.dumps(summary))
    return summary


class Prints:
    """One prepared dataset: images [n, h, w] u1, clean [n, h, w] u1, skin [n, 2, h / 4, w / 4] i2, identity [n, 4]."""

    def __init__(self, folder):
        folder = Path(folder)
        load = lambda name: np.load(folder / f"{name}.npy", mmap_mode="r")
        self.images, self.clean, self.skin = load("images"), load("clean"), load("skin")
        self.identity = np.array(load("identity"))
        self.source = json.loads((folder / "source.json").read_text())
        finger = self.identity[:, 0]
        order = np.argsort(finger, kind="stable")
        bounds = np.flatnonzero(np.diff(finger[order])) + 1
        groups = np.split(order, bounds)
        families = {}
        for group in groups:
            if len(group) >= 2:
                families.setdefault(self.identity[group[0], 1], []).append(group)
        self.families = [family for family in families.values() if len(family) >= 4]
        masked = np.asarray(self.skin[:, 0]) > -32768
        count = np.maximum(1, masked.sum((1, 2)))
        rows = np.arange(masked.shape[1])[None, :, None]
        columns = np.arange(masked.shape[2])[None, None, :]
        self.centroid = np.stack(((masked * columns).sum((1, 2)) / count, (masked * rows).sum((1, 2)) / count), 1)
        self.centroid = (self.centroid * FIELD + FIELD / 2).astype(np.float32)  # x, y


def pose_of(prints, indices):
    """True rotation [n] of prints against the upright finger, and where its middle lies [n, 2], pixels at 250 dpi."""
    rotations, middles = [], []
    for index in indices:
        skin = np.asarray(prints.skin[index], np.float32)
        rows, columns = np.nonzero(skin[0] > -32000)
        there = skin[:, rows, columns].T / SKIN_STEPS - MIDDLE
        here = np.stack((columns, rows), 1) * FIELD + FIELD / 2
        here_mean, there_mean = here.mean(0), there.mean(0)
        p, s = here - here_mean, there - there_mean
        rotation = math.atan2((p[:, 0] * s[:, 1] - p[:, 1] * s[:, 0]).sum(), (p * s).sum())
        cosine, sine = math.cos(rotation), math.sin(rotation)
        x, y = -there_mean / 2
        middles.append(here_mean + (x * cosine + y * sine, y * cosine - x * sine))
        rotations.append(rotation)
    return torch.tensor(rotations, dtype=torch.float32), torch.tensor(np.array(middles), dtype=torch.float32)


def look(images, generator):
    """Other looks of the same prints [n, 1, h, w]: contrast, gamma, blur, grain, few grays, a blank patch."""
    n = images.shape[0]
    random = lambda low, high: low + (high - low) * torch.rand(n, 1, 1, 1, generator=generator)
    some = lambda share: (torch.rand(n, 1, 1, 1, generator=generator) < share).float()
    blurred = F.avg_pool2d(images, 3, 1, 1, count_include_pad=False)
    mix = some(0.35) * random(0.2, 1.0) - some(0.25) * random(0.2, 0.8)
    images = images + mix * (blurred - images)
    steep, middle = random(3, 12), random(0.3, 0.7)
    images = torch.where(some(0.35) > 0, torch.sigmoid(steep * (images - middle)), images)
    images = images.clamp(0, 1) ** torch.exp(random(-0.5, 0.5))
    images = images + some(0.6) * random(0, 0.08) * torch.randn(images.shape, generator=generator)
    images = torch.where(some(0.3) > 0, torch.round(images * 15) / 15, images)
    return images.clamp(0, 1)


def blank(images, generator):
    """A patch of some prints where the finger did not touch."""
    n, _, height, width = images.shape
    y = torch.arange(height).view(1, 1, height, 1)
    x = torch.arange(width).view(1, 1, 1, width)
    random = lambda low, high: low + (high - low) * torch.rand(n, 1, 1, 1, generator=generator)
    inside = ((x - random(0, width)) / random(8, 30)) ** 2 + ((y - random(0, height)) / random(8, 30)) ** 2 < 1
    some = torch.rand(n, 1, 1, 1, generator=generator) < 0.25
    return torch.where(inside & some, random(0.75, 1.0), images), inside & some


def cut(prints, indices, side, turn, spread, generator, mirror, scale=0.05, clean=False, centre=None):
    """
    Square windows of `side` pixels at 250 dpi around the prints' centroids (or `centre` [n, 2]), turned by up to
    `turn` radians (or by exactly the tensor given) and shifted by `spread` pixels (normal).

    Returns images [n, 1, side, side] in 0..1 with their new looks, skin [n, 2, cells, cells] in pixels at 500 dpi
    from the finger's middle (NaN outside), rotation [n, cells, cells] of the print there against the upright finger,
    and clean images if asked.
    """
    n = len(indices)
    height, width = prints.images.shape[1:]
    pictures = [prints.images[i] for i in indices]
    stack = torch.from_numpy(np.stack(pictures)).float().unsqueeze(1) / 255
    skin = torch.from_numpy(np.stack([prints.skin[i] for i in indices]).astype(np.float32))
    valid = (skin[:, :1] > -32000).float()
    skin = skin / SKIN_STEPS * valid
    angle = turn if torch.is_tensor(turn) else (2 * torch.rand(n, generator=generator) - 1) * turn
    zoom = torch.exp(scale * torch.randn(n, generator=generator).clamp(-2, 2))
    if centre is None:
        centre = torch.from_numpy(prints.centroid[np.asarray(indices)]) + spread * torch.randn(n, 2, generator=generator)
    flip = torch.where(mirror, -1.0, 1.0)
    # Window coordinates (u, v), pixels from its middle, to picture coordinates.
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    to_picture = torch.stack(
        (torch.stack((flip * cosine, -flip * sine), 1), torch.stack((sine, cosine), 1)), 1
    )  # [n, 2, 2]

    def sample(source, step, count):
        # The skin field may end before the picture does: each source has its own frame.
        pixels = 1 if source.shape[2] == height else FIELD
        offset = (torch.arange(count) + 0.5) * step - side / 2
        v, u = torch.meshgrid(offset, offset, indexing="ij")
        at = torch.einsum("nij,jhw->nhwi", to_picture, torch.stack((u, v))) + centre.view(n, 1, 1, 2)
        size = torch.tensor([source.shape[3], source.shape[2]], dtype=torch.float32) * pixels
        return F.grid_sample(source, at / size * 2 - 1, mode="bilinear", padding_mode="zeros", align_corners=False)

    image = 1 - sample(1 - stack, 1, side)  # outside of the picture it is white
    cells = side // 8
    field = sample(torch.cat((skin, valid), 1), 8, cells)
    sure = field[:, 2:] > 0.98
    skin = torch.where(sure, field[:, :2] / field[:, 2:].clamp_min(1e-3), torch.nan)
    skin = (skin - torch.tensor(MIDDLE).view(1, 2, 1, 1)) * torch.stack((flip, torch.ones(n)), 1).view(n, 2, 1, 1)
    along_x = (skin[:, :, :, 2:] - skin[:, :, :, :-2])[:, :, 1:-1]
    along_y = (skin[:, :, 2:] - skin[:, :, :-2])[:, :, :, 1:-1]
    rotation = torch.atan2(along_x[:, 1] - along_y[:, 0], along_x[:, 0] + along_y[:, 1])
    # One rotation a print, the mean of what its cells tell: skin turns little inside a print.
    whole = torch.atan2(torch.nansum(torch.sin(rotation), (1, 2)), torch.nansum(torch.cos(rotation), (1, 2)))
    image, gone = blank(look(image, generator), generator)
    gone = F.max_pool2d(gone.float(), 8)
    skin = torch.where(gone > 0, torch.nan, skin)
    if not clean:
        return image, skin, whole
    pure = torch.from_numpy(np.stack([prints.clean[i] for i in indices])).float().unsqueeze(1)
    return image, skin, whole, 1 - sample(1 - pure / 255, 1, side)
