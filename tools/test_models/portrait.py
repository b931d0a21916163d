"""LivePortrait's parts (face editor, expression restorer) and lip syncers."""
import numpy as np
from onnx import TensorProto, helper

from .blocks import adaptive_norm, convnext, residual
from .catalogue import Model

POINTS = (1, 21, 3)


def half_plane(g, x, out):
    """3-D convolution, then average pooling of height and width but not of the depth."""
    n, _, depth, rows, columns = x.shape
    y = g.conv(x, out, act="Relu")
    return g.op("AveragePool", [y], (n, out, depth, rows // 2, columns // 2), kernel_shape=[1, 2, 2], strides=[1, 2, 2])


def double_plane(g, x):
    scales = g.initializer(np.array([1, 1, 1, 2, 2], np.float32))
    n, channels, depth, rows, columns = x.shape
    return g.op("Resize", [x, "", scales], (n, channels, depth, 2 * rows, 2 * columns), mode="nearest")


def build_feature_extractor(g):
    """Appearance: 2-D convolutions, reshape to a volume of depth 16, 3-D residual blocks."""
    width, blocks = g.pick((64, 6), (4, 1))
    x = g.input("input", (1, 3, 256, 256))
    x = g.conv(x, width, 7, act="Relu") if g.full else g.conv(x, width, 4, 2, "Relu", pad=1)
    x = g.pool(g.conv(x, 2 * width, act="Relu"), "Average")
    x = g.pool(g.conv(x, 4 * width, act="Relu"), "Average") if g.full else g.conv(x, 4 * width, act="Relu")
    volume = g.reshape(g.conv(x, 512, 1), (g.dim(x, 0), 32, 16, 64, 64))
    for _ in range(blocks):
        volume = volume + g.conv(g.conv(volume, 32 if g.full else 4, act="Relu"), 32, gain=0.5)
    g.output(volume, "output")


def bins_to_degrees(g, logits):
    """Expected angle over 66 bins of three degrees, rank 0 as in the public file."""
    degrees = g.matmul(g.softmax(logits), g.constant((np.arange(66) * 3.0 - 97.5)[:, None]))
    return g.op("Squeeze", [degrees, g.integers(0, 1)], ())


def build_motion_extractor(g):
    """ConvNeXt-tiny with seven heads; several outputs, three of rank 0."""
    widths, depths = g.pick(((96, 192, 384, 768), (3, 3, 9, 3)), ((4, 8, 8, 16), (1, 1, 1, 1)))
    x = g.conv(g.input("input", (1, 3, 256, 256)), widths[0], 4, 4, pad=0)
    for width, depth in zip(widths, depths):
        if width != x.shape[1] or x.shape[2] < 64:
            x = g.conv(x, width, 2, 2, pad=0)
        for _ in range(depth):
            x = convnext(g, x)
    code = g.layer_norm(g.reshape(g.global_pool(x), (0, -1)))
    for name in ("pitch", "yaw", "roll"):
        g.output(bins_to_degrees(g, g.linear(code, 66)), name)
    g.output(g.linear(code, 1, gain=0.1, mean=1.2), "scale")
    g.output(g.linear(code, 3, gain=0.05), "translation")
    g.output(g.reshape(g.linear(code, 63, gain=0.02), (0, 21, 3)), "expression")
    g.output(g.reshape(g.linear(code, 63, gain=0.2), (0, 21, 3)), "motion_points")


def retargeter(g, size):
    x = g.input("input", (1, size), -1.0, 1.0)
    for width in g.pick((256, 256, 128, 128, 64), (16,)):
        x = g.linear(x, width, "Relu")
    g.output(g.linear(x, 63, gain=0.05), "output")


def build_stitcher(g):
    source, target = (g.input(name, POINTS, -0.5, 0.5) for name in ("source", "target"))
    x = g.concat([g.reshape(value, (0, -1)) for value in (source, target)])
    for width in g.pick((128, 128, 64), (16,)):
        x = g.linear(x, width, "Relu")
    change, shift = g.split(g.linear(x, 65, gain=0.02), (63, 2))
    shift = g.op("Pad", [g.reshape(shift, (1, 1, 2)), g.integers(0, 0, 0, 0, 0, 1)], (1, 1, 3))
    g.output(target + g.reshape(change, POINTS) + shift, "output")


def volume_grid(depth, size):
    """Identity sampling grid [depth, size, size, 3], last axis x, y, z in -1..1."""
    z, y, x = (np.linspace(-1, 1, n) for n in (depth, size, size))
    return np.stack(np.meshgrid(z, y, x, indexing="ij")[::-1], -1)


def gaussians(g, points, grid):
    """Heat maps [1, 21, depth, h, w] of points."""
    gap = g.constant(grid[None, None]) - g.reshape(points, (1, 21, 1, 1, 1, 3))
    return g.unary("Exp", g.reduce("ReduceSum", gap * gap, (-1,), keep=False) * -50.0)


def dense_motion(g, feature, source, target, width):
    """22 sparse motions, one per point and the identity, mixed by a 3-D hourglass; the result is one sampling grid."""
    depth, size = feature.shape[2], feature.shape[3]
    grid = volume_grid(depth, size)
    identity = g.constant(grid.reshape(1, 1, depth, size, size, 3))
    shifts = identity + g.reshape(source - target, (1, 21, 1, 1, 1, 3))
    motions = g.concat([identity, shifts])
    small = g.conv(feature, g.pick(4, 1), 1, act="Relu")
    many = g.op("Expand", [small, g.integers(22, *small.shape[1:])], (22, *small.shape[1:]))
    grids = g.reshape(motions, (22, depth, size, size, 3))
    sampled = g.reshape(g.grid_sample(many, grids), (1, -1, depth, size, size))
    heat = gaussians(g, target, grid) - gaussians(g, source, grid)
    x, skips = g.concat([heat, sampled]), []
    for level in range(g.pick(4, 2)):
        x = half_plane(g, x, min(g.pick(512, 8), width * 2**level))
        skips.append(x)
    for skip in reversed(skips[:-1]):
        x = g.concat([g.conv(double_plane(g, x), skip.shape[1], act="Relu"), skip])
    mask = g.reshape(g.softmax(g.conv(double_plane(g, x), 22), 1), (1, 22, depth, size, size, 1))
    return g.reduce("ReduceSum", motions * mask, (1,), keep=False)


def spade(g, x, guide, act="LeakyRelu"):
    """Spatially adaptive norm, then a convolution."""
    hidden = g.conv(guide, g.pick(128, 4), act="Relu")
    scale, shift = g.conv(hidden, x.shape[1], gain=0.3), g.conv(hidden, x.shape[1], gain=0.3)
    y = g.instance_norm(x) * (scale + 1.0) + shift
    return g.conv(g.activate(y, act), x.shape[1], gain=0.7)


def build_generator(g):
    """Warping by volumetric (5-D) sampling, then a SPADE decoder of 512 x 512."""
    width, deepest = g.pick((64, 256), (4, 8))
    feature = g.input("feature_volume", (1, 32, 16, 64, 64), -1.0, 1.0)
    source, target = (g.input(name, POINTS, -0.5, 0.5) for name in ("source", "target"))
    grid = dense_motion(g, feature, source, target, width)
    warped = g.reshape(g.grid_sample(feature, grid), (0, -1, 64, 64))
    x = guide = g.conv(g.conv(warped, deepest, act="LeakyRelu"), deepest)
    for _ in range(g.pick(6, 1)):
        x = x + spade(g, x, guide) * 0.5
    for out in (deepest // 2, deepest // 4):
        x = g.conv(g.resize(x, 2), out, act="LeakyRelu")
        x = x + spade(g, x, g.resize_like(guide, x, "nearest")) * 0.5
    x = g.depth_to_space(g.conv(x, 12), 2)
    g.output(g.unary("Sigmoid", x), "output")


def audio_encoder(g, audio, width):
    """Mel frame [n, 1, 80, 16] to [n, width, 1, 1]."""
    x = g.conv(audio, max(4, width // 16), act="Relu", gain=0.4)
    while x.shape[2] > 5:
        x = g.conv(x, min(width, 2 * x.shape[1]), stride=2, act="Relu")
        x = g.unary("Relu", g.batch_norm(g.conv(x, x.shape[1], gain=0.5)) + x)
    x = g.conv(x, width, act="Relu")
    return g.global_pool(x)


def build_wav2lip(g):
    """Two encoders of audio and face, a decoder with skips; a symbolic batch that both inputs share."""
    width, deepest = g.pick((16, 512), (4, 16))
    audio = g.input("source", (1, 1, 80, 16), -4.0, 4.0, ["batch", 1, 80, 16])
    face = g.input("target", (1, 6, 96, 96), declared=["batch", 6, 96, 96])
    sound = audio_encoder(g, audio, deepest)
    x, skips = g.conv(face, width, 7, act="Relu"), []
    for level in range(5):
        skips.append(x)
        x = g.unary("Relu", g.batch_norm(g.conv(x, min(deepest, width * 2 ** (level + 1)), stride=2, gain=1.4)))
        for _ in range(g.pick(3, 1)):
            x = g.unary("Relu", g.batch_norm(g.conv(x, x.shape[1], gain=0.5)) + x)
    x = g.concat([g.conv(x, deepest, 3, act="Relu", pad=0), sound])
    x = g.conv_transpose(x, deepest, 3, 1, "Relu", 0, 0)
    for skip in reversed(skips):
        x = g.conv_transpose(x, min(deepest, 2 * skip.shape[1]), act="Relu")
        for _ in range(g.pick(2, 1)):
            x = g.unary("Relu", g.batch_norm(g.conv(x, x.shape[1], gain=0.5)) + x)
        x = g.concat([x, skip])
    x = g.conv(g.conv(x, 2 * width, act="Relu"), 3, 1, act="Sigmoid")
    g.output(x, "output", ["batch", 3, 96, 96])


def squeeze_if_single(g, x, axis):
    """What exporters make of squeeze(axis): an `If` on the dimension, with Squeeze or Identity as its branches."""
    size = g.op("Gather", [g.shape_of(x), g.constant(axis, np.int64)], (), axis=0)
    single = g.op("Equal", [size, g.constant(1, np.int64)], ())
    axes, shape = g.integers(axis), [n for k, n in enumerate(x.shape) if k != axis]
    branches = {}
    for name, op, inputs in (("then_branch", "Squeeze", [x.name, axes.name]), ("else_branch", "Identity", [x.name])):
        result = g.fresh(name)
        output = helper.make_tensor_value_info(result, TensorProto.FLOAT, None)
        branches[name] = helper.make_graph([helper.make_node(op, inputs, [result])], name, [], [output])
    return g.op("If", [single], shape, **branches)


def build_edtalk(g):
    """EDTalk: lip motion as a mix of directions (two `If`, EyeLike, ConstantOfShape, Tile), decoder with flow."""
    width, deepest, count = g.pick((64, 512, 20), (4, 8, 4))
    audio = g.input("source", (1, 1, 80, 16), -4.0, 4.0)
    target = g.input("target", (1, 3, 256, 256))
    weight = g.input("weight", (1,))
    sound = squeeze_if_single(g, squeeze_if_single(g, audio_encoder(g, audio, g.pick(512, 16)), 3), 2)
    x, skips = g.conv(target, width, act="LeakyRelu"), []
    for level in range(5):
        skips.append(x)
        x = residual(g, x, min(deepest, width * 2 ** (level + 1)), 2, "LeakyRelu")
    face = g.linear(g.layer_norm(g.reshape(g.global_pool(x), (0, -1))), g.pick(512, 16))
    style = g.op("Tile", [face, g.op("Concat", [g.dim(audio, 0), g.integers(1)], (2,), axis=0)], face.shape)
    plane = g.op("ConstantOfShape", [g.integers(count, count)], (count, count))
    mix = g.matmul(g.linear(sound, count), g.op("EyeLike", [plane], (count, count), dtype=TensorProto.FLOAT))
    style = style + g.matmul(mix, g.weight((count, face.shape[1]), 0.5)) * weight
    line = np.linspace(-1, 1, 16)
    for level, skip in enumerate(reversed(skips)):
        x = g.conv(g.resize(adaptive_norm(g, x, style), 2, "linear"), skip.shape[1], act="LeakyRelu")
        if level == 0:
            flow = g.transpose(g.conv(x, 2, act="Tanh", gain=0.3), (0, 2, 3, 1))
            identity = g.constant(np.stack(np.meshgrid(line, line), -1)[None])
            x = x + g.grid_sample(skip, identity + flow * 0.2, align_corners=1)
        else:
            x = x + skip * 0.5
    g.output(g.conv(x, 3, act="Sigmoid", gain=0.5), "output")


def live_portrait(part, build, **settings):
    return Model("live_portrait_" + part, "live_portrait", "processing", build, **settings)


FOLDED = "the two `If` nodes fold while the input shapes are fixed; with graph optimisation off a capture is refused"
MODELS = [
    live_portrait("feature_extractor", build_feature_extractor),
    live_portrait("motion_extractor", build_motion_extractor),
    live_portrait("eye_retargeter", lambda g: retargeter(g, 66)),
    live_portrait("lip_retargeter", lambda g: retargeter(g, 65)),
    live_portrait("stitcher", build_stitcher),
    live_portrait("generator", build_generator, options={"opset": 20}, note="needs a CUDA kernel for 5-D GridSample"),
    *[Model(name, "wav2lip", "processing", build_wav2lip) for name in ("wav2lip_96", "wav2lip_gan_96")],
    Model("edtalk_256", "edtalk", "processing", build_edtalk, note=FOLDED),
]
