"""Backgrounds without photographs: gradients, many-scaled noise, and clutter of boxes, discs, bars and stripes; land under a sky."""

import torch
from torch.nn import functional


def noise(sampler, count, size, cells):
    """Smooth noise [count,3,size,size] around 0 with about `cells` bumps per side."""
    small = sampler.randn(count, 3, cells + 2, cells + 2)
    small = 0.35 * small + 0.8 * sampler.randn(count, 1, cells + 2, cells + 2)
    return functional.interpolate(small, (size, size), mode="bicubic", align_corners=False)


def colours(sampler, *shape):
    """Mostly muted colours, some of skin tint (so that tint alone is no face)."""
    base = sampler.rand(*shape, 1)
    rgb = base * (1 + 0.22 * sampler.randn(*shape, 3))
    skin = base * torch.tensor([1.0, 0.72, 0.6], device=sampler.device) * (1 + 0.06 * sampler.randn(*shape, 3))
    return torch.where(sampler.rand(*shape, 1) < 0.25, skin, rgb).clamp(0, 1)


def make(sampler, count, size, shapes=28):
    """Pictures [count,3,size,size] in 0..1."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, size, device=sampler.device), torch.linspace(-1, 1, size, device=sampler.device), indexing="ij")
    turn = sampler.rand(count, high=6.28)[:, None, None]
    ramp = (0.5 + 0.4 * (x * turn.cos() + y * turn.sin()))[:, None]
    a, b = colours(sampler, count)[:, :, None, None], colours(sampler, count)[:, :, None, None]
    picture = a + (b - a) * ramp
    for cells in (3, 9, 40):
        picture = picture + noise(sampler, count, size, cells) * (sampler.rand(count) ** 2 * 0.22)[:, None, None, None]
    for k in range(shapes):
        on = sampler.chance(count, 0.7)[:, None, None]
        cx, cy, turn = (sampler.rand(count, low=-1.1, high=1.1)[:, None, None] for _ in range(3))
        upright = sampler.chance(count, 0.7)[:, None, None]
        turn = turn * 1.6 * (1 - upright)
        grow = 0.9 if k < shapes // 3 else 0.35
        w, h = ((sampler.rand(count) ** 1.7 * grow + 0.015)[:, None, None] for _ in range(2))
        u, v = (x - cx) * turn.cos() + (y - cy) * turn.sin(), (y - cy) * turn.cos() - (x - cx) * turn.sin()
        box = torch.maximum((u / w).abs(), (v / h).abs())
        disc = ((u / w) ** 2 + (v / h) ** 2).sqrt()
        shape = torch.where(sampler.chance(count, 0.35)[:, None, None] > 0, disc, box)
        soft = (sampler.rand(count) ** 3 * 0.5 + 0.02)[:, None, None]
        mask = (((1 - shape) / soft).clamp(0, 1) * on)[:, None]
        c, d = colours(sampler, count)[:, :, None, None], colours(sampler, count)[:, :, None, None]
        stripes = (torch.sin(u / w * sampler.rand(count, low=3, high=40)[:, None, None]) > 0)[:, None] & (sampler.rand(count) < 0.25)[:, None, None, None]
        fill = torch.where(stripes, d, c + (d - c) * (0.35 * (v / h).clamp(-1, 1))[:, None])
        picture = picture + (fill - picture) * mask
    fine = sampler.randn(count, 3, size, size) * (sampler.rand(count) ** 3 * 0.06)[:, None, None, None]
    return (picture + fine).clamp(0, 1)


def outdoors(sampler, count, size):
    """Sky with clouds, far trees, ground: pictures [count,3,size,size] in 0..1 whose colours follow from what they show."""
    f = lambda low, high: sampler.rand(count, low=low, high=high)[:, None, None, None]
    y = torch.linspace(-1, 1, size, device=sampler.device)[None, None, :, None]
    rough = [noise(sampler, count, size, cells)[:, :1] for cells in (4, 11, 33, 90)]
    light = f(0.55, 1.1)
    sky = torch.lerp(sampler.choose([[0.62, 0.76, 0.92]], count, 0.04)[:, :, None, None], sampler.choose([[0.22, 0.42, 0.78]], count, 0.08)[:, :, None, None],
                     (0.5 - 0.5 * y))
    cloud = ((rough[0] + 0.5 * rough[1] + 0.25 * rough[2] - f(0.0, 1.2)) * 1.6).clamp(0, 1)
    sky = torch.lerp(sky, torch.ones_like(sky) * f(0.80, 0.95), cloud) * light.clamp(min=0.8)
    leaf = sampler.choose([[0.16, 0.30, 0.08], [0.10, 0.22, 0.07], [0.24, 0.32, 0.10]], count, 0.10)[:, :, None, None]
    trees = leaf * light * (1 + 0.7 * rough[2] + 0.5 * rough[3]).clamp(0.1, 2.4)
    ground = sampler.choose([[0.30, 0.42, 0.14], [0.25, 0.36, 0.12], [0.45, 0.34, 0.22], [0.38, 0.29, 0.19]], count, 0.08)[:, :, None, None]
    ground = ground * light * (1 + 0.18 * rough[1] + 0.25 * rough[3]).clamp(0.2, 2)
    horizon = f(-0.4, 0.9)
    top = horizon - f(0.05, 0.6) + 0.10 * rough[1].mean(2, keepdim=True) + 0.06 * rough[2][:, :, :1]
    picture = torch.where(y > horizon, ground, torch.where(y > top, trees, sky))
    return picture.clamp(0, 1)


class Bank:
    """A stock of backgrounds kept as bytes; `cut` gives random parts of them."""

    def __init__(self, sampler, count, size=512, chunk=16):
        self.sampler, self.size = sampler, size
        self.stock = torch.cat([(make(sampler, min(chunk, count - i), size) * 255).byte() for i in range(0, count, chunk)])

    def cut(self, count, size):
        s = self.sampler
        picture = self.stock[torch.randint(len(self.stock), (count,), device=s.device, generator=s.random)].float() / 255
        zoom = s.rand(count, low=0.12, high=0.95)
        flip = torch.sign(s.randn(count))
        theta = torch.zeros(count, 2, 3, device=s.device)
        theta[:, 0, 0], theta[:, 1, 1] = zoom * flip, zoom
        theta[:, :, 2] = s.rand(count, 2, low=-1, high=1) * (1 - zoom)[:, None]
        grid = functional.affine_grid(theta, (count, 3, *size), align_corners=False)
        return functional.grid_sample(picture, grid, align_corners=False, padding_mode="reflection")
