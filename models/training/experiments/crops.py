"""Experiment 1: how small a code 32 × 32 pixels of a print need, and which loss finds it (founding document A)."""

import numpy as np
import torch
from torch.nn import functional as F

from drawing import chart, sheet
from experiment import Experiment
from nets import Autoencoder
from prints import SIDE, scans, touches

CROP = 32
BATCH = 32
JITTER = 4
"""Pixels by which a training crop may lie off the centre: other cuts of the same prints against learning them by heart."""

LOSSES = {
    "MSE": lambda logits, x: F.mse_loss(torch.sigmoid(logits), x),
    "BCE": F.binary_cross_entropy_with_logits,
    "L1": lambda logits, x: F.l1_loss(torch.sigmoid(logits), x),
    "MSE + L1": lambda logits, x: LOSSES["MSE"](logits, x) + LOSSES["L1"](logits, x),
    "BCE + L1": lambda logits, x: LOSSES["BCE"](logits, x) + LOSSES["L1"](logits, x),
}
DOCUMENT = {
    "MSE": {8: 0.0981, 16: 0.0741, 32: 0.0578, 64: 0.0495, 128: 0.0467, 256: 0.0484, 512: 0.0503},
    "BCE": {8: 0.5503, 16: 0.5056, 32: 0.4587, 64: 0.4694, 128: 0.4773, 256: 0.4704, 512: 0.4695},
}


def main():
    experiment = Experiment("crops", __doc__)
    learned, held_out = experiment.uses(scans(experiment.choose(600, 4), experiment.work)).split_people(0.1)
    drawn = experiment.uses(touches(*experiment.choose((1500, 4), (40, 1)), experiment.work)).images[:40:4]
    learned, held_out = learned.images, held_out.images
    sizes = experiment.choose(tuple(DOCUMENT["MSE"]), (8, 128))
    steps = experiment.choose(800, 30)
    validation = experiment.tensor(centre(held_out))
    pictures = experiment.tensor(centre(drawn))

    def train(numbers, loss, code="grid", steps=steps):
        name = f"{loss.replace(' ', '')}-{numbers}-{code}-{steps}"

        def batch_loss(net, random):
            chosen = random.integers(len(learned), size=BATCH)
            corners = random.integers(-JITTER, JITTER + 1, size=(BATCH, 2)) + (SIDE - CROP) // 2
            cuts = [learned[i, y : y + CROP, x : x + CROP] for i, (y, x) in zip(chosen, corners)]
            x = experiment.tensor(np.stack(cuts))
            return LOSSES[loss](net(x), x)

        def judge(net):
            logits = net(validation)
            return {name: LOSSES[name](logits, validation) for name in ("MSE", "BCE", "L1")}

        net, curve = experiment.fit(name, lambda: Autoencoder(CROP, code, numbers), batch_loss, steps, judge, rate=4e-3)
        with torch.no_grad():
            drawn_again = torch.sigmoid(net(pictures)).cpu().numpy()[:, 0]
        best = {name: min(point[name] for point in curve) for name in ("MSE", "BCE", "L1")}
        return best, drawn_again

    by_size = {loss: {numbers: train(numbers, loss) for numbers in sizes} for loss in ("MSE", "BCE")}
    by_loss = {loss: by_size[loss][128] if loss in by_size else train(128, loss) for loss in LOSSES}
    by_code = {code: train(128, "MSE", code)[0]["MSE"] for code in ("pooled", "vector", "grid")}
    longer, _ = train(128, "MSE", steps=3 * steps)
    components = principal_components(centre(learned), centre(held_out), sizes)

    originals = pictures.cpu().numpy()[:, 0]
    for loss in ("MSE", "BCE"):
        rows = [originals, *(by_size[loss][numbers][1] for numbers in sizes)]
        sheet(experiment.pictures / f"crops-{loss}.png", rows, 2, ["print", *map(str, sizes)])
    sheet(
        experiment.pictures / "crops-losses.png",
        [originals, *(by_loss[loss][1] for loss in LOSSES)],
        2,
        ["print", *LOSSES],
    )
    chart(
        experiment.pictures / "crops.svg",
        "Mean squared error of 32 × 32 held-out crops by the size of the code",
        "numbers in the code",
        "MSE",
        {
            "trained by MSE": (sizes, [by_size["MSE"][n][0]["MSE"] for n in sizes]),
            "trained by BCE": (sizes, [by_size["BCE"][n][0]["MSE"] for n in sizes]),
            "principal components": (sizes, [components[n] for n in sizes]),
            "the document (dashed)": (sizes, [DOCUMENT["MSE"][n] for n in sizes]),
        },
        log_across=True,
    )
    experiment.record(
        {
            "by size": [
                {
                    "numbers": n,
                    "MSE": by_size["MSE"][n][0]["MSE"],
                    "MSE, document": DOCUMENT["MSE"][n],
                    "BCE": by_size["BCE"][n][0]["BCE"],
                    "BCE, document": DOCUMENT["BCE"][n],
                    "MSE of principal components": components[n],
                }
                for n in sizes
            ],
            "variance of the held-out crops": round(float(validation.var()), 5),
            "least BCE there can be": least_bce(validation),
            "MSE by code, 128 numbers": by_code,
            "MSE at 128 numbers, three times as long": longer["MSE"],
            "by loss, 128 numbers": {loss: best for loss, (best, _) in by_loss.items()},
        }
    )


def centre(images):
    first = (SIDE - CROP) // 2
    return images[:, first : first + CROP, first : first + CROP]


def principal_components(learned, held_out, sizes):
    """Mean squared error of the best linear code there is: the bar under which no network is worth its name."""
    flat, other = (x.reshape(len(x), -1) / 255 for x in (learned, held_out))
    mean = flat.mean(0)
    vectors = np.linalg.eigh(np.cov((flat - mean).T))[1][:, ::-1]
    errors = {}
    for n in sizes:
        again = np.clip((other - mean) @ vectors[:, :n] @ vectors[:, :n].T + mean, 0, 1)
        errors[n] = round(float(((again - other) ** 2).mean()), 5)
    return errors


def least_bce(x):
    """What binary cross-entropy is left when every gray is foretold exactly."""
    p = x.clamp(1e-6, 1 - 1e-6)
    return round(float(-(p * p.log() + (1 - p) * (1 - p).log()).mean()), 4)


if __name__ == "__main__":
    main()
