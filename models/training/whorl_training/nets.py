"""The networks. Shapes are PyTorch's [batch, channels, rows, columns]; images are gray 0..1 at 250 dpi, ridges dark.

Angles are radians, counter-clockwise as seen by a person although y points down.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

CELL = 8
"""Side of a grid cell at 250 dpi; 16 pixels at 500 dpi."""

ORDERS = ((0, 12), (1, 9), (2, 9))
"""A descriptor's parts: (order k, how many). Order 0 is a plain number; of the others each is a complex number that
turns by k times the angle by which the print is turned, so that a stored grid is compared at any rotation."""

DESCRIPTOR = sum(count * (1 if order == 0 else 2) for order, count in ORDERS)
SPREAD = torch.tensor([[0.25, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 0.25]])
"""Skin is bent: votes for the shifts beside one count for it too, the farther the less."""

GRID = 12
"""Side of a stored grid in cells: the whole of a 192 x 192 sensor at 500 dpi, a window of larger ones."""

LATENT = 256
CROP = 128
"""Side of the encoder's print, pixels at 250 dpi."""


def steer(descriptors, angle):
    """Descriptors [..., 48] of a print, as they would be were the print turned counter-clockwise by `angle` [...]."""
    parts, start = [], 0
    for order, count in ORDERS:
        if order == 0:
            parts.append(descriptors[..., :count] * torch.ones_like(angle).unsqueeze(-1))
            start = count
            continue
        real = descriptors[..., start : start + count]
        imaginary = descriptors[..., start + count : start + 2 * count]
        cosine = torch.cos(order * angle).unsqueeze(-1)
        sine = torch.sin(order * angle).unsqueeze(-1)
        parts += [cosine * real - sine * imaginary, sine * real + cosine * imaginary]
        start += 2 * count
    return torch.cat(parts, -1)


class LocalNormalisation(nn.Module):
    """Takes mean and contrast of a print's neighbourhood out of it: inside the graph, so that every caller does the same."""

    def __init__(self, side=17, floor=0.06):
        super().__init__()
        self.side, self.floor = side, floor

    def blur(self, x):
        half = self.side // 2
        x = F.avg_pool2d(x, (self.side, 1), 1, (half, 0), count_include_pad=False)
        return F.avg_pool2d(x, (1, self.side), 1, (0, half), count_include_pad=False)

    def forward(self, image):
        centred = image - self.blur(image)
        return centred / (torch.sqrt(self.blur(centred * centred)) + self.floor)


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x):
        return F.relu(x + self.body(x))


def strided(inputs, outputs, kernel):
    """Halves the sides; an even kernel keeps the middle of a cell the middle of its pixels."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride=2, padding=kernel // 2 - 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def trunk(widths, blocks):
    """Three halvings, then residual blocks: [n, 1, h, w] to [n, widths[-1], h / 8, w / 8]."""
    first, second, third = widths
    return nn.Sequential(
        strided(1, first, 6),
        strided(first, second, 4),
        strided(second, third, 4),
        *[Residual(third) for _ in range(blocks)],
    )


class Backbone(nn.Module):
    """A print to local descriptors, one a cell: the siamese net's half that runs once a touch."""

    def __init__(self, widths=(16, 32, 64), blocks=4):
        super().__init__()
        self.normalise = LocalNormalisation()
        self.trunk = trunk(widths, blocks)
        self.describe = nn.Conv2d(widths[-1], DESCRIPTOR, 1)
        self.judge = nn.Conv2d(widths[-1], 1, 1)
        self.locate = nn.Sequential(nn.Conv2d(widths[-1], 64, 3, padding=2, dilation=2), nn.ReLU(), nn.Conv2d(64, 4, 1))

    def forward(self, image):
        """
        Returns descriptors [n, 48, h, w] of length 1; confidence [n, 1, h, w], 0..1; place [n, 4, h, w]: where on an
        upright finger the cell lies (x, y, in units of 100 pixels at 500 dpi from the finger's middle), and cosine and
        sine of the print's rotation, as far as the cell can tell.
        """
        features = self.trunk(self.normalise(image))
        descriptors = self.describe(features)
        descriptors = descriptors / torch.sqrt((descriptors * descriptors).sum(1, keepdim=True) + 1e-6)
        return descriptors, torch.sigmoid(self.judge(features)), self.locate(features)


class Encoder(nn.Module):
    """On the backbone's trunk: a print turned upright and centred [n, 1, 128, 128] to a latent [n, 256] in -1..1."""

    def __init__(self, widths=(16, 32, 64), blocks=4):
        super().__init__()
        self.normalise = LocalNormalisation()
        self.trunk = trunk(widths, blocks)
        self.down = strided(widths[-1], 96, 4)
        self.mix = Residual(96)
        self.to_latent = nn.Sequential(nn.Conv2d(96, 64, 1), nn.Flatten(), nn.Linear(64 * 64, LATENT))

    def from_features(self, features):
        return torch.tanh(self.to_latent(self.mix(self.down(features))))

    def forward(self, image):
        return self.from_features(self.trunk(self.normalise(image)))


class Decoder(nn.Module):
    """A latent back to the clean print [n, 1, 128, 128], logits of ridge. Used in training only, never shipped."""

    def __init__(self):
        super().__init__()
        self.spread = nn.Linear(LATENT, 64 * 64)
        self.grow = nn.Sequential(
            self._double(64, 64), self._double(64, 48), self._double(48, 32), nn.Conv2d(32, 4, 3, padding=1), nn.PixelShuffle(2)
        )

    @staticmethod
    def _double(inputs, outputs):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs * 4, 3, padding=1), nn.PixelShuffle(2), nn.BatchNorm2d(outputs), nn.ReLU()
        )

    def forward(self, latent):
        return self.grow(self.spread(latent).view(-1, 64, 8, 8))


def turning(angles):
    """[t, 144, 144]: what a grid's cells hold after turning it counter-clockwise by each angle, bilinear."""
    offset = torch.arange(GRID) - (GRID - 1) / 2
    y, x = torch.meshgrid(offset, offset, indexing="ij")
    turned = torch.zeros(len(angles), GRID * GRID, GRID, GRID)
    for i, angle in enumerate(angles.tolist()):
        # Where the content came from: the point turned back. y points down.
        source_x = math.cos(angle) * x - math.sin(angle) * y + (GRID - 1) / 2
        source_y = math.cos(angle) * y + math.sin(angle) * x + (GRID - 1) / 2
        left, top = torch.floor(source_x), torch.floor(source_y)
        for down in (0, 1):
            for right in (0, 1):
                column, row = left + right, top + down
                share = (1 - (source_x - column).abs()) * (1 - (source_y - row).abs())
                inside = (column >= 0) & (column < GRID) & (row >= 0) & (row < GRID)
                flat = turned[i].view(GRID * GRID, -1)
                at = (row.clamp(0, GRID - 1) * GRID + column.clamp(0, GRID - 1)).long().view(-1, 1)
                flat.scatter_add_(1, at, (share * inside).view(-1, 1))
    return turned.view(len(angles), GRID * GRID, GRID * GRID)


class AlignmentSearch(nn.Module):
    """
    The siamese net's head: a probe's grid against a batch of stored grids, at every rotation and shift of a range.

    For each it sums, over the cells that come to lie on each other, how alike they are beyond a learned bias, weighted
    by how sure both are, and divides by the square root of the overlap; the best of all is the score.
    """

    def __init__(self, bias=0.25, step=10.0, reach=30.0, most_shift=7):
        super().__init__()
        angles = torch.arange(-reach, reach + step / 2, step) * math.pi / 180
        self.register_buffer("angles", angles)
        self.register_buffer("turn", turning(angles))
        self.register_buffer("spread", SPREAD.view(1, 1, 3, 3))
        self.bias = nn.Parameter(torch.tensor(bias))
        self.slope = nn.Parameter(torch.tensor(1.0))
        self.offset = nn.Parameter(torch.tensor(0.0))
        self.most_shift = most_shift

    def forward(self, probe, probe_weight, references, references_weight):
        """
        probe [144, 48], probe_weight [144], references [b, 144, 48], references_weight [b, 144]; cells row by row.
        Returns probability [b], score [b], rotation [b] in radians, shift [b, 2] in cells (x, y): the probe turned by
        the rotation around its middle and then moved by the shift lies over the reference.
        """
        turns, side = self.turn.shape[0], 2 * self.most_shift + 1
        weighted = torch.cat((probe * probe_weight.unsqueeze(1), -self.bias * probe_weight.unsqueeze(1)), 1)
        turned = torch.matmul(self.turn, weighted)  # [t, 144, 49]
        cells = torch.cat((steer(turned[..., :DESCRIPTOR], self.angles.unsqueeze(1)), turned[..., DESCRIPTOR:]), -1)
        kernels = cells.transpose(1, 2).reshape(turns, DESCRIPTOR + 1, GRID, GRID)
        mass = torch.matmul(self.turn, probe_weight.unsqueeze(1)).reshape(turns, 1, GRID, GRID)
        weight = references_weight.unsqueeze(2)
        fields = torch.cat((references * weight, weight), -1).transpose(1, 2).reshape(-1, DESCRIPTOR + 1, GRID, GRID)
        votes = F.conv2d(fields, kernels, padding=self.most_shift)  # [b, t, side, side]
        overlap = F.conv2d(fields[:, DESCRIPTOR:], mass, padding=self.most_shift)
        votes = F.conv2d(votes, self.spread.expand(turns, 1, 3, 3), padding=1, groups=turns)
        overlap = F.conv2d(overlap, self.spread.expand(turns, 1, 3, 3), padding=1, groups=turns)
        score = (votes / torch.sqrt(torch.relu(overlap) + 4.0)).reshape(-1, turns * side * side)
        best, where = score.max(1)
        turn = torch.div(where, side * side, rounding_mode="floor")
        rest = where - turn * (side * side)
        row = torch.div(rest, side, rounding_mode="floor")
        shift = torch.stack((rest - row * side, row), 1).to(probe.dtype) - self.most_shift
        return torch.sigmoid(self.slope * best + self.offset), best, self.angles[turn], shift
