"""What happens between a face and the file: things in front of it, blur, low resolution, noise, JPEG."""

import math

import torch
from torch.nn import functional

from . import backgrounds

LUMA = [[16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92], [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99]]


def grid(size, device):
    """x, y in -1..1 [h,w]."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, size[0], device=device), torch.linspace(-1, 1, size[1], device=device), indexing="ij")
    return x, y


def hand(sampler, count, x, y):
    """Signed height of a hand-like shape: palm and five fingers as capsules; > 0 inside, 1 at the ridge."""
    f = lambda low, high: sampler.rand(count, low=low, high=high)[:, None, None]
    cx, cy, turn, size = f(-0.9, 0.9), f(-0.9, 0.9), f(-3.14, 3.14), f(0.16, 0.38)
    u = ((x - cx) * turn.cos() + (y - cy) * turn.sin()) / size
    v = ((y - cy) * turn.cos() - (x - cx) * turn.sin()) / size
    best = 1 - ((u / 0.95) ** 2 + ((v - 0.2) / 1.0) ** 2)
    spread, length = f(0.10, 0.42), f(0.8, 1.7)
    for k in range(5):
        lean = (k - 2) * spread
        ax, ay = (k - 2) * 0.42, -0.55 + 0.12 * abs(k - 2)
        dx, dy = lean.sin(), -lean.cos()
        reach = length * (0.7 if k == 0 else 1.0 - 0.08 * abs(k - 2))
        t = ((u - ax) * dx + (v - ay) * dy).clamp(min=0).minimum(reach)
        distance = ((u - ax - t * dx) ** 2 + (v - ay - t * dy) ** 2).sqrt()
        best = torch.maximum(best, 1 - (distance / 0.21) ** 2)
    wrist = 1 - ((u.abs() / 0.62) ** 4) - (v < 0.4).float() * 4
    return torch.maximum(best, wrist)


def cover(sampler, n, size, share):
    """Things to paint in front of a `share` of n pictures: (colour [n,3,h,w], opacity [n,1,h,w])."""
    h, w = size
    x, y = grid((h, w), sampler.device)
    f = lambda low, high: sampler.rand(n, low=low, high=high)[:, None, None]
    a, b = backgrounds.colours(sampler, n)[:, :, None, None], backgrounds.colours(sampler, n)[:, :, None, None]
    texture = backgrounds.noise(sampler, n, max(h, w), 14)[:, :, :h, :w]
    height = hand(sampler, n, x, y)
    shade = (0.45 + 0.55 * height.clamp(0, 1).sqrt() * (0.8 + 0.3 * x * f(-1, 1) + 0.3 * y * f(-1, 1)))[:, None]
    tone = sampler.choose([[0.80, 0.58, 0.48], [0.62, 0.42, 0.32], [0.38, 0.22, 0.15], [0.75, 0.66, 0.58]], n, 0.12)[:, :, None, None]
    hands = (tone * shade * (1 + 0.06 * texture)).clamp(0, 1)
    turn, off, wide = f(-1.57, 1.57), f(-0.8, 0.8), f(0.03, 0.22)
    across = x * turn.cos() + y * turn.sin() - off
    bar = 1 - across.abs() / wide
    cloth = (x * turn.cos() + y * turn.sin()) * torch.sign(off) - 0.15 - f(0.0, 0.6) + 0.12 * texture[:, 0]
    blob = 1 - ((x - off) ** 2 + (y - f(-0.9, 0.9)) ** 2).sqrt() / f(0.15, 0.5) + 0.22 * texture[:, 1]
    weave = torch.sin(across * f(10, 60)) * torch.sin((x * turn.sin() - y * turn.cos()) * f(10, 60))
    painted = a + (b - a) * (0.5 + 0.5 * weave[:, None] * f(0, 1)[:, None]) + 0.10 * texture
    painted = (painted * (0.7 + 0.3 * (1 - across.abs()).clamp(0, 1))[:, None]).clamp(0, 1)
    kind = sampler.rand(n)[:, None, None]
    height = torch.where(kind < 0.45, height, torch.where(kind < 0.62, bar, torch.where(kind < 0.78, cloth, blob)))
    on = (sampler.rand(n) < share)[:, None, None]
    opacity = ((height * max(h, w) / 8).clamp(0, 1) * on)[:, None]
    return torch.where(kind[:, None] < 0.45, hands, painted), opacity


def blur(picture, sigma):
    """Gaussian blur with a sigma per picture [B]."""
    n, c = picture.shape[:2]
    at = torch.arange(-6, 7, device=picture.device).float()
    kernel = torch.exp(-at ** 2 / (2 * sigma[:, None].clamp(min=0.05) ** 2))
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(c, 0)
    flat = functional.pad(picture.reshape(1, n * c, *picture.shape[2:]), (6, 6, 6, 6), mode="replicate")
    flat = functional.conv2d(flat, kernel[:, None, None, :], groups=n * c)
    return functional.conv2d(flat, kernel[:, None, :, None], groups=n * c).view_as(picture)


def jpeg(picture, quality):
    """Quantises 8x8 cosine blocks of luma and chroma, quality per picture [B] in 1..100; sides must divide by 8."""
    n, _, h, w = picture.shape
    device = picture.device
    k = torch.arange(8, device=device).float()
    basis = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) * 0.5
    basis[0] *= 0.5 ** 0.5
    matrix = torch.tensor([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], device=device)
    ycc = torch.einsum("kc,nchw->nkhw", matrix, picture * 255) - torch.tensor([128.0, 0, 0], device=device)[:, None, None]
    blocks = ycc.view(n, 3, h // 8, 8, w // 8, 8).permute(0, 1, 2, 4, 3, 5)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50).clamp(min=0.02)[:, None, None, None, None, None]
    table = torch.tensor(LUMA, device=device).float() * torch.tensor([1.0, 1.3, 1.3], device=device)[:, None, None]
    step = (table[None, :, None, None] * scale).clamp(min=1)
    coded = torch.round(basis @ blocks @ basis.T / step) * step
    ycc = (basis.T @ coded @ basis).permute(0, 1, 2, 4, 3, 5).reshape(n, 3, h, w) + torch.tensor([128.0, 0, 0], device=device)[:, None, None]
    return (torch.einsum("ck,nkhw->nchw", torch.linalg.inv(matrix), ycc) / 255).clamp(0, 1)


def degrade(sampler, picture, strength=1.0):
    """Blur, lower resolution, noise, grey, gamma and JPEG, each on a part of the pictures."""
    n, _, h, w = picture.shape
    out = blur(picture, sampler.rand(n) ** 2 * 1.6 * strength * sampler.chance(n, 0.7))
    low = int(min(h, w) * float(sampler.rand(1, low=0.28, high=0.9)))
    small = functional.interpolate(functional.interpolate(out, (low, low), mode="bilinear", antialias=True), (h, w), mode="bilinear")
    pick = lambda p: sampler.chance(n, p * strength)[:, None, None, None]
    out = out + (small - out) * pick(0.25)
    out = out + (out.mean(1, keepdim=True) - out) * pick(0.08)
    out = out.clamp(1e-3, 1) ** torch.exp(0.22 * strength * sampler.randn(n))[:, None, None, None]
    out = out * (1 + 0.06 * strength * sampler.randn(n, 3))[:, :, None, None]
    grain = sampler.randn(n, 3, h, w) * 0.6 + sampler.randn(n, 1, h, w) * 0.6
    out = (out + grain * (sampler.rand(n) ** 2 * 0.07 * strength)[:, None, None, None]).clamp(0, 1)
    coded = jpeg(out, sampler.rand(n, low=22, high=95))
    return out + (coded - out) * pick(0.6)


def worn(sampler, picture, untouched=0.0):
    """Faces as old or small videos have them: blurred, then 1.5 to 4 times smaller (the same for the whole batch) with noise and JPEG,
    then enlarged again. That share of them stays as it was."""
    n, _, h, w = picture.shape
    low = int(h / float(sampler.rand(1, low=1.5, high=4.0))) // 8 * 8
    small = functional.interpolate(blur(picture, sampler.rand(n, low=0.2, high=2.0)), (low, low), mode="bilinear", antialias=True)
    grain = sampler.randn(n, 3, low, low) * 0.7 + sampler.randn(n, 1, low, low) * 0.7
    small = (small + grain * (sampler.rand(n) ** 2 * 0.08)[:, None, None, None]).clamp(0, 1)
    small = torch.lerp(small, jpeg(small, sampler.rand(n, low=30, high=95)), sampler.chance(n, 0.7)[:, None, None, None])
    large = functional.interpolate(small, (h, w), mode="bilinear")
    return torch.lerp(large, picture, sampler.chance(n, untouched)[:, None, None, None])
