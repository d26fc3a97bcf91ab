"""Experiment 3: a siamese net on altered prints (founding document B)."""

import numpy as np
import torch
from torch.nn import functional as F

from drawing import chart, sheet, thinned
from experiment import Experiment
from metrics import auc, best_threshold, confusion, eer, roc
from nets import TutorialSiamese
from prints import ALTERATIONS, LEVELS, altered, scans, touches

SIDE = 90
BATCH = 32
DOCUMENT = {"accuracy": 0.84, "precision": 1.0, "recall": 0.68, "AUC": 1.0}


def main():
    experiment = Experiment("altered", __doc__)
    prints = experiment.uses(scans(experiment.choose(100, 4), experiment.work))
    several = experiment.uses(touches(*experiment.choose((1500, 4), (40, 2)), experiment.work))
    known, unseen = prints.split_people(0.2)
    changed, unseen_changed = altered(known, experiment.work), altered(unseen, experiment.work)
    # As the document does, a tenth of the altered prints of known people is kept from training.
    kept = np.random.default_rng(3).random(changed.shape[:3]) < 0.1
    steps = experiment.choose(128, 12)

    def batch_loss(net, random):
        finger = random.integers(len(changed), size=BATCH)
        way = random.integers(len(LEVELS), size=BATCH), random.integers(len(ALTERATIONS), size=BATCH)
        # The next way of the same print where this one is kept for validation.
        way = way[0], np.where(kept[(finger, *way)], (way[1] + 1) % len(ALTERATIONS), way[1])
        same = np.arange(BATCH) % 2 == 0
        other = np.where(same, finger, (finger + random.integers(1, len(changed), size=BATCH)) % len(changed))
        probe = augmented(fitted(experiment.tensor(changed[(finger, *way)])), random)
        reference = fitted(experiment.tensor(known.images[other]))
        truth = torch.from_numpy(same).float().to(experiment.device)
        return F.binary_cross_entropy_with_logits(net(probe, reference), truth)

    places = np.argwhere(kept)
    some = places[np.random.default_rng(4).permutation(len(places))[: experiment.choose(400, 20)]]
    validation = changed[tuple(some.T)], known.images, some[:, 0]

    def judge(net):
        genuine, impostor = score(experiment, net, *validation)
        return {"accuracy": confusion(genuine, impostor, 0.0)["accuracy"], "AUC": auc(genuine, impostor)}

    net, _ = experiment.fit("tutorial", TutorialSiamese, batch_loss, steps, judge, optimiser=lambda p: torch.optim.Adam(p, 1e-3))  # fmt: skip
    threshold = best_threshold(*score(experiment, net, *validation))

    trials = {"altered prints of known people": validation}
    for number, level in enumerate(LEVELS):
        probes = unseen_changed[:, number].reshape(-1, *unseen_changed.shape[3:])
        owners = np.arange(len(unseen.images)).repeat(len(ALTERATIONS))
        trials[f"unseen people, {level}"] = probes, unseen.images, owners
    # The other touches are artificial; that what is artificial is not what is hard about them is tried first.
    first, second = (several.of(slice(number, None, experiment.choose(4, 2))) for number in (0, 1))
    alike = first.of(slice(0, experiment.choose(100, 4)))
    ways = len(LEVELS) * len(ALTERATIONS)
    probes = altered(alike, experiment.work).reshape(-1, *alike.images.shape[1:])
    trials["artificial fingers, altered"] = probes, alike.images, np.arange(len(alike.images)).repeat(ways)
    first, second = first.images[:300], second.images[:300]
    trials["another touch of unseen fingers"] = second, first, np.arange(len(first))

    figures, curves = {"threshold of least errors on known people": round(threshold, 3)}, {}
    for name, trial in trials.items():
        genuine, impostor = score(experiment, net, *trial)
        figures[name] = {
            "at probability 0.5": confusion(genuine, impostor, 0.0),
            "at the fitted threshold": confusion(genuine, impostor, threshold),
            "AUC": auc(genuine, impostor),
            "EER": eer(genuine, impostor),
        }
        curves[name] = thinned(*roc(genuine, impostor))
    chart(experiment.pictures / "altered.svg", "Altered prints: ROC", "false positive rate", "true positive rate", curves)
    draw(experiment, several)
    experiment.record({"document": DOCUMENT, **figures})


def score(experiment, net, probes, references, owners):
    """Logits of each probe with its owner's print, and with another's; a fixed one, so that runs agree."""
    strangers = (owners + 1 + np.arange(len(owners)) % (len(references) - 1)) % len(references)

    def logits(others):
        with torch.no_grad():
            parts = [
                net(*(fitted(experiment.tensor(x[begin : begin + 64])) for x in (probes, references[others])))
                for begin in range(0, len(probes), 64)
            ]
        return torch.cat(parts).cpu().numpy()

    return logits(owners), logits(strangers)


def fitted(x):
    return F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False)


def augmented(x, random):
    """The document's: blurred up to sigma 0.5, 0.9 to 1.1 times as large, moved by a tenth, turned by 30°, on white."""
    sigma = random.uniform(0.01, 0.5)
    weight = float(np.exp(-0.5 / sigma**2))
    kernel = torch.tensor([weight, 1.0, weight], device=x.device) / (1 + 2 * weight)
    x = F.pad(1 - x, [1] * 4)
    x = F.conv2d(F.conv2d(x, kernel.view(1, 1, 1, 3)), kernel.view(1, 1, 3, 1))
    angle = torch.from_numpy(random.uniform(-np.pi / 6, np.pi / 6, len(x))).float()
    size = torch.from_numpy(1 / random.uniform(0.9, 1.1, len(x))).float()
    move = torch.from_numpy(random.uniform(-0.2, 0.2, (len(x), 2))).float()
    cosine, sine = size * angle.cos(), size * angle.sin()
    rows = torch.stack([cosine, -sine, move[:, 0], sine, cosine, move[:, 1]], 1).view(-1, 2, 3).to(x.device)
    return 1 - F.grid_sample(x, F.affine_grid(rows, list(x.shape), align_corners=False), align_corners=False)


def draw(experiment, several):
    """Two artificial prints and what is done to them: from easy to hard, and as the training sees them."""
    two = several.of(slice(0, experiment.choose(8, 4), experiment.choose(4, 2)))
    ways = altered(two, experiment.work)
    seen = augmented(experiment.tensor(ways[:, 2, 0]), np.random.default_rng(1)).cpu().numpy()[:, 0]
    rows = [[image, *way.transpose(1, 0, 2, 3).reshape(9, 96, 96), again] for image, way, again in zip(two.images, ways, seen)]
    sheet(experiment.pictures / "altered.png", rows, 1)


if __name__ == "__main__":
    main()
