"""Experiment 5: contrastive against triplet loss at equal budget, and why a score came out (founding document E)."""

import numpy as np
import torch
from torch.nn import functional as F

from drawing import chart, heat, sheet, thin, thinned
from experiment import Experiment
from metrics import auc, best_threshold, confusion, eer, roc
from nets import GridComparison
from prints import DPI, SIDE, touches, whorl

FINGERS = 16
"""Of a step: two touches each, compared every one with every other."""
MARGIN = 1.0
CELL = 8
DOCUMENT = {"accuracy": 0.96, "precision": 0.925, "recall": 1.0}


def contrastive(distance):
    """Genuine together, every impostor beyond the margin; both kinds count alike. Distances [probes, references]."""
    same = torch.eye(len(distance), dtype=torch.bool, device=distance.device)
    beyond = (MARGIN - distance[~same]).clamp(min=0).square().mean()
    return (distance[same].square().mean() + beyond) / 2


def triplet(distance):
    """Every impostor farther than the genuine of its row, by the margin."""
    same = torch.eye(len(distance), dtype=torch.bool, device=distance.device)
    return (distance.diag().unsqueeze(1) - distance + MARGIN).clamp(min=0)[~same].mean()


LOSSES = {"contrastive": contrastive, "triplet": triplet}


def main():
    experiment = Experiment("oneshot", __doc__)
    fingers, impressions = experiment.choose((1500, 4), (40, 2))
    prints = experiment.uses(touches(fingers, impressions, experiment.work))
    learned, unseen = (by_finger(part, impressions) for part in prints.split_people(0.1))
    # As many fingers that were learned from tell where the threshold lies.
    known = learned[: len(unseen)]
    steps = experiment.choose(400, 10)

    def batch_loss_of(loss):
        def batch_loss(net, random):
            chosen = random.permutation(len(learned))[:FINGERS]
            one, other = random.permutation(impressions)[:2]
            probes, references = (described(experiment, net, learned[chosen, touch]) for touch in (one, other))
            return loss(F.softplus(-net.scores(probes, references)))

        return batch_loss

    def judge(net):
        genuine, impostor = scores(experiment, net, unseen[:, 1:2], unseen[:, 0])
        return {"AUC": auc(genuine, impostor), "EER": eer(genuine, impostor)}

    figures, curves, nets = {"document": DOCUMENT}, {}, {}
    for name, loss in LOSSES.items():
        net, curve = experiment.fit(name, GridComparison, batch_loss_of(loss), steps, judge, rate=3e-3)
        nets[name] = net
        # One stored touch must do: the others are tried against it, and each against one stranger's.
        genuine, strangers = one_stranger_each(*scores(experiment, net, known[:, 1:], known[:, 0]))
        threshold = best_threshold(genuine, strangers)
        figures[name] = {"threshold of least errors on known fingers": round(threshold, 3)}
        for trial, probes in (("unseen fingers", unseen[:, 1:]), ("on a noisy ground", noisy(unseen[:, 1:]))):
            genuine, impostor = scores(experiment, net, probes, unseen[:, 0])
            figures[name][trial] = {
                **confusion(*one_stranger_each(genuine, impostor), threshold),
                "AUC of all comparisons": auc(genuine, impostor),
                "EER of all comparisons": eer(genuine, impostor),
            }
            if trial == "unseen fingers":
                curves[name] = thinned(*roc(genuine, impostor))
    chart(experiment.pictures / "oneshot.svg", "One stored touch, unseen fingers: ROC", "false positive rate", "true positive rate", curves)  # fmt: skip

    best = min(LOSSES, key=lambda name: figures[name]["unseen fingers"]["EER of all comparisons"])
    figures["attribution"] = {"net": best, **faithfulness(experiment, nets[best], unseen)}
    draw(experiment, nets[best], unseen, prints, impressions)
    experiment.record(figures)


def by_finger(prints, impressions):
    return prints.images.reshape(-1, impressions, SIDE, SIDE)


def described(experiment, net, images):
    return net.net(experiment.tensor(images))


def scores(experiment, net, probes, references):
    """Of probes [fingers, touches, ...] against each finger's one reference: genuine [n], impostor [n × (fingers − 1)]."""
    count = probes.shape[1]
    with torch.no_grad():
        stored = described(experiment, net, references)
        all_scores = torch.stack(
            [net.scores(described(experiment, net, probes[:, touch]), stored) for touch in range(count)], 1
        ).cpu().numpy()  # fmt: skip
    same = np.eye(len(references), dtype=bool)[:, None].repeat(count, 1)
    return all_scores[same], all_scores[~same]


def one_stranger_each(genuine, impostor):
    """As many impostor as genuine scores, as the document counts: the first stranger of each probe."""
    return genuine, impostor.reshape(len(genuine), -1)[:, 0]


def noisy(probes):
    """Prints on the harder ground that the document planned: blotches and grain wherever there is no ridge."""
    random = np.random.default_rng(8)
    shape = (*probes.shape[:2], SIDE // CELL, SIDE // CELL)
    blotches = random.uniform(0.4, 1, shape).repeat(CELL, 2).repeat(CELL, 3)
    grain = random.normal(0, 0.12, probes.shape)
    return (np.clip(probes / 255 * blotches + grain, 0, 1) * 255).astype(np.uint8)


def attribution(net, probe, reference):
    """What each cell adds to the score: it is a sum over the cells that lie on each other at the best shift.

    :param probe: descriptors [16, 12, 12]; `reference` alike
    :returns: score, and the parts [12, 12] that add up to it, where they lie on the probe and on the reference
    """
    agreement = net.agreements(probe[None], reference[None])[0, 0]
    side, cells = agreement.shape[1], probe.shape[1]
    row, column = divmod(int(agreement.argmax()), side)
    down, right = row - net.REACH, column - net.REACH
    on_probe = slice(max(0, -down), cells - max(0, down)), slice(max(0, -right), cells - max(0, right))
    on_reference = slice(max(0, down), cells - max(0, -down)), slice(max(0, right), cells - max(0, -right))
    alike = (probe[(slice(None), *on_probe)] * reference[(slice(None), *on_reference)]).sum(0)
    parts = net.scale * (alike - net.expected) / net.overlap(cells, probe.device)[row, column].sqrt()
    placed = torch.zeros(2, cells, cells, device=probe.device)
    placed[(0, *on_probe)] = placed[(1, *on_reference)] = parts
    return float(agreement.max()), placed.cpu().numpy()


def faithfulness(experiment, net, unseen, share=0.2):
    """What happens to genuine scores when the cells that are said to matter most are whitened, and when others are."""
    random = np.random.default_rng(9)
    before, without_best, without_some, error = [], [], [], 0.0
    with torch.no_grad():
        for stored, touch in unseen[:100, :2]:
            reference, probe = described(experiment, net, np.stack([stored, touch]))
            score, (parts, _) = attribution(net, probe, reference)
            error = max(error, abs(score - float(parts.sum())))
            order = np.argsort(-parts.ravel())
            # Others where there is as much to lose: cells that take part in the score.
            others = random.permutation(np.flatnonzero(parts))
            count = round(share * len(others))
            hidden = np.stack([whitened(touch, cells[:count]) for cells in (order, others)])
            best, some = net.scores(described(experiment, net, hidden), reference[None])[:, 0].tolist()
            before.append(score)
            without_best.append(best)
            without_some.append(some)
    return {
        "genuine score": round(float(np.mean(before)), 3),
        "without the fifth of cells said to matter most": round(float(np.mean(without_best)), 3),
        "without a fifth taken at random": round(float(np.mean(without_some)), 3),
        "pairs where the former lowers it more": round(float(np.mean(np.less(without_best, without_some))), 3),
        "largest difference of a score and the sum of its parts": round(error, 6),
    }


def whitened(image, cells):
    image = image.copy()
    for cell in cells:
        row, column = divmod(int(cell), SIDE // CELL)
        image[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = 255
    return image


def draw(experiment, net, unseen, prints, impressions):
    """Genuine and impostor pairs with what spoke for and against; and the first by `compare --explain`, by minutiae."""
    count = min(4, len(unseen) - 1)
    rows, labels = [], []
    pairs = [(finger, finger) for finger in range(count)] + [(finger, (finger + 1) % count) for finger in range(count)]
    for one, other in pairs:
        sides = np.stack([unseen[one, 1], unseen[other, 0]])
        with torch.no_grad():
            score, parts = attribution(net, *described(experiment, net, sides))
        shares = (parts / np.abs(parts).max()).repeat(CELL, 1).repeat(CELL, 2)
        rows.append([*sides, *map(heat, sides, shares)])
        labels.append(f"{score:+.2f}")
    sheet(experiment.pictures / "oneshot.png", rows, 1, labels)
    first = len(prints.paths) - len(unseen) * impressions
    probe, reference = str(prints.paths[first + 1]), str(prints.paths[first])
    drawn = experiment.pictures / "oneshot-minutiae.png"
    whorl("compare", probe, reference, "--dpi", str(DPI), "--explain", str(drawn))
    thin(drawn)


if __name__ == "__main__":
    main()
