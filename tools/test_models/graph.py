"""A small builder of ONNX graphs: every value knows its concrete shape, weights are seeded, FLOPs are counted.

Shapes are those that the product feeds; a graph whose declared dimensions are symbolic must not bake them into
constants (use `dim`, 0 and -1 in `reshape`, `resize_like`).
"""
import functools
import math
import zlib

import numpy as np
from onnx import ModelProto, helper

OPSET = 17
IR_VERSION = 9
NOISE_LENGTH = {"full": 4194301, "tiny": 65521}  # primes: repeats of the noise never line up with a layer's rows
GAIN = {None: 1.0, "Tanh": 1.0, "Sigmoid": 1.0, "Relu": 1.4, "LeakyRelu": 1.4, "PRelu": 1.4, "Gelu": 1.4, "Swish": 1.6}


@functools.lru_cache(maxsize=2)
def noise(seed, length):
    return np.random.default_rng(seed).standard_normal(length, dtype=np.float32)


def element_type(dtype):
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


class Value:
    """A tensor of a graph: its name and the concrete shape. Arithmetic adds nodes."""

    def __init__(self, graph, name, shape):
        self.graph, self.name, self.shape = graph, name, tuple(int(size) for size in shape)

    def __add__(self, other):
        return self.graph.arithmetic("Add", self, other)

    def __sub__(self, other):
        return self.graph.arithmetic("Sub", self, other)

    def __mul__(self, other):
        return self.graph.arithmetic("Mul", self, other)

    def __truediv__(self, other):
        return self.graph.arithmetic("Div", self, other)

    def __rsub__(self, other):
        return self.graph.arithmetic("Sub", self.graph.constant(other), self)

    __radd__, __rmul__ = __add__, __mul__


class Graph:
    """Nodes, weights and declared tensors of one model in the making.

    compute: type of the arithmetic (inputs and outputs stay float32: casts stand at the border).
    storage: type of the weights in the file; a Cast follows where it differs from compute.
    """

    def __init__(self, name, full=False, seed=0, compute=np.float32, storage=None, opset=OPSET):
        self.name, self.full, self.seed, self.opset = name, full, seed, opset
        self.compute, self.storage = np.dtype(compute), np.dtype(storage or compute)
        self.rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        self.proto = ModelProto(ir_version=IR_VERSION, producer_name="facegraph-test-models")
        self.proto.opset_import.append(helper.make_opsetid("", opset))
        self.proto.graph.name = name
        self.feeds, self.flops, self.weights, self.count = [], 0, 0, 0

    def pick(self, full, tiny):
        return full if self.full else tiny

    # Inputs, outputs, constants

    def input(self, name, shape, low=0.0, high=1.0, declared=None, dtype=np.float32):
        self.proto.graph.input.append(helper.make_tensor_value_info(name, element_type(dtype), declared or shape))
        self.feeds.append({"name": name, "dtype": np.dtype(dtype).name, "shape": list(shape), "low": low, "high": high})
        value = Value(self, name, shape)
        return value if self.compute == dtype else self.cast(value, self.compute)

    def output(self, value, name, declared=None, dtype=np.float32):
        if dtype == np.float32 and self.compute != np.float32:
            value = self.cast(value, np.float32)
        self.proto.graph.node.append(helper.make_node("Identity", [value.name], [name], name="output/" + name))
        shape = value.shape if declared is None else declared
        self.proto.graph.output.append(helper.make_tensor_value_info(name, element_type(dtype), shape))

    def fresh(self, prefix):
        self.count += 1
        return f"{prefix}_{self.count}"

    def initializer(self, array, name=None):
        """Adds the bytes straight to the model: the large ones are held once."""
        name = name or self.fresh("w")
        tensor = self.proto.graph.initializer.add(name=name, data_type=element_type(array.dtype), dims=array.shape)
        tensor.raw_data = array.tobytes()
        return Value(self, name, array.shape)

    def constant(self, number, dtype=None):
        return self.initializer(np.asarray(number, dtype or self.compute))

    def integers(self, *numbers):
        return self.initializer(np.array(numbers, np.int64))

    def weight(self, shape, deviation=1.0, mean=0.0, name=None, dtype=None):
        """Normal numbers cut from a block of noise that all models of a seed share: as fast as copying."""
        block = noise(self.seed, NOISE_LENGTH["full" if self.full else "tiny"])
        count, start = math.prod(shape), int(self.rng.integers(len(block)))
        blocks = -(-(start + count) // len(block))
        values = (np.tile(block, blocks) if blocks > 1 else block)[start : start + count] * np.float32(deviation)
        if mean:
            values += np.float32(mean)
        self.weights += count
        value = self.initializer(values.astype(dtype or self.storage, copy=False).reshape(shape), name)
        return value if dtype or self.storage == self.compute else self.cast(value, self.compute)

    # Nodes

    def ops(self, op, inputs, shapes, **attributes):
        outputs = [Value(self, self.fresh(op.lower()), shape) for shape in shapes]
        names = [item.name if isinstance(item, Value) else item for item in inputs]
        node = helper.make_node(op, names, [value.name for value in outputs], name=f"{op}/{self.count}", **attributes)
        self.proto.graph.node.append(node)
        return outputs

    def op(self, op, inputs, shape, **attributes):
        return self.ops(op, inputs, [shape], **attributes)[0]

    def unary(self, op, x, **attributes):
        return self.op(op, [x], x.shape, **attributes)

    def arithmetic(self, op, left, right):
        right = right if isinstance(right, Value) else self.constant(right)
        return self.op(op, [left, right], np.broadcast_shapes(left.shape, right.shape))

    def cast(self, x, dtype):
        return self.op("Cast", [x], x.shape, to=element_type(dtype))

    def activate(self, x, kind):
        if kind is None:
            return x
        if kind == "LeakyRelu":
            return self.unary("LeakyRelu", x, alpha=0.2)
        if kind == "PRelu":
            return self.op("PRelu", [x, self.weight((x.shape[1], *[1] * (len(x.shape) - 2)), 0.05, 0.25)], x.shape)
        if kind == "Swish":
            return x * self.unary("Sigmoid", x)
        if kind == "Gelu":
            return x * (self.unary("Erf", x * 2**-0.5) + 1.0) * 0.5
        return self.unary(kind, x)

    # Layers

    def conv(self, x, out, k=3, stride=1, act=None, groups=1, bias=True, pad=None, dilation=1, gain=1.0, mean=0.0):
        """Convolution over all axes after the second, He-scaled for its activation; bias around `mean`."""
        ranks = len(x.shape) - 2
        fan_in = x.shape[1] // groups * k**ranks
        weight = self.weight((out, x.shape[1] // groups, *[k] * ranks), gain * GAIN[act] / fan_in**0.5)
        inputs = [x, weight] + ([self.weight((out,), 0.02, mean)] if bias else [])
        return self.activate(self.convolve(inputs, k, stride, groups, pad, dilation), act)

    def convolve(self, inputs, k, stride=1, groups=1, pad=None, dilation=1):
        x, weight = inputs[0], inputs[1]
        ranks = len(x.shape) - 2
        pad = dilation * (k // 2) if pad is None else pad
        size = [(n + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for n in x.shape[2:]]
        self.flops += 2 * math.prod(weight.shape) * math.prod(size)
        settings = {"kernel_shape": [k] * ranks, "strides": [stride] * ranks, "pads": [pad] * 2 * ranks}
        settings |= {"dilations": [dilation] * ranks, "group": groups}
        return self.op("Conv", inputs, (x.shape[0], weight.shape[0], *size), **settings)

    def conv_transpose(self, x, out, k=3, stride=2, act=None, pad=1, extra=1):
        fan_in = x.shape[1] * (k / stride) ** 2
        weight = self.weight((x.shape[1], out, k, k), GAIN[act] / fan_in**0.5)
        return self.activate(self.deconvolve([x, weight, self.weight((out,), 0.02)], k, stride, pad, extra), act)

    def deconvolve(self, inputs, k, stride, pad, extra):
        x, weight = inputs[0], inputs[1]
        size = [(n - 1) * stride - 2 * pad + k + extra for n in x.shape[2:]]
        self.flops += 2 * math.prod(weight.shape) * math.prod(x.shape[2:])
        settings = {"kernel_shape": [k, k], "strides": [stride] * 2, "pads": [pad] * 4, "output_padding": [extra] * 2}
        return self.op("ConvTranspose", inputs, (x.shape[0], weight.shape[1], *size), **settings)

    def linear(self, x, out, act=None, gain=1.0, mean=0.0, bias=True):
        """Gemm for matrices, MatMul and Add otherwise."""
        deviation = gain * GAIN[act] / x.shape[-1] ** 0.5
        self.flops += 2 * math.prod(x.shape) * out
        shape = (*x.shape[:-1], out)
        if len(x.shape) == 2:
            inputs = [x, self.weight((out, x.shape[1]), deviation)]
            inputs += [self.weight((out,), 0.02, mean)] if bias else []
            return self.activate(self.op("Gemm", inputs, shape, transB=1), act)
        y = self.op("MatMul", [x, self.weight((x.shape[-1], out), deviation)], shape)
        return self.activate(y + self.weight((out,), 0.02, mean) if bias else y, act)

    def matmul(self, a, b):
        self.flops += 2 * math.prod(a.shape) * b.shape[-1]
        return self.op("MatMul", [a, b], (*a.shape[:-1], b.shape[-1]))

    def batch_norm(self, x):
        size = (x.shape[1],)
        parts = [self.weight(size, 0.05, mean, dtype=self.compute) for mean in (1.0, 0.0, 0.0)]
        variance = self.initializer(self.rng.uniform(0.8, 1.2, size).astype(self.compute))
        self.weights += size[0]
        return self.op("BatchNormalization", [x, *parts, variance], x.shape, epsilon=1e-5)

    def instance_norm(self, x):
        scale = [self.weight((x.shape[1],), 0.05, mean) for mean in (1.0, 0.0)]
        return self.op("InstanceNormalization", [x, *scale], x.shape, epsilon=1e-5)

    def group_norm(self, x, groups):
        """As exporters write it: InstanceNormalization between two reshapes, the second one back to Shape(x)."""
        ones = [self.constant(np.full(groups, number)) for number in (1.0, 0.0)]
        flat = self.reshape(x, (0, groups, -1))
        y = self.op("InstanceNormalization", [flat, *ones], flat.shape, epsilon=1e-6)
        y = self.op("Reshape", [y, self.shape_of(x)], x.shape)
        return y * self.weight((x.shape[1], 1, 1), 0.05, 1.0) + self.weight((x.shape[1], 1, 1), 0.05)

    def layer_norm(self, x):
        scale = [self.weight((x.shape[-1],), 0.05, mean) for mean in (1.0, 0.0)]
        return self.op("LayerNormalization", [x, *scale], x.shape, axis=-1, epsilon=1e-6)

    def attention(self, x, heads):
        """Multi-head self-attention of [batch, tokens, channels]; the number of tokens is read at run time."""
        batch, _, channels = x.shape
        packed = self.reshape(self.linear(x, 3 * channels), (batch, -1, 3, heads, channels // heads))
        packed = self.transpose(packed, (2, 0, 3, 1, 4))
        parts = [self.constant(part, np.int64) for part in range(3)]
        q, k, v = (self.op("Gather", [packed, part], packed.shape[1:], axis=0) for part in parts)
        scores = self.matmul(q * (channels // heads) ** -0.5, self.transpose(k, (0, 1, 3, 2)))
        y = self.transpose(self.matmul(self.softmax(scores), v), (0, 2, 1, 3))
        return self.linear(self.reshape(y, (batch, -1, channels)), channels)

    def pool(self, x, kind, k=2, stride=2, pad=0):
        size = [(n + 2 * pad - k) // stride + 1 for n in x.shape[2:]]
        settings = {"kernel_shape": [k] * len(size), "strides": [stride] * len(size), "pads": [pad] * 2 * len(size)}
        return self.op(kind + "Pool", [x], (*x.shape[:2], *size), **settings)

    def global_pool(self, x):
        return self.op("GlobalAveragePool", [x], (*x.shape[:2], *[1] * (len(x.shape) - 2)))

    def softmax(self, x, axis=-1):
        return self.unary("Softmax", x, axis=axis)

    def reduce(self, op, x, axes, keep=True):
        axes = [axis % len(x.shape) for axis in axes]
        shape = [1 if axis in axes else n for axis, n in enumerate(x.shape) if keep or axis not in axes]
        as_input = op == "ReduceSum" or self.opset >= 18
        inputs, settings = ([x, self.integers(*axes)], {}) if as_input else ([x], {"axes": axes})
        return self.op(op, inputs, shape, keepdims=int(keep), **settings)

    # Layout

    def reshape(self, x, dims, shape=None):
        """dims: numbers (0 copies, -1 is inferred) or values of `dim`; shape: the result where it can't be told."""
        if shape is None:
            known = [d.number if isinstance(d, Value) else d or x.shape[axis] for axis, d in enumerate(dims)]
            rest = math.prod(x.shape) // max(1, math.prod(n for n in known if n != -1))
            shape = [rest if n == -1 else n for n in known]
        if not any(isinstance(d, Value) for d in dims):
            return self.op("Reshape", [x, self.integers(*dims)], shape)
        parts = [d if isinstance(d, Value) else self.integers(d) for d in dims]
        return self.op("Reshape", [x, self.op("Concat", parts, (len(parts),), axis=0)], shape)

    def shape_of(self, x):
        return self.op("Shape", [x], (len(x.shape),))

    def dim(self, x, axis):
        """One dimension as int64 [1], by Shape, Gather and Unsqueeze: the chain that ONNX Runtime keeps on the CPU."""
        picked = self.op("Gather", [self.shape_of(x), self.constant(axis, np.int64)], (), axis=0)
        value = self.op("Unsqueeze", [picked, self.integers(0)], (1,))
        value.number = x.shape[axis]
        return value

    def transpose(self, x, order):
        return self.op("Transpose", [x], [x.shape[axis] for axis in order], perm=list(order))

    def concat(self, values, axis=1):
        shape = list(values[0].shape)
        shape[axis] = sum(v.shape[axis] for v in values)
        return self.op("Concat", values, shape, axis=axis)

    def split(self, x, sizes, axis=1):
        shapes = [(*x.shape[: axis % len(x.shape)], n, *x.shape[axis % len(x.shape) + 1 :]) for n in sizes]
        return self.ops("Split", [x, self.integers(*sizes)], shapes, axis=axis)

    def slice(self, x, start, end, axis, step=1):
        shape = list(x.shape)
        shape[axis] = len(range(*slice(start, end, step).indices(shape[axis])))
        return self.op("Slice", [x, *(self.integers(n) for n in (start, end, axis, step))], shape)

    def pad(self, x, amount, mode="reflect"):
        shape = (*x.shape[:2], *(n + 2 * amount for n in x.shape[2:]))
        side = [0, 0, *[amount] * (len(x.shape) - 2)]
        return self.op("Pad", [x, self.integers(*side, *side)], shape, mode=mode)

    def resize(self, x, scale, mode="nearest", **settings):
        """mode: nearest, linear or cubic; settings replace the exporters' usual attributes."""
        usual = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"} if mode == "nearest" else {}
        usual |= {"coordinate_transformation_mode": "half_pixel", "cubic_coeff_a": -0.75} if mode == "cubic" else {}
        scales = self.initializer(np.array([1, 1] + [scale] * (len(x.shape) - 2), np.float32))
        shape = (*x.shape[:2], *(int(n * scale) for n in x.shape[2:]))
        return self.op("Resize", [x, "", scales], shape, mode=mode, **(usual | settings))

    def resize_like(self, x, other, mode="linear", **settings):
        """Resize with sizes from a chain of Shape, Slice and Concat."""
        front = self.op("Slice", [self.shape_of(x), *(self.integers(n) for n in (0, 2, 0))], (2,))
        back = self.op("Slice", [self.shape_of(other), *(self.integers(n) for n in (2, 4, 0))], (2,))
        sizes = self.op("Concat", [front, back], (4,), axis=0)
        return self.op("Resize", [x, "", "", sizes], (*x.shape[:2], *other.shape[2:]), mode=mode, **settings)

    def depth_to_space(self, x, block, mode="CRD"):
        n, c, h, w = x.shape
        return self.op("DepthToSpace", [x], (n, c // block**2, h * block, w * block), blocksize=block, mode=mode)

    def space_to_depth(self, x, block):
        n, c, h, w = x.shape
        return self.op("SpaceToDepth", [x], (n, c * block**2, h // block, w // block), blocksize=block)

    def grid_sample(self, x, grid, **settings):
        linear = "bilinear" if self.opset < 20 else "linear"
        shape = (*x.shape[:2], *grid.shape[1:-1])
        usual = {"mode": linear, "padding_mode": "zeros", "align_corners": 0}
        return self.op("GridSample", [x, grid], shape, **(usual | settings))
