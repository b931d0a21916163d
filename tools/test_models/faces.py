"""Landmarkers, recogniser, classifier, parsers and occluders."""
import numpy as np

from .blocks import resnet, separable
from .catalogue import Model


def fan_block(g, x, out):
    a = g.conv(x, out // 2, act="Relu")
    b = g.conv(a, out // 4, act="Relu")
    c = g.conv(b, out // 4, act="Relu")
    return g.concat([a, b, c]) * 0.7 + (x if x.shape[1] == out else g.conv(x, out, 1))


def hourglass(g, x, depth):
    width = x.shape[1]
    up = fan_block(g, x, width)
    low = fan_block(g, g.pool(x, "Average"), width)
    low = hourglass(g, low, depth - 1) if depth > 1 else fan_block(g, low, width)
    return (up + g.resize(fan_block(g, low, width), 2)) * 0.5


def expected_point(g, heat):
    """Softmax-weighted mean position and the peak of every map [1, n, 64, 64]: [1, n, 3]."""
    flat = g.reshape(heat, (0, 0, -1))
    rows, columns = np.divmod(np.arange(4096), 64)
    position = g.matmul(g.softmax(flat * 4.0), g.constant(np.stack([columns, rows], 1)[None]))
    return g.concat([position, g.unary("Sigmoid", g.reduce("ReduceMax", flat, (2,)))], 2)


def build_2dfan4(g):
    """Four hourglasses of depth four, each fed by the maps of the one before."""
    width, stacks, depth = g.pick((256, 4, 4), (16, 2, 3))
    x = g.conv(g.input("input", (1, 3, 256, 256)), width // 4, 7, 2, "Relu")
    x = g.pool(fan_block(g, x, width // 2), "Average")
    x = fan_block(g, fan_block(g, x, width // 2), width)
    for stack in range(stacks):
        y = g.conv(fan_block(g, hourglass(g, x, depth), width), width, 1, act="Relu")
        heat = g.conv(y, 68, 1, gain=0.1)
        if stack + 1 < stacks:
            x = x + g.conv(y, width, 1, gain=0.3) + g.conv(heat, width, 1, gain=0.3)
    g.output(expected_point(g, heat), "landmarks")
    g.output(heat, "heatmaps")


def build_peppa_wutz(g):
    width, depth = g.pick((48, 3), (8, 1))
    x = g.conv(g.input("input", (1, 3, 256, 256)), width, stride=2, act="Relu")
    for factor in (2, 4, 8, 16):
        for block in range(depth):
            x = separable(g, x, factor * width, 2 if block == 0 else 1)
    flat = g.reshape(g.pool(x, "Average", 4, 4), (0, -1))
    place, score = g.split(g.linear(g.layer_norm(flat), 204, gain=0.6), (136, 68))
    place = g.reshape(g.unary("Sigmoid", place) * 64.0, (0, 68, 2))
    points = g.concat([place, g.reshape(g.unary("Sigmoid", score), (0, 68, 1))], 2)
    g.output(g.reshape(points, (0, 204)), "output")


def build_fan_68_5(g):
    width = g.pick(320, 32)
    x = g.reshape(g.input("input", (1, 5, 2)), (0, 10))
    for _ in range(3):
        x = g.linear(x, width, "LeakyRelu")
    g.output(g.reshape(g.linear(x, 136, gain=0.3, mean=0.5), (0, 68, 2)), "output")


def iresnet_block(g, x, out, stride):
    """Norm before the first convolution is no neighbour to fold into, so it stays a node, as in the public file."""
    y = g.conv(g.batch_norm(x), out, act="PRelu")
    y = g.conv(y, out, stride=stride, gain=0.5)
    return y + (x if stride == 1 and x.shape[1] == out else g.conv(x, out, 1, stride))


def build_arcface(g):
    widths, depths = g.pick(((64, 128, 256, 512), (3, 4, 14, 3)), ((8, 8, 16, 16), (1, 1, 2, 1)))
    x = g.conv(g.input("input", (1, 3, 112, 112), -1.0, 1.0), widths[0], act="PRelu")
    for width, depth in zip(widths, depths):
        for block in range(depth):
            x = iresnet_block(g, x, width, 2 if block == 0 else 1)
    x = g.batch_norm(x)
    flat = g.reshape(x, (g.dim(x, 0), -1))
    g.output(g.batch_norm(g.linear(flat, 512, gain=0.3)), "embedding")


def build_fairface(g):
    widths, depths = g.pick(((64, 128, 256, 512), (3, 4, 6, 3)), ((8, 8, 16, 16), (1, 1, 1, 1)))
    features = resnet(g, g.input("input", (1, 3, 224, 224), -2.1, 2.6), widths, depths)
    flat = g.reshape(g.instance_norm(features[-1]), (0, -1))  # an average would hardly vary behind random weights
    race, gender, age = g.split(g.linear(flat, 18), (7, 2, 9))
    for name, logits in (("race_id", race), ("gender_id", gender), ("age_id", age)):
        best = g.op("ArgMax", [g.softmax(logits)], (1,), axis=1, keepdims=0)
        g.output(best, name, dtype="int64")


def attention_refine(g, x, out):
    y = g.conv(x, out, act="Relu")
    return y * g.unary("Sigmoid", g.conv(g.global_pool(y), out, 1))


def bisenet(g, depths, with_aux):
    widths, inner = g.pick(((64, 128, 256, 512), 128), ((8, 8, 16, 16), 8))
    x = g.input("input", (1, 3, 512, 512), -2.1, 2.6)
    _, eighth, sixteenth, last = resnet(g, x, widths, depths if g.full else (1, 1, 1, 1))
    context = g.resize_like(g.conv(g.global_pool(last), inner, 1, act="Relu"), last, "nearest")
    last = g.conv(g.resize_like(attention_refine(g, last, inner) + context, sixteenth, "nearest"), inner, act="Relu")
    sixteenth = attention_refine(g, sixteenth, inner) + last
    up = g.conv(g.resize_like(sixteenth, eighth, "nearest"), inner, act="Relu")
    fused = g.conv(g.concat([eighth, up]), 2 * inner, 1, act="Relu")
    gate = g.conv(g.conv(g.global_pool(fused), inner // 2, 1, act="Relu"), 2 * inner, 1, act="Sigmoid")
    logits = g.conv(g.conv(fused + fused * gate, inner, 1, act="Relu"), 19, 1)
    g.output(g.resize_like(logits, x, "linear", coordinate_transformation_mode="align_corners"), "output")
    if with_aux:
        g.output(g.conv(sixteenth, 19, 1), "aux")


def filter_response(g, x):
    """DeepFaceLab's filter response norm with a learned threshold."""
    shape = (1, x.shape[1], 1, 1)
    y = x / g.unary("Sqrt", g.reduce("ReduceMean", x * x, (2, 3)) + 1e-6)
    y = y * g.weight(shape, 0.05, 1.0) + g.weight(shape, 0.05)
    return g.op("Max", [y, g.weight(shape, 0.05, -0.5)], y.shape)


def build_xseg(g):
    """U-Net of six levels in NHWC at the border, as converted from TensorFlow."""
    width, levels = g.pick((32, 6), (4, 4))
    x = g.transpose(g.input("input", (1, 256, 256, 3)), (0, 3, 1, 2))
    skips = []
    for level in range(levels):
        for _ in range(2 + (level > 1)):
            x = filter_response(g, g.conv(x, min(8, 2**level) * width))
        skips.append(x)
        x = g.pool(x, "Average")
    flat = g.linear(g.reshape(x, (1, -1)), g.pick(512, 16))
    x = x + g.reshape(g.linear(flat, x.shape[1] * x.shape[2] * x.shape[3]), (1, x.shape[1], x.shape[2], x.shape[3]))
    for skip in reversed(skips):
        up = filter_response(g, g.conv_transpose(x, skip.shape[1]))
        x = filter_response(g, g.conv(g.concat([up, skip]), skip.shape[1]))
    g.output(g.transpose(g.conv(x, 1, act="Sigmoid"), (0, 2, 3, 1)), "output")


MODELS = [
    Model("2dfan4", "2dfan4", "analysing", build_2dfan4),
    Model("peppa_wutz", "peppa_wutz", "analysing", build_peppa_wutz),
    Model("fan_68_5", "fan_68_5", "analysing", build_fan_68_5),
    Model("arcface_w600k_r50", "arcface", "analysing", build_arcface),
    Model("fairface", "fairface", "analysing", build_fairface),
    Model("bisenet_resnet_18", "bisenet", "processing", lambda g: bisenet(g, (2, 2, 2, 2), False)),
    Model("bisenet_resnet_34", "bisenet", "processing", lambda g: bisenet(g, (3, 4, 6, 3), True)),
    *[Model(f"xseg_{number}", "xseg", "processing", build_xseg) for number in (1, 2, 3)],
]
