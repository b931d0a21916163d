"""Blocks that several families share."""
import numpy as np


def residual(g, x, out, stride=1, act="Relu"):
    """ResNet's basic block, batch norms folded as exporters do."""
    y = g.conv(g.conv(x, out, stride=stride, act=act), out, gain=0.5)
    skip = x if stride == 1 and x.shape[1] == out else g.conv(x, out, 1, stride)
    return g.activate(y + skip, act)


def resnet(g, x, widths, depths, stem=7):
    """Features of the four stages of a ResNet with basic blocks; stem 7 halves twice."""
    x = g.pool(g.conv(x, widths[0], stem, 2, "Relu"), "Max", 3, 2, 1)
    features = []
    for stage, (width, depth) in enumerate(zip(widths, depths)):
        for block in range(depth):
            x = residual(g, x, width, 2 if block == 0 and stage > 0 else 1)
        features.append(x)
    return features


def separable(g, x, out, stride=1, act="Relu", k=3):
    """Depthwise, then pointwise convolution."""
    return g.conv(g.conv(x, x.shape[1], k, stride, act, groups=x.shape[1]), out, 1, act=act)


def adaptive_norm(g, x, style):
    """AdaIN written out as exporters do: mean, variance, square root; scale and shift from the style vector."""
    centred = x - g.reduce("ReduceMean", x, (2, 3))
    normal = centred / g.unary("Sqrt", g.reduce("ReduceMean", centred * centred, (2, 3)) + 1e-3)
    channels = x.shape[1]
    code = g.reshape(g.linear(style, 2 * channels, gain=0.3), (0, -1, 1, 1))
    scale, shift = g.split(code, (channels, channels))
    return normal * (scale + 1.0) + shift


def style_block(g, x, style, act="Relu", pad_mode="reflect"):
    """Residual block of two padded convolutions under adaptive norms (SimSwap, inswapper)."""
    channels = x.shape[1]
    y = g.activate(adaptive_norm(g, g.conv(g.pad(x, 1, pad_mode), channels, pad=0), style), act)
    return x + adaptive_norm(g, g.conv(g.pad(y, 1, pad_mode), channels, pad=0), style) * 0.3


def modulated_conv(g, x, style, out, k=3, groups=1, demodulate=True, up=False):
    """StyleGAN2's convolution: the weight is computed from the style [groups, n], so it is no initializer.

    x holds the groups' channels side by side: the batch folded into grouped convolution.
    """
    inner = x.shape[1] // groups
    scale = g.reshape(g.linear(style, inner, gain=0.3, mean=1.0), (groups, 1, inner, 1, 1))
    weight = g.weight((1, out, inner, k, k), (inner * k * k) ** -0.5) * scale
    if demodulate:
        weight = weight / g.unary("Sqrt", g.reduce("ReduceSum", weight * weight, (2, 3, 4)) + 1e-8)
    height, width = g.dim(x, 2), g.dim(x, 3)
    x = g.reshape(x, (1, -1, height, width))
    if not up:
        return g.convolve([x, g.reshape(weight, (groups * out, inner, k, k))], k, groups=groups)
    weight = g.reshape(g.transpose(weight, (0, 2, 1, 3, 4)), (inner, out, k, k))
    return blur(g, g.deconvolve([x, weight], k, 2, k // 2, 1)) * 2.0


def blur(g, x):
    """Depthwise smoothing by a constant kernel after an upsampling convolution."""
    line = np.array([1, 2, 1]) / 4
    kernel = np.broadcast_to(np.outer(line, line), (x.shape[1], 1, 3, 3)).astype(g.compute)
    return g.convolve([x, g.initializer(np.ascontiguousarray(kernel))], 3, groups=x.shape[1])


def transformer(g, x, heads, mlp=4):
    """Pre-norm block on [batch, tokens, channels]."""
    x = x + g.attention(g.layer_norm(x), heads) * 0.5
    return x + g.linear(g.linear(g.layer_norm(x), mlp * x.shape[-1], "Gelu"), x.shape[-1], gain=0.5)


def convnext(g, x):
    """ConvNeXt's block: depthwise 7x7, norm over channels between two transposes, pointwise layers."""
    channels = x.shape[1]
    y = g.layer_norm(g.transpose(g.conv(x, channels, 7, groups=channels), (0, 2, 3, 1)))
    y = g.linear(g.linear(y, 4 * channels, "Gelu"), channels, gain=0.5)
    return x + g.transpose(y * g.weight((channels,), 0.05, 0.5), (0, 3, 1, 2))


def tokens(g, x):
    """[n, c, h, w] to [n, h * w, c]."""
    return g.transpose(g.reshape(x, (0, 0, -1)), (0, 2, 1))


def untokens(g, x, like):
    """Back to the height and width of `like`, read at run time."""
    height, width = g.dim(like, 2), g.dim(like, 3)
    return g.reshape(g.transpose(x, (0, 2, 1)), (0, x.shape[2], height, width))


def picture(g, x, act="Tanh", channels=3, k=3):
    """Last layer of a generator: tanh as it is (-1..1), sigmoid for 0..1."""
    return g.conv(x, channels, k, act=act, gain=0.7)
