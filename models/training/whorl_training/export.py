"""Writes a trained net as ONNX in float: the input of quantization (`npm run -s whorl -- calibrate models`)."""

import argparse
from pathlib import Path

import numpy as np
import torch

from .data import Prints, cut
from .losses import bits
from .nets import CELL, CROP, DESCRIPTOR, GRID, AlignmentSearch, Backbone, Encoder

OPSET = 16


def export(net, inputs, path, names, outputs, axes):
    net.eval()
    torch.onnx.export(
        net, inputs, str(path), opset_version=OPSET, input_names=names, output_names=outputs, dynamic_axes=axes
    )


def export_backbone(net, path):
    cells = {2: "rows", 3: "columns"}
    export(
        net, (torch.rand(1, 1, 12 * CELL, 14 * CELL),), path, ["image"], ["descriptors", "confidence", "place"],
        {"image": {2: "height", 3: "width"}, "descriptors": cells, "confidence": cells, "place": cells},
    )


def export_encoder(net, path):
    export(net, (torch.rand(1, 1, CROP, CROP),), path, ["print"], ["latent"], {"print": {0: "n"}, "latent": {0: "n"}})


def export_siamese(net, path):
    cells = GRID * GRID
    many = {0: "references"}
    outputs = ["probability", "score", "rotation", "shift"]
    export(
        net,
        (torch.rand(cells, DESCRIPTOR), torch.rand(cells), torch.rand(3, cells, DESCRIPTOR), torch.rand(3, cells)),
        path, ["probe", "probe_weight", "references", "references_weight"], outputs,
        {"references": many, "references_weight": many, **{name: many for name in outputs}},
    )


def fit_probability(net, head, prints, fingers=160, seed=4):
    """
    Slope and offset that make the head's score the probability of one finger before anything else is known: a
    logistic regression over touches of artificial fingers, half of the impostors' weight to siblings.
    """
    random, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    first, second, family = [], [], []
    for one in random.choice(len(prints.families), fingers // 4, replace=False):
        for member in prints.families[one][:4]:
            a, b = random.choice(member, 2, replace=False)
            first.append(a)
            second.append(b)
            family.append(one)
    n, mirror = len(first), torch.zeros(len(first), dtype=torch.bool)
    grids = []
    with torch.no_grad():
        for indices in (first, second):
            image, _, _ = cut(prints, indices, GRID * CELL, torch.zeros(n), 8, generator, mirror)
            descriptors, confidence, _ = net(image)
            grids.append((descriptors.reshape(n, DESCRIPTOR, -1).transpose(1, 2), confidence.reshape(n, -1)))
        (probes, probe_weights), (references, weights) = grids
        references = bits(references.transpose(1, 2)).transpose(1, 2)
        scores = torch.stack([head(probes[i], probe_weights[i], references, weights)[1] for i in range(n)]).double()
    own, family = torch.eye(n, dtype=torch.bool), torch.tensor(family)
    sibling = (family.unsqueeze(0) == family.unsqueeze(1)) & ~own
    weight = own / own.sum() + (sibling / sibling.sum() + (~own & ~sibling) / (~own & ~sibling).sum()) / 2
    rows = torch.stack((scores, torch.ones_like(scores)), 2).view(-1, 2)
    target, weight = own.double().view(-1), weight.double().view(-1)
    line = torch.zeros(2, dtype=torch.float64)
    for _ in range(50):  # Newton's steps
        chance = torch.sigmoid(rows @ line)
        gradient = rows.T @ (weight * (chance - target))
        curvature = (rows.T * (weight * chance * (1 - chance))) @ rows + 1e-6 * torch.eye(2, dtype=torch.float64)
        line = line - torch.linalg.solve(curvature, gradient)
    with torch.no_grad():
        head.slope.copy_(line[0])
        head.offset.copy_(line[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backbone", type=Path, help="checkpoint of train_backbone")
    parser.add_argument("--encoder", type=Path, help="checkpoint of train_encoder")
    parser.add_argument("--data", type=Path, help="folder written by prepare, for the siamese net's probability")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.backbone:
        saved = torch.load(options.backbone, map_location="cpu")
        net = Backbone(tuple(saved["config"]["widths"]), saved["config"]["blocks"])
        net.load_state_dict(saved["net"])
        export_backbone(net, options.out / "backbone.onnx")
        head = AlignmentSearch()
        with torch.no_grad():
            head.bias.copy_(saved["scales"]["bias"])
        net.eval()
        fit_probability(net, head, Prints(options.data))
        export_siamese(head, options.out / "siamese.onnx")
    if options.encoder:
        saved = torch.load(options.encoder, map_location="cpu")
        net = Encoder(tuple(saved["config"]["widths"]), saved["config"]["blocks"])
        net.load_state_dict(saved["encoder"])
        export_encoder(net, options.out / "encoder.onnx")


if __name__ == "__main__":
    main()
