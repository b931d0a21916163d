"""Frame enhancers and frame colorizers: symbolic height and width throughout."""
import numpy as np

from .blocks import convnext, residual, tokens, transformer, untokens
from .catalogue import Model

SYMBOLIC = [1, 3, "height", "width"]
ENLARGED = [1, 3, "out_height", "out_width"]


def dense_block(g, x, growth):
    parts = [x]
    for _ in range(4):
        parts.append(g.conv(g.concat(parts) if len(parts) > 1 else x, growth, act="LeakyRelu"))
    return x + g.conv(g.concat(parts), x.shape[1], gain=0.5) * 0.2


def build_rrdb(g, tile, scale):
    """ESRGAN: 23 residual-in-residual dense blocks, 16.7 million weights; scale 2 begins with SpaceToDepth."""
    width, growth, blocks = g.pick((64, 32, 23), (4, 2, 1))
    x = g.input("input", (1, 3, tile, tile), declared=SYMBOLIC)
    x = body = g.conv(g.space_to_depth(x, 2) if scale == 2 else x, width)
    for _ in range(blocks):
        y = body
        for _ in range(g.pick(3, 1)):
            y = dense_block(g, y, growth)
        body = body + y * 0.2
    x = x + g.conv(body, width)
    for _ in range(3 if scale == 8 else 2):
        x = g.conv(g.resize(x, 2), width, act="LeakyRelu")
    g.output(g.conv(g.conv(x, width, act="LeakyRelu"), 3, gain=g.pick(0.02, 0.2), mean=0.5), "output", ENLARGED)


def build_span(g, tile, scale):
    """SPAN: six blocks whose features gate themselves; DepthToSpace at the end."""
    width, blocks = g.pick((48, 6), (4, 1))
    x = g.input("input", (1, 3, tile, tile), declared=SYMBOLIC)
    x = first = g.conv(x - g.constant(np.reshape([0.45, 0.44, 0.40], (1, 3, 1, 1))), width)
    for _ in range(blocks):
        y = g.conv(g.conv(g.conv(x, width, act="Swish"), width, act="Swish"), width)
        x = (y + x) * (g.unary("Sigmoid", y) - 0.5)
        last = y
    x = g.conv(g.concat([first, g.conv(x, width), last]), width, 1)
    g.output(g.depth_to_space(g.conv(x, 3 * scale * scale, gain=0.3, mean=0.5), scale), "output", ENLARGED)


def build_window_attention(g, tile, scale):
    """Swin-like: attention within windows, every second time shifted by Slice and Concat; sizes at run time."""
    width, blocks, heads, window = g.pick((60, 12, 6, 8), (8, 2, 2, 8))
    x = g.input("input", (1, 3, tile, tile), declared=SYMBOLIC)
    x = first = g.conv(x, width)
    rows, columns = (g.dim(x, axis) for axis in (2, 3))
    eighth = g.integers(window)
    counts = [g.op("Div", [value, eighth], (1,)) for value in (rows, columns)]
    for value in counts:
        value.number = tile // window
    for block in range(blocks):
        y = roll(g, x, window // 2) if block % 2 else x
        y = g.reshape(y, (1, width, counts[0], window, counts[1], window))
        y = g.reshape(g.transpose(y, (0, 2, 4, 3, 5, 1)), (-1, window * window, width))
        y = g.layer_norm(y)
        y = window_mix(g, y, heads)
        y = g.transpose(g.reshape(y, (1, counts[0], counts[1], window, window, width)), (0, 5, 1, 3, 2, 4))
        y = g.reshape(y, (1, width, rows, columns))
        x = x + (roll(g, y, -(window // 2)) if block % 2 else y) * 0.5
        x = x + g.conv(g.conv(x, 2 * width, 1, act="Gelu"), width, 1, gain=0.5)
    x = first + g.conv(x, width)
    x = g.conv(x, 3 * scale * scale, gain=g.pick(0.05, 0.2), mean=0.5)
    g.output(g.depth_to_space(x, scale), "output", ENLARGED)


def window_mix(g, x, heads):
    """Attention of [windows, tokens, channels] whose number of windows is known at run time only."""
    windows, count, width = x.shape
    parts = g.split(g.linear(x, 3 * width), (width,) * 3, 2)
    q, k, v = (g.transpose(g.reshape(part, (-1, count, heads, width // heads)), (0, 2, 1, 3)) for part in parts)
    scores = g.matmul(q * (width // heads) ** -0.5, g.transpose(k, (0, 1, 3, 2)))
    scores = scores + g.weight((1, heads, count, count), 0.1)
    y = g.transpose(g.matmul(g.softmax(scores), v), (0, 2, 1, 3))
    return g.linear(g.reshape(y, (-1, count, width)), width)


def roll(g, x, amount):
    """Cyclic shift of both axes."""
    for axis in (2, 3):
        end = np.iinfo(np.int64).max
        x = g.concat([g.slice(x, amount, end, axis), g.slice(x, 0, amount, axis)], axis)
    return x


def build_ddcolor(g):
    """DDColor: ConvNeXt encoder, pixel decoder, colour queries in cross attention; chroma in Lab units."""
    widths, depths = g.pick(((96, 192, 384, 768), (3, 3, 9, 3)), ((4, 8, 8, 16), (1, 1, 1, 1)))
    inner, queries, layers = g.pick((256, 100, 9), (8, 8, 2))
    picture = g.input("input", (1, 3, 256, 256), declared=SYMBOLIC)
    x = g.conv((picture - 0.45) / 0.22, widths[0], 4, 4, pad=0)
    features = []
    for level, (width, depth) in enumerate(zip(widths, depths)):
        x = g.conv(x, width, 2, 2, pad=0) if level else x
        for _ in range(depth):
            x = convnext(g, x)
        features.append(x)
    maps, x = [], g.conv(features[-1], inner, 1, act="Relu")
    for skip in reversed(features[:-1]):
        up = g.depth_to_space(g.conv(x, 4 * inner, 1), 2)
        up = g.resize_like(up, skip, "nearest")
        x = g.conv(g.concat([up, g.batch_norm(skip)]), inner, act="Relu")
        maps.append(x)
    query = g.weight((1, queries, inner), 0.5)
    for layer in range(layers):
        query = colour_layer(g, query, maps[layer % 3])
    x = g.depth_to_space(g.conv(x, 16 * inner // 4, 1), 4)
    flat = g.matmul(g.linear(query, x.shape[1], gain=x.shape[1] ** -0.5), g.reshape(x, (0, x.shape[1], -1)))
    height, width = g.dim(picture, 2), g.dim(picture, 3)
    colours = g.reshape(flat, (0, queries, height, width), (1, queries, 256, 256))
    chroma = g.conv(g.concat([g.resize_like(colours, picture, "cubic"), picture]), 2, 1)
    g.output(g.unary("Tanh", chroma * g.pick(0.03, 0.3)) * 60.0, "output", [1, 2, "height", "width"])


def colour_layer(g, query, pixels):
    """Queries look at the pixels of one scale, then at themselves."""
    width = query.shape[2]
    keys = g.linear(tokens(g, pixels), width)
    scores = g.matmul(g.linear(g.layer_norm(query), width), g.transpose(keys, (0, 2, 1)))
    seen = g.matmul(g.softmax(scores * width**-0.5), g.linear(tokens(g, pixels), width))
    return transformer(g, query + seen, g.pick(8, 2), 2)


def build_deoldify(g):
    """DeOldify: ResNet U-Net of pixel shuffles with one self-attention layer; picture values 0..255."""
    widths, depths = g.pick(((64, 128, 256, 512), (3, 4, 6, 3)), ((4, 8, 8, 16), (1, 1, 1, 1)))
    picture = g.input("input", (1, 3, 256, 256), 0.0, 255.0, SYMBOLIC)
    x, features = g.conv(picture / 128.0 - 1.0, widths[0], 7, 2, "Relu"), []
    features.append(x)
    for level, (width, depth) in enumerate(zip(widths, depths)):
        for block in range(depth):
            x = residual(g, x, width, 2 if block == 0 else 1)
        features.append(x)
    for level, skip in enumerate(reversed(features[:-1])):
        up = g.depth_to_space(g.conv(x, 4 * skip.shape[1], 1, act="Relu"), 2)
        up = g.resize_like(up, skip, "nearest")
        x = g.batch_norm(g.conv(g.concat([up, skip]), 2 * skip.shape[1], act="Relu"))
        if level == 1:
            flat = tokens(g, x)
            x = x + untokens(g, g.attention(flat, 1), x) * 0.3
    x = g.depth_to_space(g.conv(x, 4 * widths[0], 1, act="Relu"), 2)
    x = g.conv(g.concat([g.resize_like(x, picture, "linear"), picture / 128.0 - 1.0]), 3)
    g.output(g.unary("Sigmoid", x) * 255.0, "output", SYMBOLIC)


def enhancer(name, family, build, tile, scale, half=False):
    options = {"compute": np.float16} if half else {}
    return Model(name, family, "processing", lambda g: build(g, tile, scale), options)


def colorizer(name, family, build):
    return Model(name, family, "processing", build, variants=COLORIZER_SIZES)


COLORIZER_SIZES = tuple([[1, 3, size, size]] for size in (192, 384, 512))
ESRGAN = ("nomos8k_sc", "realistic_rescaler", "remacri", "siax", "ultra_sharp")
MODELS = [
    *[enhancer(f"real_esrgan_x{scale}", "real_esrgan", build_rrdb, 256, scale) for scale in (2, 4, 8)],
    *[enhancer(f"real_esrgan_x{scale}_fp16", "real_esrgan", build_rrdb, 256, scale, True) for scale in (2, 4, 8)],
    *[enhancer(f"{name}_x4", "esrgan", build_rrdb, 128, 4) for name in ESRGAN],
    enhancer("tghq_face_x8", "esrgan", build_rrdb, 128, 8),
    enhancer("span_kendata_x4", "span", build_span, 128, 4),
    enhancer("clear_reality_x4", "span", build_span, 128, 4),
    enhancer("ultra_sharp_2_x4", "ultra_sharp_2", build_span, 1024, 4),
    enhancer("real_hatgan_x4", "hat", build_window_attention, 256, 4),
    enhancer("face_dat_x4", "dat", build_window_attention, 128, 4),
    enhancer("swin2_sr_x4", "swin2_sr", build_window_attention, 128, 4),
    enhancer("real_web_photo_x4", "real_web_photo", build_window_attention, 64, 4),
    *[colorizer("ddcolor" + kind, "ddcolor", build_ddcolor) for kind in ("", "_artistic")],
    *[colorizer("deoldify" + kind, "deoldify", build_deoldify) for kind in ("", "_artistic", "_stable")],
]
