"""Face enhancers and age modifiers."""
import numpy as np

from .blocks import modulated_conv, residual, tokens, transformer, untokens
from .catalogue import Model


def to_rgb(g, x, style, groups=1):
    return modulated_conv(g, x, style, 3, 1, groups, demodulate=False)


def style_layer(g, x, style, out, groups=1, up=False):
    """Modulated convolution, noise, bias, leaky ReLU."""
    y = modulated_conv(g, x, style, out, groups=groups, up=up)
    noise = g.weight((1, 1, *(y.shape[2:] if g.full else (1, 1))), 0.05)
    return g.activate(y + noise + g.weight((1, y.shape[1], 1, 1), 0.02), "LeakyRelu")


def build_gfpgan(g, size=512):
    """GFPGAN: U-Net encoder gives a style vector and spatial conditions for a StyleGAN2 decoder; 98 GFLOP at 512."""
    levels = g.pick(size.bit_length() - 3, 4)
    widths = g.pick([32, 48, 96, 192, 256, 256, 256, 256, 256], [4, 8, 8, 8, 8])
    outs = g.pick([32, 64, 128, 256, 512, 512, 512, 512, 512], [4, 4, 8, 8, 8])
    x = g.input("input", (1, 3, size, size), -1.0, 1.0)
    x = g.conv(x, widths[0], 1, act="LeakyRelu")
    conditions = [x]
    for level in range(levels):
        y = g.resize(g.conv(x, widths[level], act="LeakyRelu"), 0.5, "linear")
        skip = g.conv(g.resize(x, 0.5, "linear"), widths[level + 1], 1, bias=False)
        x = g.conv(y, widths[level + 1], act="LeakyRelu", gain=0.7) + skip * 0.7
        conditions.append(x)
    flat = g.reshape(g.resize(x, 4 / x.shape[2], "linear"), (0, -1))
    code = g.pick(512, 8)
    flat = g.linear(flat, flat.shape[1], "LeakyRelu")
    styles = g.split(g.linear(flat, 2 * levels * code), (code,) * (2 * levels))
    x, image = g.conv(x, outs[levels], act="LeakyRelu"), None
    for level in reversed(range(levels)):
        first, style = (g.layer_norm(styles[2 * level + k]) for k in (0, 1))
        x = style_layer(g, g.resize(x, 2, "linear"), first, outs[level])
        scale, shift = g.split(g.conv(conditions[level], 2 * outs[level], 1, gain=0.5), (outs[level],) * 2)
        x = style_layer(g, x * (scale + 1.0) + shift, style, outs[level])
        rgb = to_rgb(g, x, style) * 0.3
        image = rgb if image is None else rgb + g.resize(image, 2, "linear")
    g.output(image, "output")


def build_gpen(g, size):
    """GPEN: encoder features joined to a StyleGAN2 decoder that upsamples by transposed modulated convolutions."""
    levels = g.pick(size.bit_length() - 3, 4)
    widths = [min(g.pick(512, 16), max(4, g.pick(16384, 128) * 2**level // size)) for level in range(levels + 1)]
    x = g.input("input", (1, 3, size, size), -1.0, 1.0)
    x, skips = g.conv(x, widths[0], 1, act="LeakyRelu"), []
    for level in range(levels):
        skips.append(x)
        x = g.conv(x, widths[level + 1], stride=2, act="LeakyRelu")
    step = x.shape[2] // 4
    style = g.layer_norm(g.linear(g.reshape(g.pool(x, "Average", step, step), (0, -1)), g.pick(512, 16)))
    for _ in range(g.pick(8, 1)):
        style = g.linear(style, style.shape[1], "LeakyRelu")
    image = None
    for level in reversed(range(levels)):
        x = style_layer(g, x, style, widths[level], up=True)
        x = style_layer(g, g.concat([x, skips[level]]), style, widths[level])
        rgb = to_rgb(g, x, style) * 0.3
        image = rgb if image is None else rgb + g.resize(image, 2, "linear")
    g.output(image, "output")


def norm_block(g, x, out):
    """VQGAN's residual block: group norm, swish, convolution, twice."""
    groups = min(32, x.shape[1])
    y = g.conv(g.activate(g.group_norm(x, groups), "Swish"), out)
    y = g.conv(g.activate(g.group_norm(y, min(32, out)), "Swish"), out, gain=0.5)
    return y + (x if x.shape[1] == out else g.conv(x, out, 1))


def vq_encoder(g, x, widths):
    features = []
    for level, width in enumerate(widths):
        x = norm_block(g, x, width)
        features.append(x)
        if level + 1 < len(widths):
            shape = (*x.shape[:2], x.shape[2] + 1, x.shape[3] + 1)
            x = g.conv(g.op("Pad", [x, g.integers(0, 0, 0, 0, 0, 0, 1, 1)], shape), width, stride=2, pad=0)
    return features


def build_codeformer(g):
    """CodeFormer: code indices by a transformer, looked up in a codebook, fused by the double input `weight`."""
    widths = g.pick((64, 128, 128, 256, 256, 512), (4, 4, 4, 8, 8, 8))
    width, depth, heads, codes = g.pick((512, 9, 8, 1024), (16, 1, 2, 64))
    x = g.input("input", (1, 3, 512, 512), -1.0, 1.0)
    weight = g.cast(g.input("weight", (1,), dtype=np.float64), np.float32)
    stem = g.conv(x, widths[0]) if g.full else g.conv(x, widths[0], 4, 4, pad=0)
    features = vq_encoder(g, stem, widths)
    x = tokens(g, features[-1])
    x = g.linear(x, width) + g.weight((1, x.shape[1], width), 0.1)
    for _ in range(depth):
        x = transformer(g, x, heads, 2)
    best = g.op("ArgMax", [g.linear(g.layer_norm(x), codes, bias=False)], x.shape[:2], axis=2, keepdims=0)
    x = g.op("Gather", [g.weight((codes, widths[-1])), best], (*x.shape[:2], widths[-1]), axis=0)
    x = untokens(g, x, features[-1])
    for level in reversed(range(len(widths))):
        x = norm_block(g, x, widths[level])
        if 0 < level < len(widths) - 1:
            pair = norm_block(g, g.concat([features[level], x]), widths[level])
            scale, shift = g.split(g.conv(pair, 2 * widths[level], gain=0.3), (widths[level],) * 2)
            x = x + weight * (x * scale + shift)
        if level:
            x = g.conv(g.resize(x, 2), widths[level - 1])
    x = g.activate(g.group_norm(x, min(32, widths[0])), "Swish")
    g.output(g.conv(x, 3) if g.full else g.conv_transpose(x, 3, 4, 4, None, 0, 0), "output")


def build_restoreformer(g):
    """RestoreFormer++: VQGAN autoencoder with attention at the two smallest scales."""
    widths, heads = g.pick(((64, 64, 128, 256, 256, 512), 8), ((4, 4, 4, 8, 8, 8), 2))
    x = g.input("input", (1, 3, 512, 512), -1.0, 1.0)
    stem = g.conv(x, widths[0]) if g.full else g.conv(x, widths[0], 4, 4, pad=0)
    features = vq_encoder(g, stem, widths)
    x = features[-1]
    for level in reversed(range(len(widths))):
        if level > len(widths) - 3:
            x = x + untokens(g, g.attention(tokens(g, g.group_norm(x, min(32, widths[level]))), heads), x)
            x = x + features[level] * 0.5
        x = norm_block(g, x, widths[level])
        if level:
            x = g.conv(g.resize(x, 2), widths[level - 1])
    x = g.activate(g.group_norm(x, min(32, widths[0])), "Swish")
    g.output(g.conv(x, 3) if g.full else g.conv_transpose(x, 3, 4, 4, None, 0, 0), "output")


def build_fran(g):
    """FRAN: a U-Net over the picture and two constant planes of age; adds its answer to the picture."""
    width, levels = g.pick((32, 5), (4, 4))
    target = g.input("target", (1, 3, 1024, 1024))
    ages = g.input("direction", (2,))
    size = g.op("Concat", [g.integers(1, 2), g.dim(target, 2), g.dim(target, 3)], (4,), axis=0)
    planes = g.op("Expand", [g.reshape(ages, (1, 2, 1, 1)), size], (1, 2, 1024, 1024))
    x = g.concat([target, planes])
    x = g.conv(x, width, act="LeakyRelu") if g.full else g.conv(x, width, 4, 4, "LeakyRelu", pad=0)
    skips = []
    for level in range(levels):
        x = g.conv(x, x.shape[1], act="LeakyRelu")
        skips.append(x)
        x = blurred_half(g, g.conv(x, min(g.pick(512, 16), width * 2 ** (level + 1)), act="LeakyRelu"))
    for skip in reversed(skips):
        x = g.conv(g.concat([g.resize(x, 2, "linear"), skip]), skip.shape[1], act="LeakyRelu")
    change = g.conv(x, 3, 1) if g.full else g.conv_transpose(x, 3, 4, 4, None, 0, 0)
    g.output(g.op("Clip", [target + change * 0.1, g.constant(0.0), g.constant(1.0)], target.shape), "output")


def blurred_half(g, x):
    """Blur-pool: a constant depthwise kernel with stride two after edge padding."""
    kernel = np.full((x.shape[1], 1, 4, 4), 1 / 16, np.float32)
    return g.convolve([g.pad(x, 1), g.initializer(kernel)], 4, 2, x.shape[1], 0)


def build_styleganex(g):
    """StyleGANEX: two styles (with and without the direction) go as groups through one grouped modulated decoder."""
    width, deepest = g.pick((64, 512), (4, 8))
    face = g.input("target", (1, 3, 256, 256), -1.0, 1.0)
    x = wide = g.input("target_with_background", (1, 3, 384, 384), -1.0, 1.0)
    direction = g.input("direction", (), -2.5, 2.5)
    for level in range(5):
        face = residual(g, face, min(deepest, width * 2**level), 2, "PRelu")
    style = g.layer_norm(g.linear(g.reshape(g.pool(face, "Average"), (0, -1)), g.pick(512, 16)))
    style = g.concat([style, style + g.weight((1, style.shape[1])) * direction * 0.2], 0)
    for level in range(3):
        x = residual(g, x, min(deepest, width * 2**level), 2, "LeakyRelu")
    x = g.concat([x, x])
    image = None
    for level in range(5):
        out = max(2, x.shape[1] // 4)
        x = style_layer(g, g.resize(x, 2, "linear"), style, out, groups=2)
        rgb = to_rgb(g, x, style, groups=2) * 0.3
        image = rgb if image is None else rgb + g.resize(image, 2, "linear")
    before, after = g.split(image, (3, 3))
    wide = g.resize(wide, 4, "cubic")
    g.output(wide + after - before, "output")


def gpen(size):
    return Model(f"gpen_bfr_{size}", "gpen", STAGE, lambda g: build_gpen(g, size))


STAGE = "processing"
MODELS = [
    *[Model(f"gfpgan_{version}", "gfpgan", STAGE, build_gfpgan) for version in ("1.2", "1.3", "1.4")],
    *[gpen(size) for size in (256, 512, 1024, 2048)],
    Model("codeformer", "codeformer", STAGE, build_codeformer, note="the double input `weight` is cast on the GPU"),
    Model("restoreformer_plus_plus", "restoreformer", STAGE, build_restoreformer),
    Model("fran", "fran", STAGE, build_fran),
    Model("styleganex_age", "styleganex", STAGE, build_styleganex),
]
