"""Names of the numbers that describe one drawn person to the shader; their order is the row layout of the `params` array.

`header()` turns the list into C macros, so that Python and render.cu cannot disagree.
"""

VECTORS = [  # three floats each
    "tone", "rim_tone", "lip", "brow", "iris", "hair", "hair_tip", "beard", "cloth", "cloth2", "frame", "lens",
    "light0_dir", "light0_rgb", "light1_dir", "light1_rgb", "light2_dir", "light2_rgb", "sky", "ground",
    "shadow_u", "shadow_v", "shadow_d", "shadow_c", "eye_l", "eye_r", "seed", "hair_seed",
]
SCALARS = [
    "freckles", "blotch", "oil", "wrinkles", "blush", "lip_edge", "makeup", "pores",
    "brow_y", "brow_in", "brow_out", "brow_arch", "brow_width", "brow_density", "brow_tilt",
    "pupil", "gaze_x", "gaze_y", "sclera", "lash",
    "hairline", "hair_on", "hair_curl", "hair_gloss", "hair_end", "hair_part", "hair_grey",
    "beard_on", "stubble", "beard_kind", "moustache",
    "neckline", "collar", "pattern", "pattern_scale",
    "shadow_scale", "shadow_soft", "shadow_strength", "exposure", "contrast", "warmth",
]


def layout():
    """{name: (offset, width)} and the row length."""
    out, at = {}, 0
    for name in VECTORS:
        out[name] = (at, 3)
        at += 3
    for name in SCALARS:
        out[name] = (at, 1)
        at += 1
    return out, at


def header():
    table, size = layout()
    lines = [f"#define P_{name.upper()} {offset}" for name, (offset, _) in table.items()]
    return "\n".join(lines + [f"#define P_COUNT {size}", ""])


class Rows:
    """A [count, P_COUNT] tensor with fields by name."""

    def __init__(self, count, device):
        import torch

        self.table, size = layout()
        self.data = torch.zeros(count, size, device=device)

    def __setitem__(self, name, value):
        offset, width = self.table[name]
        if width == 1:
            self.data[:, offset] = value
        else:
            self.data[:, offset:offset + 3] = value

    def __getitem__(self, name):
        offset, width = self.table[name]
        return self.data[:, offset] if width == 1 else self.data[:, offset:offset + 3]
