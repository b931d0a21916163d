"""Stages of the frame processors: frame enhancer, frame colorizer, background remover. Their pictures show people in front of
backgrounds: tiles of a bank (crowd.py)."""

import torch
from torch.nn import functional

from . import backgrounds, colour, crowd, effects, frame_networks
from .stages import Stage, mirror, to_bytes


class FrameStage(Stage):
    tiles = 2000

    def prepare(self, quick):
        self.open(2 if quick else self.tiles)
        super().prepare(quick)

    def open(self, tiles):
        self.bank = crowd.Bank(self.studio, tiles)

    def canvas(self, n, outdoors):
        """Backgrounds [n,3,size,size]: that share of them land under a sky, the rest cut from the stock."""
        cut = self.studio.background.cut(n, (self.size, self.size))
        return torch.where(self.random.rand(n)[:, None, None, None] < outdoors, backgrounds.outdoors(self.random, n, self.size), cut)


class FrameEnhancerStage(FrameStage):
    network = frame_networks.FrameEnhancer
    rate, batch, stock, fresh, every = 1e-3, 32, 4096, 16, 4
    size = 256  # of the large picture

    def sample(self, n):
        return (to_bytes(self.bank.scene(self.canvas(n, 0.5), 5, 0.3, (-0.9, 0.5))[0]),)

    def half(self, goal):
        """Half as large, as a camera or a codec leaves it: some pictures softer, noisy, coded."""
        s, n = self.random, len(goal)
        small = functional.avg_pool2d(effects.blur(goal, s.rand(n) ** 2 * 1.2 * s.chance(n, 0.5)), 2)
        small = small + s.randn(*small.shape) * (s.rand(n) ** 3 * 0.03)[:, None, None, None]
        return torch.lerp(small, effects.jpeg(small.clamp(0, 1), s.rand(n, low=60, high=98)), s.chance(n, 0.3)[:, None, None, None])

    def loss(self, net):
        goal = self.ring.draw(self.batch, self.random)[0].float() / 255
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            small = self.half(goal)
        out = net(small.contiguous(memory_format=torch.channels_last)).float()
        return 10 * (out - goal).abs().mean()


class FrameColorizerStage(FrameStage):
    network = frame_networks.FrameColorizer
    rate, batch, stock, fresh, every = 2e-3, 64, 4096, 16, 3
    size = 256

    def sample(self, n):
        return (to_bytes(self.bank.scene(self.canvas(n, 0.7), 5, 0.35, (-1.0, 0.7))[0]),)

    def loss(self, net):
        picture = self.ring.draw(self.batch, self.random)[0].float() / 255
        s, n = self.random, len(picture)
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            goal = colour.to_lab(picture)[:, 1:]
            seen = colour.grey(picture) + s.randn(n, 1, self.size, self.size) * (s.rand(n) ** 3 * 0.04)[:, None, None, None]
        found = net(seen.clamp(0, 1).contiguous(memory_format=torch.channels_last)).float()
        return functional.smooth_l1_loss(found / 20, goal / 20, beta=0.5)


class BackgroundRemoverStage(FrameStage):
    network = frame_networks.BackgroundRemover
    rate, batch, stock, fresh, every = 2e-3, 16, 1536, 8, 2
    size = 512

    def sample(self, n):
        picture, opacities, *_ = self.bank.scene(self.canvas(n, 0.4), 3, 0.15, (-1.2, 0.6))
        clear = torch.stack([1 - a for a in opacities]).prod(0)[:, None]
        return to_bytes(effects.degrade(self.random, picture, 0.6)), to_bytes(1 - clear)

    def loss(self, net):
        picture, opacity = self.ring.draw(self.batch, self.random)
        flip = self.random.rand(len(picture)) < 0.5
        picture, opacity = mirror(flip, picture), mirror(flip, opacity)
        goal = opacity.float() / 255
        found = net((picture.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)).float()
        with torch.autocast(self.device.type, enabled=False):
            cross = functional.binary_cross_entropy(found.clamp(1e-5, 1 - 1e-5), goal)
        overlap = (found * goal).sum((1, 2, 3)) / (found + goal - found * goal).sum((1, 2, 3)).clamp(min=1)
        return cross + (found - goal).abs().mean() + 0.5 * (1 - overlap).mean()


ALL = {"frame_enhancer": FrameEnhancerStage, "frame_colorizer": FrameColorizerStage, "background_remover": BackgroundRemoverStage}
