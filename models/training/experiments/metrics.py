"""How well scores tell genuine from impostor comparisons."""

import numpy as np


def confusion(genuine, impostor, threshold):
    """Counts and rates of deciding "same finger" from this score on."""
    tp, fp = int((genuine >= threshold).sum()), int((impostor >= threshold).sum())
    fn, tn = len(genuine) - tp, len(impostor) - fp
    return {
        "accuracy": round((tp + tn) / (tp + tn + fp + fn), 4),
        "precision": round(tp / max(1, tp + fp), 4),
        "recall": round(tp / max(1, tp + fn), 4),
        "confusion": {"tp": tp, "fp": fp, "fn": fn, "tn": tn},
    }


def roc(genuine, impostor):
    """False and true positive rate at every threshold, from the highest on."""
    scores = np.concatenate([genuine, impostor])
    truth = np.concatenate([np.ones(len(genuine)), np.zeros(len(impostor))])
    order = np.argsort(-scores, kind="stable")
    scores, truth = scores[order], truth[order]
    # Equal scores are decided together.
    last = np.append(np.nonzero(np.diff(scores))[0], len(scores) - 1)
    tpr = np.cumsum(truth)[last] / len(genuine)
    fpr = np.cumsum(1 - truth)[last] / len(impostor)
    return np.append(0, fpr), np.append(0, tpr)


def auc(genuine, impostor):
    """Area under the ROC: the chance that a genuine score is above an impostor's."""
    fpr, tpr = roc(genuine, impostor)
    return round(float(((tpr[1:] + tpr[:-1]) / 2 * np.diff(fpr)).sum()), 4)


def eer(genuine, impostor):
    """Where as many genuine are refused as impostors are accepted."""
    fpr, tpr = roc(genuine, impostor)
    at = int(np.argmin(np.abs(fpr - (1 - tpr))))
    return round(float((fpr[at] + 1 - tpr[at]) / 2), 4)


def best_threshold(genuine, impostor):
    """The score with the highest accuracy where both kinds count alike."""
    candidates = np.unique(np.concatenate([genuine, impostor]))
    middles = np.append(candidates[0], (candidates[1:] + candidates[:-1]) / 2)
    kept = 1 - np.searchsorted(np.sort(genuine), middles) / len(genuine)
    refused = np.searchsorted(np.sort(impostor), middles) / len(impostor)
    return float(middles[int(np.argmax(kept + refused))])
