"""The networks of the experiments; each input is [n, 1, side, side] from 0 (ridge) to 1 (ground)."""

import torch
from torch import nn
from torch.nn import functional as F


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return F.relu(x + self.body(x))


def _down(channels, more):
    return nn.Sequential(
        nn.Conv2d(channels, more, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(more), nn.ReLU()
    )


def _up(channels, fewer):
    # A convolution, its channels spread over space: quicker than a transposed one, and without its chessboard.
    return nn.Sequential(nn.Conv2d(channels, 4 * fewer, 1), nn.PixelShuffle(2), nn.BatchNorm2d(fewer), nn.ReLU())


def _trunk():
    """[n, 1, 4 h, 4 w] to [n, 64, h / 2, w / 2]; at the ridges' scale a stride of four loses nothing that 32 channels hold."""
    stem = nn.Sequential(nn.Conv2d(1, 32, 8, stride=4, padding=2, bias=False), nn.BatchNorm2d(32), nn.ReLU())
    return nn.Sequential(stem, Residual(32), _down(32, 64), Residual(64))


def _head():
    """The way back from `_trunk`."""
    return nn.Sequential(Residual(64), _up(64, 32), Residual(32), nn.Conv2d(32, 16, 3, padding=1), nn.PixelShuffle(4))


class Autoencoder(nn.Module):
    """An encoder, a code and a decoder. The three differ in nothing but how the code is taken from the feature map."""

    def __init__(self, side, code, numbers):
        """
        :param code: `pooled` averages each feature map to one number, as founding document A's encoder does, `vector`
            takes the whole map through one linear layer, `grid` keeps a few channels at each place
        :param numbers: how many the code has
        """
        super().__init__()
        self.trunk, self.head = _trunk(), _head()
        cells = side // 8
        if code == "grid" and numbers < cells**2:
            # Fewer numbers than places: cells of twice the side.
            halves = cells // 2
            shape = (numbers // halves**2, halves, halves)
            self.encoder = nn.Sequential(_down(64, 128), Residual(128), nn.Conv2d(128, shape[0], 1), nn.Flatten())
            self.decoder = nn.Sequential(nn.Unflatten(1, shape), nn.Conv2d(shape[0], 128, 1), Residual(128), _up(128, 64))
        elif code == "grid":
            shape = (numbers // cells**2, cells, cells)
            self.encoder = nn.Sequential(nn.Conv2d(64, shape[0], 1), nn.Flatten())
            self.decoder = nn.Sequential(nn.Unflatten(1, shape), nn.Conv2d(shape[0], 64, 1))
        else:
            pooled = nn.Sequential(_down(64, 256), Residual(256), nn.AdaptiveAvgPool2d(1), nn.Flatten())
            size = 256 if code == "pooled" else 64 * cells**2
            self.encoder = nn.Sequential(pooled if code == "pooled" else nn.Flatten(), nn.Linear(size, numbers))
            self.decoder = nn.Sequential(nn.Linear(numbers, 64 * cells**2), nn.Unflatten(1, (64, cells, cells)))

    def encode(self, x):
        return self.encoder(self.trunk(x - 0.5))

    def forward(self, x):
        """Logits of the reconstruction."""
        return self.head(self.decoder(self.encode(x)))


class TutorialSiamese(nn.Module):
    """Founding document B's net, for prints of 90 × 90: logits that two are of the same finger."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Sequential(nn.Linear(64 * 22 * 22, 128), nn.ReLU(), nn.Linear(128, 1))

    def forward(self, probe, reference):
        return self.head(self.features(probe) - self.features(reference)).squeeze(1)


class StripeBase(nn.Module):
    """What founding document C's thread tried on stripes: [n, 1, 160, 160] to an embedding of 128.

    :param dense: how many dense layers of 128 there are; 0 for convolutions with average pooling instead
    """

    def __init__(self, dense, dropout):
        super().__init__()
        if dense == 0:
            layers = []
            for channels, more in ((1, 8), (8, 16), (16, 16), (16, 16)):
                layers += [nn.Conv2d(channels, more, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2)]
            self.first = nn.Sequential(*layers, nn.Flatten(), nn.Linear(16 * 10 * 10, 128))
        else:
            self.first = nn.Sequential(nn.Flatten(), nn.Linear(160 * 160, 128), nn.ReLU())
        more = [(nn.Dropout(dropout), nn.Linear(128, 128), nn.ReLU()) for _ in range(dense - 1)]
        self.rest = nn.Sequential(*(layer for layers in more for layer in layers))
        for module in self.modules():
            # As Keras begins, which the thread used.
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, pictures, which):
        """Embeddings of the pictures at these places. Equal scans share all that comes before the first dropout."""
        return self.rest(self.first(pictures)[which])


class Descriptors(nn.Module):
    """A grid of local descriptors, [n, 1, 96, 96] to [n, 16, 12, 12]: each of unit length times how far it is trusted."""

    def __init__(self):
        super().__init__()
        self.trunk = _trunk()
        self.describe = nn.Conv2d(64, 17, 1)

    def forward(self, x):
        described = self.describe(self.trunk(0.5 - x))
        return F.normalize(described[:, :16], dim=1) * torch.sigmoid(described[:, 16:])


class GridComparison(nn.Module):
    """The siamese head on two grids: their best agreement over shifts.

    Each pair of cells that lie on each other agrees by the product of their descriptors less a learned expectation;
    the sum over the overlap, divided by the root of its size, is the agreement of a shift.
    """

    REACH = 4
    """Cells of 8 pixels that a print may be shifted by in each direction."""

    def __init__(self):
        super().__init__()
        self.net = Descriptors()
        self.expected = nn.Parameter(torch.tensor(0.1))
        self.scale = nn.Parameter(torch.tensor(0.3))

    def agreements(self, probes, references):
        """Of every probe's grid with every reference's: [probes, references, 9, 9], by rows and columns of shift."""
        reach, cells = self.REACH, probes.shape[-1]
        sums = F.conv2d(F.pad(references, [reach] * 4), probes).transpose(0, 1)
        overlap = self.overlap(cells, probes.device)
        return self.scale * (sums - self.expected * overlap) / overlap.sqrt()

    def overlap(self, cells, device):
        """How many cells lie on each other at each shift, [9, 9]."""
        one = cells - torch.arange(-self.REACH, self.REACH + 1, device=device).abs().float()
        return one[:, None] * one[None, :]

    def scores(self, probes, references):
        """The best shift's agreement, [probes, references]."""
        return self.agreements(probes, references).flatten(2).amax(2)
