"""Experiment 2: the whole print, which founding document A could not reconstruct, and answers to A's open questions."""

import csv
import shutil

import numpy as np
import torch
from torch.nn import functional as F

from drawing import chart, sheet
from experiment import Experiment
from metrics import auc, eer
from nets import Autoencoder
from prints import DPI, SIDE, scans, touches, whorl, write_png

CODES = {
    "pooled to 512": ("pooled", 512),
    "grid of 1152": ("grid", 1152),
}
BATCH = 16
AGAIN = 10
"""Added to the number of a touch that is a reconstruction."""


def main():
    experiment = Experiment("whole", __doc__)
    learned, held_out = experiment.uses(scans(experiment.choose(600, 4), experiment.work)).split_people(0.1)
    several = experiment.uses(touches(*experiment.choose((1500, 4), (40, 2)), experiment.work))
    compared = experiment.choose(60, 6)
    own = held_out.of(slice(0, compared))
    people = several.of((several.finger <= compared) & (touch_of(several) <= 2))
    validation = experiment.tensor(held_out.images[:256])
    steps = experiment.choose(800, 8)
    figures, curves, drawn = {}, {}, []

    def batch_loss(net, random):
        x = experiment.tensor(learned.images[random.integers(len(learned.images), size=BATCH)])
        # A finger's mirror image is a finger too, and a print that lies elsewhere is a print.
        x = x.flip(3) if random.random() < 0.5 else x
        x = shifted(x, *random.integers(-6, 7, size=2))
        return F.mse_loss(torch.sigmoid(net(x)), x)

    def judge(net):
        return {"MSE": F.mse_loss(torch.sigmoid(net(validation)), validation)}

    for name, (code, numbers) in CODES.items():

        def build():
            return Autoencoder(SIDE, code, numbers)

        net, curve = experiment.fit(f"{code}-{numbers}", build, batch_loss, steps, judge, rate=3e-3)
        curves[name] = ([point["step"] for point in curve], [point["MSE"] for point in curve])
        drawn.append(reconstructed(experiment, net, people)[: 12 if experiment.quick else 24 : 2])
        figures[name] = {
            "MSE": curve[-1]["MSE"],
            "scans": compare_minutiae(experiment, own, reconstructed(experiment, net, own)),
            "touches": compare_minutiae(experiment, people, reconstructed(experiment, net, people)),
            "code": compare_codes(experiment, net, people),
        }

    originals = people.images[: 12 if experiment.quick else 24 : 2]
    sheet(experiment.pictures / "whole.png", [originals, *drawn], 1, ["print", *figures])
    chart(experiment.pictures / "whole.svg", "Whole prints: error on people held out", "step", "MSE", curves)
    experiment.record({"variance of the prints": round(float(validation.var()), 5), "codes": figures})


def touch_of(prints):
    return np.array([int(path.stem.rsplit("_", 1)[1]) for path in prints.paths])


def shifted(x, down, right):
    reach = max(abs(int(down)), abs(int(right)))
    top, left = reach + int(down), reach + int(right)
    return F.pad(x, [reach] * 4, value=1.0)[:, :, top : top + SIDE, left : left + SIDE]


def reconstructed(experiment, net, prints):
    with torch.no_grad():
        parts = [torch.sigmoid(net(experiment.tensor(part)))[:, 0] for part in in_parts(prints.images)]
    return (torch.cat(parts).cpu().numpy() * 255 + 0.5).astype(np.uint8)


def in_parts(images, size=64):
    return [images[begin : begin + size] for begin in range(0, len(images), size)]


def compare_minutiae(experiment, prints, again):
    """What this repository's extractor and Minutia Tensor Matrix make of prints and their reconstructions."""
    folder = experiment.work / experiment.name / "compared"
    shutil.rmtree(folder, ignore_errors=True)
    number = touch_of(prints) if prints.source == "artificial" else np.ones(len(prints.images), int)
    for finger, touch, image, image_again in zip(prints.finger, number, prints.images, again):
        write_png(folder / f"{finger}_{touch}.png", image)
        write_png(folder / f"{finger}_{touch + AGAIN}.png", image_again)
    pairs = folder / "pairs.csv"
    whorl("evaluate", str(folder), "--dpi", str(DPI), "--jobs", "1", "--pairs", str(pairs.with_suffix(".part")))
    pairs.with_suffix(".part").rename(pairs)

    scores = {}
    with open(pairs, newline="") as file:
        for a, b, genuine, score in list(csv.reader(file))[1:]:
            one, other = (int(name.rsplit("_", 1)[1].split(".")[0]) for name in (a, b))
            remade = (one > AGAIN) + (other > AGAIN)
            same_touch = one % AGAIN == other % AGAIN
            kind = ("print to print", "print to reconstruction", "reconstruction to reconstruction")[remade]
            if genuine == "1" and same_touch:
                kind = "print to its own reconstruction"
            scores.setdefault(kind, {"0": [], "1": []})[genuine].append(float(score))
    return {kind: rates(*(np.array(scores[kind][which]) for which in "10"), scores) for kind in scores}


def rates(genuine, impostor, scores):
    """Impostors of a print's own reconstruction are the reconstructions of others."""
    if len(impostor) == 0:
        impostor = np.array(scores["print to reconstruction"]["0"])
    if len(genuine) == 0:
        return {"genuine": 0, "impostor": len(impostor)}
    threshold = np.quantile(impostor, 0.99)
    return {
        "genuine": len(genuine),
        "impostor": len(impostor),
        "EER": eer(genuine, impostor),
        "recognised at FMR 1 %": round(float((genuine > threshold).mean()), 4),
        "median score": [round(float(np.median(kind)), 3) for kind in (genuine, impostor)],
    }


def compare_codes(experiment, net, prints):
    """Whether two touches of a finger have about the same code, and how far a code moves when a print does."""
    touch = touch_of(prints)

    def encode(x):
        with torch.no_grad():
            return torch.cat([net.encode(part) for part in x.split(64)]).cpu().numpy()

    one, other = (experiment.tensor(prints.images[touch == number]) for number in (1, 2))
    codes = encode(one)
    between = np.linalg.norm(codes[:, None] - encode(other)[None], axis=2)
    same = np.eye(len(codes), dtype=bool)
    strangers = between[~same].mean()
    moved = {step: np.linalg.norm(encode(shifted(one, 0, step)) - codes, axis=1).mean() for step in (1, 2, 4)}
    return {
        "EER of distances, one touch to another": eer(-between[same], -between[~same]),
        "AUC": auc(-between[same], -between[~same]),
        "distance, strangers being 1": {
            "another touch": round(float(between[same].mean() / strangers), 3),
            **{f"the same scan {step} px aside": round(float(d / strangers), 3) for step, d in moved.items()},
        },
    }


if __name__ == "__main__":
    main()
