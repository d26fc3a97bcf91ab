"""What the backbone learns from: cells of the same skin, whole prints of the same finger, where a cell lies."""

import torch
from torch.nn import functional as F

from .nets import DESCRIPTOR, SPREAD, steer


def bits(descriptors):
    """As a stored grid holds them: signs, length 1; gradients pass as if nothing had happened."""
    return descriptors + (torch.sign(descriptors) / DESCRIPTOR**0.5 - descriptors).detach()


def upright(descriptors, rotation):
    """Descriptors [n, 48, h, w] of prints turned by rotation [n], as of upright ones: [n, h, w, 48]."""
    turned_back = -rotation.view(-1, 1, 1).expand(-1, *descriptors.shape[2:])
    return steer(descriptors.permute(0, 2, 3, 1), turned_back)


def counterparts(skin_a, skin_b):
    """
    The other print's cell that shows a cell's skin: index [n, h * w] and whether one does. Skin [n, 2, h, w] in pixels
    at 500 dpi. A cell as it is, never a mean of neighbours: a mean of bits is likelier than bits, and would be learned.
    """
    n = len(skin_a)
    a = skin_a.reshape(n, 2, -1).transpose(1, 2)
    b = skin_b.reshape(n, 2, -1).transpose(1, 2)
    nearest, index = torch.cdist(torch.nan_to_num(a, nan=1e4), torch.nan_to_num(b, nan=-1e4)).min(2)
    return index, nearest < 12


def cell_loss(a, b, skin_a, skin_b, finger, temperature, per_print=28):
    """
    InfoNCE: a cell's descriptor must find the other print's at the same skin among all cells of all prints of the batch.
    a, b: upright descriptors [n, h, w, 48] of the two prints of each pair.
    """
    n, h, w, channels = a.shape
    index, found = counterparts(skin_a, skin_b)
    chosen = (torch.rand(n, h * w) * found).topk(per_print, 1)
    real, pick = (chosen.values > 0).reshape(-1), chosen.indices
    anchor = torch.gather(a.reshape(n, h * w, -1), 1, pick.unsqueeze(2).expand(-1, -1, channels))
    partner = torch.gather(index, 1, pick)
    positive = torch.gather(b.reshape(n, h * w, -1), 1, partner.unsqueeze(2).expand(-1, -1, channels))
    skin = torch.gather(skin_a.reshape(n, 2, -1).transpose(1, 2), 1, pick.unsqueeze(2).expand(-1, -1, 2))
    logits = anchor.reshape(-1, channels) @ b.reshape(n * h * w, channels).T / temperature
    own = (anchor * positive).sum(2).reshape(-1) / temperature
    other_skin = torch.nan_to_num(skin_b.reshape(n, 2, -1).transpose(1, 2).reshape(-1, 2), nan=1e4)
    near = torch.cdist(skin.reshape(-1, 2).nan_to_num(nan=-1e4), other_skin) < 30
    same = finger.repeat_interleave(pick.shape[1]).unsqueeze(1) == finger.repeat_interleave(h * w).unsqueeze(0)
    absent = torch.isnan(skin_b[:, 0]).reshape(-1).unsqueeze(0)
    logits = logits.masked_fill((near & same) | (absent & (torch.rand(1, absent.shape[1]) < 0.8)), -1e4)
    loss = torch.logsumexp(torch.cat((own.unsqueeze(1), logits), 1), 1) - own
    right = (own.unsqueeze(1) > logits).all(1)[real].float().mean()
    return loss[real].mean(), right


def print_scores(a, b, confidence_a, confidence_b, bias):
    """
    Every print of a batch against every other at their best shift [n, n]: what `AlignmentSearch` gives at the right
    rotation. Descriptors upright [n, h, w, 48], confidence [n, 1, h, w].
    """
    n, h, w, _ = a.shape
    size = (2 * h, 2 * w)

    def spectrum(x, confidence):
        return torch.fft.rfft2(torch.cat((x.permute(0, 3, 1, 2) * confidence, confidence), 1), s=size)

    fa, fb = spectrum(a, confidence_a), spectrum(b, confidence_b)
    alike = torch.einsum("ichw,jchw->ijhw", fa[:, :-1].conj(), fb[:, :-1])
    mass = fa[:, -1].conj().unsqueeze(1) * fb[:, -1].unsqueeze(0)
    fields = torch.fft.irfft2(torch.stack((alike - bias * mass, mass), 2), s=size)
    fields = fields.reshape(n * n * 2, 1, *size)
    fields = F.conv2d(F.pad(fields, (1, 1, 1, 1), mode="circular"), SPREAD.view(1, 1, 3, 3)).view(n, n, 2, -1)
    return (fields[:, :, 0] / torch.sqrt(fields[:, :, 1].clamp_min(0) + 4.0)).amax(2)


def print_loss(scores, finger, slope):
    """InfoNCE over whole prints, both ways."""
    logits = scores * slope
    target = torch.arange(len(finger))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def place_loss(place, skin, rotation):
    """Where the cell lies and how the print is turned, where there is skin."""
    known = ~torch.isnan(skin[:, :1])
    target = torch.cat(
        (
            skin.nan_to_num() / 100,
            torch.cos(rotation).view(-1, 1, 1, 1).expand(-1, 1, *skin.shape[2:]),
            torch.sin(rotation).view(-1, 1, 1, 1).expand(-1, 1, *skin.shape[2:]),
        ),
        1,
    )
    return (F.smooth_l1_loss(place, target, reduction="none", beta=0.2) * known).sum() / known.sum() / 4
