"""Grey and Lab (D65) of RGB pictures [B,3,h,w] in 0..1, as the frame colorizer's contract takes and gives them."""

import torch

XYZ = [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
WHITE = [0.950456, 1.0, 1.088754]


def grey(picture):
    """Three equal channels."""
    weights = picture.new_tensor([0.299, 0.587, 0.114])[:, None, None]
    return (picture * weights).sum(1, keepdim=True).expand_as(picture)


def matrix(picture):
    return picture.new_tensor(XYZ) / picture.new_tensor(WHITE)[:, None]


def to_lab(picture):
    """L 0..100, a and b in Lab units."""
    linear = torch.where(picture <= 0.04045, picture / 12.92, ((picture.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4)
    xyz = torch.einsum("kc,nchw->nkhw", matrix(picture), linear)
    f = torch.where(xyz > 216 / 24389, xyz.clamp(min=1e-4) ** (1 / 3), xyz * (841 / 108) + 16 / 116)
    return torch.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


def from_lab(lab):
    y = (lab[:, 0] + 16) / 116
    f = torch.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], 1)
    xyz = torch.where(f > 6 / 29, f ** 3, (f - 16 / 116) * (108 / 841))
    linear = torch.einsum("kc,nchw->nkhw", torch.linalg.inv(matrix(lab)), xyz).clamp(0, 1)
    return torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055)
