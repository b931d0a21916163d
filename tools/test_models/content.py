"""Content analysers and voice extractors."""
from .blocks import tokens, transformer
from .catalogue import Model
from .detectors import yolo


def build_nsfw_1(g):
    yolo(g, "output", *g.pick((32, 3), (4, 1)), classes=5, points=0)


def vision_transformer(g, size, patch, width, depth, heads, classes, mean):
    """ViT with a class token; the answer is biased to `mean`, harmless for the product's thresholds."""
    x = g.input("input", (1, 3, size, size), -1.8, 2.2)
    x = tokens(g, g.conv(x, width, patch, patch, pad=0))
    shape = g.op("Concat", [g.dim(x, 0), g.integers(1, width)], (3,), axis=0)
    first = g.op("Expand", [g.weight((1, 1, width), 0.5), shape], (1, 1, width))
    x = g.concat([first, x])
    x = x + g.weight((1, x.shape[1], width), 0.1)
    for _ in range(depth):
        x = transformer(g, x, heads)
    first = g.op("Gather", [g.layer_norm(x), g.constant(0, "int64")], (1, width), axis=1)
    logits = g.linear(first, classes, gain=0.3)
    g.output(logits + g.constant([mean]), "output")


def build_nsfw_2(g):
    width, depth, heads, patch = g.pick((192, 12, 3, 16), (16, 1, 2, 32))
    vision_transformer(g, 384, patch, width, depth, heads, 2, (-2.0, 2.0))


def build_nsfw_3(g):
    width, depth, heads, patch = g.pick((768, 12, 12, 14), (16, 1, 2, 28))
    vision_transformer(g, 448, patch, width, depth, heads, 4, (3.0, 1.0, -1.0, -3.0))


def dense_over_frequency(g, x):
    """Convolutions plus a bottleneck over the frequency axis (TDF of MDX-Net)."""
    x = g.conv(x, x.shape[1], act="Relu")
    x = g.conv(x, x.shape[1], act="Relu")
    size = x.shape[2]
    y = g.linear(g.transpose(x, (0, 1, 3, 2)), size // 8, "Relu", bias=False)
    return x + g.transpose(g.linear(y, size, "Relu", bias=False, gain=0.5), (0, 1, 3, 2))


def build_voice_extractor(g):
    width, levels = g.pick((32, 5), (4, 2))
    crop = g.pick(1, 8)
    x = spectrum = g.input("input", (1, 4, 3072, 256), -1.0, 1.0, ["batch", 4, 3072, 256])
    x = g.conv(x, width, 1, act="Relu") if crop == 1 else g.conv(x, width, crop, crop, act="Relu", pad=0)
    skips = []
    for level in range(levels):
        x = dense_over_frequency(g, x)
        skips.append(x)
        x = g.conv(x, x.shape[1] + width, 2, 2, "Relu", pad=0)
    x = dense_over_frequency(g, x)
    for skip in reversed(skips):
        x = g.conv_transpose(x, skip.shape[1], 2, 2, "Relu", 0, 0) * skip
        x = dense_over_frequency(g, x * 0.7)
    x = g.conv(x, 4, 1) if crop == 1 else g.conv_transpose(x, 4, crop, crop, None, 0, 0)
    g.output(spectrum * g.unary("Sigmoid", x), "output", ["batch", 4, 3072, 256])


VOICES = ("kim_vocal_1", "kim_vocal_2", "uvr_mdxnet")
MODELS = [
    Model("nsfw_1", "nsfw_1", "analysing", build_nsfw_1),
    Model("nsfw_2", "nsfw_2", "analysing", build_nsfw_2),
    Model("nsfw_3", "nsfw_3", "analysing", build_nsfw_3),
    *[Model(name, "voice_extractor", "extracting", build_voice_extractor) for name in VOICES],
]
