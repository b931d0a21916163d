"""Background removers: the U2-Net family, MODNet and transformers over windows (BiRefNet and relatives)."""
import numpy as np

from .blocks import residual
from .catalogue import Model
from .frames import roll, window_mix


def enlarge(g, x, like):
    return g.resize_like(x, like, "linear", coordinate_transformation_mode="pytorch_half_pixel")


def nested_u(g, x, inner, out, depth):
    """U2-Net's RSU block: a small U-Net with a dilated bottom; upsampling sizes come from Shape chains."""
    first = x = g.conv(x, out, act="Relu")
    skips = []
    for level in range(depth):
        x = g.conv(x if level == 0 else g.pool(x, "Max"), inner, act="Relu")
        skips.append(x)
    x = g.conv(x, inner, act="Relu", dilation=2)
    for level, skip in enumerate(reversed(skips)):
        x = x if level == 0 else enlarge(g, x, skip)
        x = g.conv(g.concat([x, skip]), inner if level + 1 < depth else out, act="Relu", gain=0.8)
    return x + first


def build_u2net(g, size, low, high, classes=1, side=False, small=False, stem=1):
    """Six RSU levels down, five up, a side answer each; sigmoid of their mix."""
    width, inner, levels = g.pick((16, 8, 6) if small else (64, 32, 6), (4, 2, 3))
    picture = g.input("input", (1, 3, size, size), low, high)
    stem = stem * g.pick(1, 4)
    x, skips = (g.conv(picture, width, stem, stem, "Relu", pad=0) if stem > 1 else picture), []
    for level in range(levels):
        x = x if level == 0 else g.pool(x, "Max")
        x = nested_u(g, x, inner, min(8 * width, width * 2**level), max(2, levels - level))
        skips.append(x)
    answers = [g.conv(x, classes)]
    for level in reversed(range(levels - 1)):
        skip = skips[level]
        x = nested_u(g, g.concat([enlarge(g, x, skip), skip]), inner, skip.shape[1], max(2, levels - level))
        answers.append(g.conv(x, classes))
    full = [enlarge(g, answer, picture) for answer in answers]
    mixed = g.conv(g.concat(full), classes, 1)
    act = "Sigmoid" if classes == 1 else None
    g.output(g.activate(mixed, act), "output")
    if side:
        g.output(g.activate(full[-1], act), "side")


def inverted_residual(g, x, out, stride=1, expand=6):
    y = g.conv(x, expand * x.shape[1], 1)
    y = g.op("Clip", [y, g.constant(0.0), g.constant(6.0)], y.shape)
    y = g.conv(y, y.shape[1], 3, stride, groups=y.shape[1], gain=1.4)
    y = g.conv(g.op("Clip", [y, g.constant(0.0), g.constant(6.0)], y.shape), out, 1)
    return x + y * 0.5 if stride == 1 and out == x.shape[1] else y


def half_instance(g, x, out):
    """MODNet's block: convolution, batch norm on one half of the channels, instance norm on the other."""
    left, right = g.split(g.conv(x, out), (out // 2, out // 2))
    return g.unary("Relu", g.concat([g.batch_norm(left), g.instance_norm(right)]))


def build_modnet(g):
    """MobileNetV2 with squeeze and excitation, a low-resolution, a detail and a fusion branch."""
    mobile = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
    plan = g.pick(mobile, ((8, 1, 2),) * 4)
    inner = g.pick(32, 4)
    picture = g.input("input", (1, 3, 512, 512), -1.0, 1.0)
    x, features = g.conv(picture, plan[0][0], stride=2, act="Relu"), []
    for out, count, stride in plan:
        features += [x] if stride == 2 else []
        for block in range(count):
            x = inverted_residual(g, x, out, stride if block == 0 else 1)
    gate = g.linear(g.linear(g.reshape(g.global_pool(x), (0, -1)), x.shape[1] // 4, "Relu"), x.shape[1], "Sigmoid")
    x = x * g.reshape(gate, (0, -1, 1, 1))
    for skip in reversed(features[1:]):
        x = half_instance(g, g.concat([g.resize_like(x, skip, "linear"), skip]), 2 * inner)
    detail = half_instance(g, g.concat([features[0], g.resize_like(x, features[0], "linear")]), inner)
    detail = half_instance(g, half_instance(g, detail, inner), inner)
    x = half_instance(g, g.concat([g.resize_like(detail, picture, "linear"), picture]), inner // 2)
    g.output(g.conv(x, 1, 1, act="Sigmoid"), "output")


def swin_stage(g, x, depth, heads, window=8):
    for block in range(depth):
        y = roll(g, x, window // 2) if block % 2 else x
        _, width, rows, columns = x.shape
        y = g.reshape(y, (1, width, rows // window, window, columns // window, window))
        y = g.reshape(g.transpose(y, (0, 2, 4, 3, 5, 1)), (-1, window * window, width))
        y = window_mix(g, g.layer_norm(y), heads)
        y = g.reshape(y, (1, rows // window, columns // window, window, window, width))
        y = g.reshape(g.transpose(y, (0, 5, 1, 3, 2, 4)), (1, width, rows, columns))
        x = x + (roll(g, y, -(window // 2)) if block % 2 else y) * 0.5
        x = x + g.conv(g.conv(x, 4 * width, 1, act="Gelu"), width, 1, gain=0.5)
    return x


def deformable(g, x, out):
    """A deformable 3x3 convolution in the nine-samples form: predicted offsets, GridSample, pointwise convolution."""
    _, _, rows, columns = x.shape
    offsets = g.conv(x, 18, act="Tanh", gain=0.3) * (2.0 / columns)
    mask = g.split(g.conv(x, 9, act="Sigmoid"), (1,) * 9)
    vertical, horizontal = ((np.arange(n) * 2 + 1) / n - 1 for n in (rows, columns))
    identity = np.stack(np.meshgrid(horizontal, vertical), -1)
    samples = []
    for k, offset in enumerate(g.split(offsets, (2,) * 9)):
        shift = np.array([(k % 3 - 1) * 2 / columns, (k // 3 - 1) * 2 / rows])
        grid = g.transpose(offset, (0, 2, 3, 1)) + g.constant((identity + shift)[None])
        samples.append(g.grid_sample(x, grid) * mask[k])
    return g.conv(g.concat(samples), out, 1, act="Relu")


def build_birefnet(g, size, channels=3, foreground=False, patch=4):
    """Windowed transformer encoder, deformable pyramid pooling, decoder that sees the picture again at every scale."""
    widths, depths, heads = g.pick(((96, 192, 384, 768), (2, 2, 6, 2), (3, 6, 12, 24)), ((4, 8), (1, 2), (2, 2)))
    inner = g.pick(64, 4)
    patch *= g.pick(1, 4)
    low, high = (-2.1, 2.6) if foreground else (0.0, 1.0)
    picture = g.input("input", (1, channels, size, size), low, high)
    x, features = g.conv(picture, widths[0], patch, patch, pad=0), []
    for level, (width, depth, count) in enumerate(zip(widths, depths, heads)):
        x = g.conv(g.space_to_depth(x, 2), width, 1) if level else x
        x = swin_stage(g, x, depth, count)
        features.append(x)
    reduced = g.conv(x, inner, 1, act="Relu")
    pooled = g.resize_like(g.conv(g.global_pool(x), inner, 1), reduced, "nearest")
    x = g.conv(g.concat([reduced, deformable(g, reduced, inner), pooled]), inner, 1, act="Relu")
    for skip in reversed(features):
        small = g.resize_like(picture, skip, "linear")
        x = g.resize_like(x, skip, "linear", coordinate_transformation_mode="align_corners")
        x = g.conv(g.concat([x, g.conv(skip, inner, 1), g.conv(small, inner, act="Relu")]), inner, act="Relu")
        x = residual(g, x, inner)
    names = [("alpha" if foreground else "output", 1)] + ([("foreground", 3)] if foreground else [])
    for name, count in names:
        up = g.resize_like(g.conv(x, count, 1), picture, "cubic")
        g.output(g.unary("Sigmoid", up), name)


STAGE, FAMILY_U2 = "processing", "u2net"
IMAGENET = (-2.1, 2.6)


def birefnet(name, family, size=1024, **settings):
    return Model(name, family, STAGE, lambda g: build_birefnet(g, size, **settings))


def u2net(name, family, size, low, high, **settings):
    return Model(name, family, STAGE, lambda g: build_u2net(g, size, low, high, **settings))


MODELS = [
    birefnet("birefnet_general", "birefnet"),
    birefnet("birefnet_portrait", "birefnet"),
    birefnet("ben_2", "ben"),
    birefnet("rmbg_2.0", "rmbg"),
    birefnet("corridor_key_1024", "corridor_key", channels=4, foreground=True),
    birefnet("corridor_key_2048", "corridor_key", 2048, channels=4, foreground=True, patch=8),
    u2net("isnet_general", "isnet", 1024, -0.5, 0.5, side=True, stem=2),
    u2net("ormbg", "ormbg", 1024, 0.0, 1.0, stem=2),
    u2net("rmbg_1.4", "rmbg", 1024, -0.5, 0.5, stem=2),
    u2net("silueta", "silueta", 320, *IMAGENET, small=True),
    u2net("u2net_cloth", "u2net_cloth", 768, *IMAGENET, classes=4),
    u2net("u2net_general", FAMILY_U2, 320, *IMAGENET, side=True),
    u2net("u2net_human", FAMILY_U2, 320, *IMAGENET, side=True),
    u2net("u2netp", FAMILY_U2, 320, *IMAGENET, side=True, small=True),
    Model("modnet", "modnet", STAGE, build_modnet),
]
