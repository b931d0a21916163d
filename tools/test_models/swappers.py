"""Face swappers, embedding converters and deep swapper files."""
import numpy as np

from .blocks import adaptive_norm, picture, residual, style_block
from .catalogue import Model


def build_inswapper(g):
    """Real layers of the public file: 138 million weights, 349 GFLOP; its last initialiser is read by no node."""
    width, blocks = g.pick((128, 6), (8, 2))
    target = g.input("target", (1, 3, 128, 128))
    source = g.input("source", (1, 512), -2.0, 2.0)
    x = g.conv(g.pad(target, 3), width, 7, act="LeakyRelu", pad=0)
    x = g.conv(x, 2 * width, act="LeakyRelu")
    x = g.conv(x, 4 * width, stride=2, act="LeakyRelu")
    x = g.conv(x, 8 * width, stride=2, act="LeakyRelu")
    for _ in range(blocks):
        x = style_block(g, x, source)
    for factor in (4, 2):
        x = g.conv(g.resize(x, 2, "linear"), factor * width, act="LeakyRelu")
    x = g.conv(x, width, act="LeakyRelu")
    g.output((g.conv(g.pad(x, 3), 3, 7, act="Tanh", pad=0, gain=0.7) + 1.0) * 0.5, "output")
    g.weight((512, 512), 512**-0.5, name="buff2fs", dtype=g.storage)


def build_simswap(g, size):
    """SimSwap: 7x7 border, three halvings, nine style blocks at an eighth."""
    width, blocks, deepest = g.pick((64, 9, 512), (4, 1, 32))
    target = g.input("target", (1, 3, size, size), -2.1 if size == 256 else 0.0, 2.6 if size == 256 else 1.0)
    source = g.input("source", (1, 512), -0.15, 0.15) * 10.0
    x = g.conv(g.pad(target, 3), width, 7, act="Relu", pad=0)
    halvings = 3 if size == 256 else 4
    for level in range(1, halvings + 1):
        x = g.conv(x, min(deepest, width * 2**level), stride=2, act="Relu")
    for _ in range(blocks):
        x = style_block(g, x, source)
    for level in reversed(range(halvings)):
        x = g.resize(x, 2, "linear", coordinate_transformation_mode="pytorch_half_pixel")
        x = g.conv(x, min(deepest, width * 2**level), act="Relu")
    g.output(g.conv(g.pad(x, 3), 3, 7, act="Sigmoid", pad=0), "output")


def build_ghost(g):
    """AEI-Net: attributes from a U-Net, identity and attributes mixed by a learned mask in every block."""
    width, levels = g.pick((32, 6), (4, 3))
    x = g.input("target", (1, 3, 256, 256), -1.0, 1.0)
    source = g.input("source", (1, 512), -2.0, 2.0)
    skips = []
    for level in range(levels):
        skips.append(x)
        x = g.conv(x, min(g.pick(512, 16), width * 2**level), 4, 2, "LeakyRelu", pad=1)
    attributes = [x]
    for skip in reversed(skips[1:]):
        attributes.append(g.conv_transpose(attributes[-1], skip.shape[1], 4, 2, "LeakyRelu", 1, 0))
    y = g.reshape(g.linear(source, x.shape[1] * 4, "LeakyRelu"), (0, x.shape[1], 2, 2))
    y = g.resize_like(y, x, "linear", coordinate_transformation_mode="align_corners")
    for attribute in attributes:
        y = attributes_block(g, y, attribute, source, attribute.shape[1])
        y = g.resize(y, 2, "linear", coordinate_transformation_mode="align_corners")
    g.output(picture(g, y), "output")


def attributes_block(g, x, attribute, source, out):
    """Adaptive attentional denormalisation, then a convolution."""
    normal = g.instance_norm(x)
    mask = g.conv(normal, 1, 1, act="Sigmoid")
    scale, shift = g.conv(attribute, x.shape[1], 1, gain=0.3), g.conv(attribute, x.shape[1], 1)
    mixed = (1.0 - mask) * (normal * (scale + 1.0) + shift) + mask * adaptive_norm(g, x, source)
    return g.conv(g.unary("Relu", mixed), out, gain=1.4)


def build_hififace(g):
    """HifiFace-like: encoder, identity blocks, decoder with a soft mask over the target."""
    width, blocks = g.pick((64, 4), (4, 1))
    target = g.input("target", (1, 3, 256, 256), -1.0, 1.0)
    source = g.input("source", (1, 512), -0.15, 0.15) * 10.0
    x = g.conv(target, width)
    for level in range(1, 5):
        x = g.pool(residual(g, x, min(g.pick(512, 16), width * 2**level), act="LeakyRelu"), "Average")
    for _ in range(blocks):
        x = style_block(g, x, source, "LeakyRelu", "constant")
    for level in reversed(range(4)):
        x = g.resize(adaptive_norm(g, x, source), 2, "linear")
        x = g.conv(x, min(g.pick(512, 16), width * 2**level), act="LeakyRelu")
    mask = g.conv(x, 1, act="Sigmoid")
    g.output(picture(g, x) * mask + target * (1.0 - mask), "output")


def build_hyperswap(g):
    """Default swapper: half-precision weights in the file, single precision in use; second output `mask`."""
    width, blocks, deepest = g.pick((64, 9, 1024), (4, 1, 16))
    source = g.input("source", (1, 512), -0.15, 0.15) * 10.0
    x = target = g.input("target", (1, 3, 256, 256), -1.0, 1.0)
    skips = []
    for level in range(5):
        x = g.conv(x, min(deepest, width * 2**level), 3, 1 if level == 0 else 2, "LeakyRelu")
        skips.append(x)
    for _ in range(blocks):
        x = style_block(g, x, source, "LeakyRelu", "constant")
    for skip in reversed(skips[:-1]):
        x = g.conv(g.resize(x, 2, "linear"), skip.shape[1], act="LeakyRelu")
        x = adaptive_norm(g, x + g.conv(skip, skip.shape[1], 1) * 0.5, source)
    mask = g.conv(x, 1, act="Sigmoid")
    g.output(picture(g, x) * mask + target * (1.0 - mask), "output")
    g.output(mask, "mask")


def picture_encoder(g, x, width, deepest):
    """Identity vector of a source picture."""
    while x.shape[2] > 7:
        x = g.conv(x, min(deepest, width * 256 // x.shape[2]), stride=2, act="LeakyRelu")
    return g.layer_norm(g.linear(g.reshape(x, (0, -1)), g.pick(512, 32)))


def build_from_picture(g, source_size, low):
    """BlendSwap and UniFace: the source is a picture; GridSample warps features by a predicted flow."""
    width, deepest = g.pick((64, 512), (4, 16))
    source_picture = g.input("source", (1, 3, source_size, source_size))
    x = target = g.input("target", (1, 3, 256, 256), low, 1.0)
    source = picture_encoder(g, source_picture, width, deepest)
    skips = []
    for level in range(5):
        x = residual(g, x, min(deepest, width * 2**level), 1 if level == 0 else 2, "LeakyRelu")
        skips.append(x)
    x = warp(g, x)
    x = style_block(g, style_block(g, x, source), source, pad_mode="edge")
    for skip in reversed(skips[:-1]):
        x = g.conv(g.concat([g.resize(x, 2, "cubic"), skip]), skip.shape[1], act="LeakyRelu")
        x = adaptive_norm(g, x, source)
    mask = g.conv(x, 1, act="Sigmoid")
    result = picture(g, x, "Tanh" if low < 0 else "Sigmoid")
    g.output(result * mask + target * (1.0 - mask), "output")


def warp(g, x):
    """Bilinear sampling at the identity grid plus a small predicted flow."""
    size = x.shape[2]
    line = (np.arange(size) * 2 + 1) / size - 1
    grid = g.constant(np.stack(np.meshgrid(line, line), -1)[None])
    flow = g.transpose(g.conv(x, 2, act="Tanh", gain=0.3), (0, 2, 3, 1))
    return g.grid_sample(x, grid + flow * 0.2)


def build_crossface(g):
    width, depth = g.pick((1024, 4), (24, 1))
    x = g.linear(g.input("input", (1, 512), -2.0, 2.0), width, "LeakyRelu")
    for _ in range(depth):
        x = x + g.linear(x, width, "LeakyRelu", gain=0.5)
    g.output(g.linear(x, 512), "output")


def build_deep_swapper(g, size, morphable):
    """DeepFaceLab's autoencoder as exported from TensorFlow: NHWC border, dense bottleneck, DepthToSpace upscaling."""
    width, inner = g.pick((64, 256), (4, 16))
    face = g.input("in_face:0", (1, size, size, 3), declared=["batch", size, size, 3])
    morph = g.input("morph_value:0", (1,)) if morphable else None
    x = g.transpose(face, (0, 3, 1, 2))
    for level in range(5):
        x = g.conv(x, width * min(8, 2**level), 5, 2, "LeakyRelu")
    small = x.shape[2]
    code = g.linear(g.layer_norm(g.reshape(x, (0, -1))), inner)
    code, other = g.split(g.linear(code, 2 * inner * small * small), [inner * small * small] * 2)
    if morph is not None:
        code = code * morph + other * (1.0 - morph)
    code = g.reshape(code, (-1, inner, small, small))
    for name, channels in (("out_face_mask:0", 1), ("out_celeb_face:0", 3), ("out_celeb_face_mask:0", 1)):
        y = code
        for level in range(5):
            out = max(width // 4, width * 4 // 2**level) // (1 if channels == 3 else 2)
            y = g.depth_to_space(g.conv(y, max(2, out) * 4, act="LeakyRelu"), 2, "DCR")
            y = y if channels == 1 else residual(g, y, y.shape[1], act="LeakyRelu")
        y = g.transpose(g.conv(y, channels, 1 if channels == 1 else 3, act="Sigmoid"), (0, 2, 3, 1))
        g.output(y, name, ["batch", size, size, channels])


def dfm(name, size, morphable):
    return Model(name, "deep_swapper", "processing", lambda g: build_deep_swapper(g, size, morphable), suffix=".dfm")


HALF, HALF_STORED = {"compute": np.float16}, {"storage": np.float16}
STAGE = "processing"
MODELS = [
    Model("inswapper_128", "inswapper", STAGE, build_inswapper),
    Model("inswapper_128_fp16", "inswapper", STAGE, build_inswapper, HALF),
    Model("simswap_256", "simswap", STAGE, lambda g: build_simswap(g, 256)),
    Model("simswap_unofficial_512", "simswap", STAGE, lambda g: build_simswap(g, 512)),
    *[Model(f"ghost_{number}_256", "ghost", STAGE, build_ghost) for number in (1, 2, 3)],
    Model("hififace_unofficial_256", "hififace", STAGE, build_hififace),
    *[Model(f"hyperswap_1{letter}_256", "hyperswap", STAGE, build_hyperswap, HALF_STORED) for letter in "abc"],
    Model("blendswap_256", "blendswap", STAGE, lambda g: build_from_picture(g, 112, 0.0)),
    Model("uniface_256", "uniface", STAGE, lambda g: build_from_picture(g, 256, -1.0)),
    *[Model(f"crossface_{name}", "crossface", STAGE, build_crossface) for name in ("ghost", "hififace", "simswap")],
    dfm("iperov/elon_musk_224", 224, False),
    dfm("iperov/jackie_chan_224", 224, True),
    dfm("iperov/keanu_reeves_320", 320, True),
    dfm("custom/morph_256", 256, True),
]
