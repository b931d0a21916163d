"""Models of no product: each holds one thing that must refuse a capture, and says so."""
from onnx import TensorProto, helper

from .catalogue import Model


def start(g):
    return g.conv(g.input("input", (1, 3, 64, 64)), 8, act="Relu")


def build_if(g):
    """An `If` on data: its condition can't be folded."""
    x = start(g)
    mean = g.reduce("ReduceMean", x, (0, 1, 2, 3), keep=False)
    bright = g.op("Greater", [mean, g.constant(0.4)], ())
    branches = {}
    for name, op in (("then_branch", "Sigmoid"), ("else_branch", "Tanh")):
        result = g.fresh(name)
        output = helper.make_tensor_value_info(result, TensorProto.FLOAT, x.shape)
        branches[name] = helper.make_graph([helper.make_node(op, [x.name], [result])], name, [], [output])
    g.output(g.op("If", [bright], x.shape, **branches), "output")


def build_nonzero(g):
    """NonZero: the result's shape is known after a wait for the device."""
    x = start(g)
    places = g.op("NonZero", [g.op("Greater", [x, g.constant(0.5)], x.shape)], (4, 1))
    count = g.op("Gather", [g.shape_of(places), g.constant(1, "int64")], (), axis=0)
    g.output(x * g.cast(count, "float32") / float(8 * 64 * 64), "output")


def build_cpu_node(g):
    """Det has no CUDA kernel: the tensor is copied to the host and back."""
    x = start(g)
    small = g.reshape(g.pool(x, "Average", 16, 16), (8, 4, 4))
    weight = g.op("Det", [small + g.constant([[[float(a == b) for b in range(4)] for a in range(4)]])], (8,))
    g.output(x * g.reshape(weight, (1, 8, 1, 1)), "output")


MODELS = [
    Model("probe_if", "probe", "probe", build_if, refusal="holds an `If` whose condition depends on data"),
    Model("probe_nonzero", "probe", "probe", build_nonzero, refusal="NonZero makes a shape that depends on data"),
    Model("probe_cpu_node", "probe", "probe", build_cpu_node, refusal="Det runs on the CPU, with copies around it"),
]
