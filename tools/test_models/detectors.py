"""Face detectors: scrfd and retinaface (symbolic height and width), yolo_face, yunet."""
import numpy as np

from .blocks import residual, separable
from .catalogue import Model

STRIDES = (8, 16, 32)


def pyramid(g, features, width):
    """Feature pyramid with a bottom-up pass; sizes come from Shape chains."""
    levels = [g.conv(x, width, 1) for x in features]
    for k in (1, 0):
        up = g.resize_like(levels[k + 1], levels[k], "nearest", nearest_mode="floor")
        levels[k] = levels[k] + up * 0.5
    levels = [g.conv(x, width, gain=0.8) for x in levels]
    for k in (1, 2):
        levels[k] = levels[k] + g.conv(levels[k - 1], width, stride=2, gain=0.5)
    return levels


def rows(g, x, columns):
    """[1, anchors * columns, h, w] to [h * w * anchors, columns]."""
    return g.reshape(g.transpose(x, (2, 3, 0, 1)), (-1, columns))


def scrfd(g, names, widths, depths, lateral, towers):
    x = g.input("input", (1, 3, 640, 640), -1.0, 1.0, [1, 3, "?", "?"])  # both symbols of the public files are "?"
    x = g.conv(g.conv(x, widths[0] // 2, stride=2, act="Relu"), widths[0], act="Relu")
    x, features = g.pool(x, "Max"), []
    for stage, (width, depth) in enumerate(zip(widths, depths)):
        for block in range(depth):
            x = residual(g, x, width, 2 if block == 0 and stage > 0 else 1)
        features.append(x)
    scores, boxes, points = [], [], []
    for level in pyramid(g, features[1:], lateral):
        for _ in range(towers):
            level = g.conv(level, lateral, act="Relu")
        scores.append(g.unary("Sigmoid", rows(g, g.conv(level, 2, gain=0.3, mean=-4.0), 1)))
        boxes.append(rows(g, g.conv(level, 8, gain=0.3, mean=2.0) * g.weight((1,), 0.01, 1.0), 4))
        points.append(rows(g, g.conv(level, 20, gain=0.3), 10))
    for name, value in zip(names, scores + boxes + points):
        g.output(value, name, [f"rows_{name}", value.shape[1]])


def build_scrfd(g):
    names = [f"{kind}_{stride}" for kind in ("score", "bbox", "kps") for stride in STRIDES]
    scrfd(g, names, *g.pick(((24, 40, 64, 128), (2, 2, 2, 2), 24, 2), ((8, 8, 8, 8), (1, 1, 1, 1), 8, 1)))


def build_retinaface(g):
    names = ["448", "471", "494", "451", "474", "497", "454", "477", "500"]
    scrfd(g, names, *g.pick(((56, 88, 88, 224), (3, 4, 2, 3), 56, 3), ((8, 8, 8, 8), (1, 1, 1, 1), 8, 1)))


def c2f(g, x, out, depth, shortcut=True):
    """YOLOv8's stage: split, a chain of bottlenecks, concatenation."""
    parts = g.split(g.conv(x, out, 1, act="Swish"), (out // 2, out // 2))
    for _ in range(depth):
        y = g.conv(g.conv(parts[-1], out // 2, act="Swish"), out // 2, act="Swish", gain=0.5)
        parts.append(parts[-1] + y if shortcut else y)
    return g.conv(g.concat(parts), out, 1, act="Swish")


def yolo_features(g, x, width, depth):
    """Backbone and neck of YOLOv8; three maps of strides 8, 16, 32."""
    x, features = g.conv(x, width, stride=2, act="Swish"), []
    for stage in range(4):
        x = c2f(g, g.conv(x, width * 2 ** (stage + 1), stride=2, act="Swish"), width * 2 ** (stage + 1), depth)
        features.append(x)
    pools = [g.conv(x, x.shape[1] // 2, 1, act="Swish")]
    for _ in range(3):
        pools.append(g.pool(pools[-1], "Max", 5, 1, 2))
    top = g.conv(g.concat(pools), x.shape[1], 1, act="Swish")
    middle = c2f(g, g.concat([g.resize(top, 2), features[2]]), 8 * width, depth, False)
    low = c2f(g, g.concat([g.resize(middle, 2), features[1]]), 4 * width, depth, False)
    middle = c2f(g, g.concat([g.conv(low, 4 * width, stride=2, act="Swish"), middle]), 8 * width, depth, False)
    top = c2f(g, g.concat([g.conv(middle, 8 * width, stride=2, act="Swish"), top]), 16 * width, depth, False)
    return low, middle, top


def grid_anchors(g, size):
    """Cell centres [1, 2, A] and strides [1, 1, A] of all levels, constants of the graph."""
    centres, strides = [], []
    for stride in STRIDES:
        cells = np.arange(size // stride) + 0.5
        centres.append(np.stack(np.meshgrid(cells, cells), 0).reshape(2, -1))
        strides.append(np.full((1, centres[-1].shape[1]), stride))
    return g.constant(np.concatenate(centres, 1)[None]), g.constant(np.concatenate(strides, 1)[None])


def yolo(g, output, width, depth, classes, points):
    """Rows of the output: centre, size, class confidences, points with visibility; boxes by distribution focal loss."""
    x = g.input("input", (1, 3, 640, 640))
    levels, bins = yolo_features(g, x, width, depth), 16
    boxes, scores, shapes = [], [], []
    for level in levels:
        inner = max(16, level.shape[1] // 4)
        heads = ((boxes, 4 * bins, 0.5, 0.0), (scores, classes, 0.1, -5.0), (shapes, 3 * points, 0.5, 0.0))
        for outputs, count, gain, mean in heads[: 3 if points else 2]:
            y = g.conv(g.conv(level, inner, act="Swish"), count, 1, gain=gain, mean=mean)
            outputs.append(g.reshape(y, (1, count, -1)))
    centres, strides = grid_anchors(g, 640)
    distances = g.transpose(g.reshape(g.concat(boxes, 2), (1, 4, bins, -1)), (0, 2, 1, 3))
    weight = g.constant(np.arange(bins).reshape(1, bins, 1, 1))
    distances = g.reshape(g.convolve([g.softmax(distances, 1), weight], 1), (1, 4, -1))
    near, far = g.split(distances, (2, 2))
    low, high = centres - near, centres + far
    result = [g.concat([(low + high) / 2.0, high - low]) * strides, g.unary("Sigmoid", g.concat(scores, 2))]
    if points:
        parts = g.reshape(g.concat(shapes, 2), (1, points, 3, -1))
        place, seen = g.split(parts, (2, 1), 2)
        where = g.reshape(centres - 0.5, (1, 1, 2, -1)) + place * 2.0
        parts = g.concat([where * g.reshape(strides, (1, 1, 1, -1)), g.unary("Sigmoid", seen)], 2)
        result.append(g.reshape(parts, (1, 3 * points, -1)))
    g.output(g.concat(result), output)


def build_yolo_face(g):
    yolo(g, "output0", *g.pick((16, 1), (4, 1)), classes=1, points=5)


def build_yunet(g):
    width = g.pick(64, 8)
    x = g.conv(g.input("input", (1, 3, 640, 640), 0.0, 255.0), 16, stride=2, act="Relu", gain=1 / 128)
    x, features = g.pool(separable(g, x, width), "Max"), []
    for _ in STRIDES:
        x = g.pool(separable(g, separable(g, x, width), width), "Max")
        features.append(x)
    for k in (1, 0):
        features[k] = separable(g, features[k] + g.resize(features[k + 1], 2), width)
    heads = (("cls", 1, "Sigmoid", -3.0), ("obj", 1, "Sigmoid", -3.0), ("bbox", 4, None, 0.0), ("kps", 10, None, 0.0))
    for kind, columns, act, mean in heads:
        for stride, level in zip(STRIDES, features):
            y = g.conv(g.conv(level, columns, 1, gain=0.3), columns, groups=columns, mean=mean)
            y = g.reshape(g.transpose(y, (0, 2, 3, 1)), (1, -1, columns))
            g.output(g.activate(y, act), f"{kind}_{stride}")


SIZES = tuple([[1, 3, size, size]] for size in (160, 320, 480, 512))
MODELS = [
    Model("scrfd_2.5g", "scrfd", "analysing", build_scrfd, variants=SIZES),
    Model("retinaface_10g", "retinaface", "analysing", build_retinaface, variants=SIZES),
    Model("yoloface_8n", "yolo_face", "analysing", build_yolo_face),
    Model("yunet_2023_mar", "yunet", "analysing", build_yunet),
]
