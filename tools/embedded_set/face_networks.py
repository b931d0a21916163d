"""Networks of the further face models: classifier, parser, second landmarker, enhancer."""

import torch
from torch import nn
from torch.nn import functional

from .networks import Conv, Pyramid, Residual


class Classifier(nn.Module):
    """[B,3,224,224] RGB, ImageNet mean and deviation -> race, gender, age ids [B] int64 (fairface contract).

    In training the scores: race [B,3] (the renderer's african, asian, caucasian), male [B,1], age [B,9].
    """

    export = False

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            Conv(3, 24, 3, 2), Conv(24, 40, 3, 2), Residual(40), Conv(40, 72, 3, 2), Residual(72), Conv(72, 104, 3, 2), Conv(104, 104, 3, 2))
        self.race, self.male, self.age = nn.Linear(104, 3), nn.Linear(104, 1), nn.Linear(104, 9)
        self.register_buffer("race_ids", torch.tensor([1, 3, 0]), persistent=False)  # black, asian, white

    def forward(self, x):
        f = self.body(x).mean((2, 3))
        race, male, age = self.race(f), self.male(f), self.age(f)
        if not self.export:
            return race, male, age
        return self.race_ids[race.argmax(1)], (male[:, 0] < 0).long(), age.argmax(1)


class Parser(nn.Module):
    """[B,3,512,512] RGB, ImageNet mean and deviation -> class scores [B,19,512,512] (bisenet contract)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 16, 3, 2), Conv(16, 32, 3, 2))
        self.body = Pyramid((32, 48, 64, 96))
        self.out = nn.Conv2d(32, 19 * 4, 1)

    def forward(self, x):
        scores = functional.pixel_shuffle(self.out(self.body(self.stem(x))[0]), 2)
        return functional.interpolate(scores, scale_factor=2.0, mode="bilinear", align_corners=False)


class PointLandmarker(nn.Module):
    """[B,3,256,256] BGR/255 -> [B,204] = 68 x (x, y on a 64 grid, score) (peppa contract): the centre of mass of a map per point."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 24, 3, 2), Conv(24, 40, 3, 2), Conv(40, 56, 3, 2), Residual(56))
        self.body = Pyramid((56, 72, 88))
        self.head, self.score = nn.Conv2d(56, 68, 1), nn.Linear(88, 68)
        # A cell covers eight pixels; its centre is 3.5 px = 0.875 steps of the 64 grid right of the first.
        self.register_buffer("line", torch.arange(32.0) * 2 + 0.875, persistent=False)

    def maps(self, x):
        """Logits of the 68 maps [B,68,1024], and scores [B,68]."""
        fine, deep = self.body(self.stem(x))
        return self.head(fine).float().flatten(2), torch.sigmoid(self.score(deep.mean((2, 3))).float())

    def places(self, logits):
        """Centres of mass x, y [B,68] on the 64 grid."""
        share = torch.softmax(logits, 2).view(-1, 68, 32, 32)
        # No matrix products: mixed precision would round the places to a quarter of a step.
        return (share.sum(2) * self.line).sum(2), (share.sum(3) * self.line).sum(2)

    def forward(self, x):
        logits, score = self.maps(x)
        return torch.stack([*self.places(logits), score], 2).flatten(1)


class FaceEnhancer(nn.Module):
    """[B,3,512,512] RGB -1..1 -> the same without blur, noise and coding errors (gfpgan contract); adds a correction to the input."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(Conv(48, 56, norm=False), Residual(56, norm=False))
        self.body = Pyramid((56, 72, 88), norm=False)
        self.last = nn.Sequential(Residual(56, norm=False), nn.Conv2d(56, 48, 3, 1, 1))
        nn.init.zeros_(self.last[1].weight)
        nn.init.zeros_(self.last[1].bias)

    def forward(self, x):
        y = self.first(functional.pixel_unshuffle(x, 4))
        return x + 0.1 * functional.pixel_shuffle(self.last(self.body(y)[0] + y).float(), 4)
