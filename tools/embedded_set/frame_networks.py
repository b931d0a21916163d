"""Networks of the frame processors: frame enhancer, frame colorizer, background remover."""

import torch
from torch import nn
from torch.nn import functional

from .networks import Conv, Pyramid, Residual


class FrameEnhancer(nn.Module):
    """[B,3,T,T] RGB 0..1 -> [B,3,2T,2T], T even (real_esrgan_x2 contract); adds detail to a bilinear enlargement."""

    def __init__(self):
        super().__init__()
        self.first = Conv(12, 40, norm=False)
        self.blocks = nn.Sequential(*[Residual(40, norm=False) for _ in range(4)])
        self.last = nn.Conv2d(40, 48, 3, 1, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x):
        y = self.first(functional.pixel_unshuffle(x, 2))
        large = functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
        return large + 0.1 * functional.pixel_shuffle(self.last(self.blocks(y) + y).float(), 4)


class FrameColorizer(nn.Module):
    """[B,3,h,w] grey 0..1, sides multiples of 32 -> Lab a, b [B,2,h,w] (ddcolor contract)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 16, 3, 2), Conv(16, 32, 3, 2))
        self.body = Pyramid((32, 48, 72, 96))
        self.out = nn.Conv2d(32, 8, 3, 1, 1)

    def forward(self, x):
        half = functional.pixel_shuffle(self.out(self.body(self.stem(x))[0]).float(), 2)
        return functional.interpolate(half * 30.0, scale_factor=2.0, mode="bilinear", align_corners=False)


class BackgroundRemover(nn.Module):
    """[B,3,512,512] RGB v/127.5-1 -> opacity of the people [B,1,512,512] 0..1 (modnet contract)."""

    def __init__(self):
        super().__init__()
        self.first = Conv(48, 32)
        self.body = Pyramid((32, 48, 64, 96))
        self.last = nn.Sequential(Conv(32, 32), nn.Conv2d(32, 16, 3, 1, 1))

    def forward(self, x):
        y = self.first(functional.pixel_unshuffle(x, 4))
        return torch.sigmoid(functional.pixel_shuffle(self.last(self.body(y)[0] + y).float(), 4))
