"""The 68 iBUG points as fixed vertices of the MakeHuman base mesh.

The table gives places on the un-morphed mesh (decimetres, +x is the person's left = the right half of a frontal picture); each
is snapped once to the nearest skin vertex. Only the half with x >= 0 is written down, the rest is its mirror image. The jaw
points are points of the surface, not of the silhouette, so they stay put when the head turns.
"""

import numpy as np

HALF = {  # iBUG index: (x, y) for the front of the face, (x, y, z) where the surface turns away
    8: (0.0, 6.175, 1.38), 9: (0.19, 6.205, 1.30), 10: (0.345, 6.29, 1.15), 11: (0.46, 6.395, 1.02), 12: (0.56, 6.52, 0.90),
    13: (0.635, 6.67, 0.78), 14: (0.675, 6.85, 0.74), 15: (0.695, 7.05, 0.72), 16: (0.70, 7.27, 0.70),
    22: (0.11, 7.40), 23: (0.20, 7.45), 24: (0.31, 7.475), 25: (0.42, 7.455), 26: (0.50, 7.395),
    27: (0.0, 7.30), 28: (0.0, 7.17), 29: (0.0, 7.04), 30: (0.0, 6.93), 33: (0.0, 6.82), 34: (0.07, 6.845), 35: (0.135, 6.865),
    42: (0.178, 7.270, 1.39), 43: (0.270, 7.324, 1.407), 44: (0.370, 7.327, 1.407), 45: (0.444, 7.287, 1.362),
    46: (0.370, 7.240, 1.40), 47: (0.265, 7.240, 1.41),
    51: (0.0, 6.690), 52: (0.075, 6.698), 53: (0.18, 6.652), 54: (0.275, 6.608), 55: (0.18, 6.525), 56: (0.085, 6.490), 57: (0.0, 6.487),
    62: (0.0, 6.616), 63: (0.11, 6.613), 64: (0.245, 6.608), 65: (0.11, 6.594), 66: (0.0, 6.590),
}
MIRROR = {i: 16 - i for i in range(17)}
MIRROR |= {i: 43 - i for i in range(17, 27)} | {i: i for i in range(27, 31)} | {i: 66 - i for i in range(31, 36)}
MIRROR |= {36: 45, 37: 44, 38: 43, 39: 42, 40: 47, 41: 46, 42: 39, 43: 38, 44: 37, 45: 36, 46: 41, 47: 40}
MIRROR |= {48: 54, 49: 53, 50: 52, 51: 51, 52: 50, 53: 49, 54: 48, 55: 59, 56: 58, 57: 57, 58: 56, 59: 55}
MIRROR |= {60: 64, 61: 63, 62: 62, 63: 61, 64: 60, 65: 67, 66: 66, 67: 65}
LIP_OUTLINE = list(range(48, 60))
MOUTH_LOWER = {55, 56, 57, 58, 59, 65, 66, 67}
FIVE = [range(36, 42), range(42, 48), [30], [48], [54]]


def snap(mesh):
    """Vertex index of each of the 68 points, int64 [68]."""
    rest = mesh["vertices"].astype(np.float64)
    skin = np.unique(mesh["triangles"][mesh["parts"] == 0])
    names = list(mesh["names"])
    opening = mesh["deltas"][names.index("expression/units/caucasian/mouth-open")][:, 1].astype(np.float64)
    index = np.zeros(68, np.int64)
    for point, place in HALF.items():
        for target, sign in ((point, 1.0), (MIRROR[point], -1.0)):
            goal = np.array(place) * np.array([sign, 1.0, 1.0])[: len(place)]
            distance = np.linalg.norm(rest[skin, : len(place)] - goal, axis=1)
            if len(place) == 2:
                distance = distance + np.where(rest[skin, 2] < 1.25, 1.0, 0.0) - 0.02 * rest[skin, 2]
            if 48 <= point:  # the lips touch at rest: the lower one moves when the mouth opens
                lower = opening[skin] < -0.12
                distance = distance + np.where(lower == (target in MOUTH_LOWER) if point not in (54, 64) else True, 0.0, 1.0)
            index[target] = skin[np.argmin(distance)]
    return index


def five_of(points):
    """68 -> 5 as the product does it; works on numpy arrays and tensors [..., 68, k]."""
    parts = [points[..., list(i), :].mean(-2) for i in FIVE]
    import torch

    return torch.stack(parts, -2) if isinstance(points, torch.Tensor) else np.stack(parts, -2)
