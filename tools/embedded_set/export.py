"""Checkpoints -> ONNX files of the product: `python3 -m embedded_set.export CHECKPOINTS MODELS [STAGE...]`.

Batch norm is folded, weights are stored as fp16 behind a Cast (the runtime widens them once, at load), names and shapes follow the
contract of the reference families. Beside each file lies its .hash (CRC-32 of the file, eight hex digits).
"""

import inspect
import pathlib
import sys
import zlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn.utils import fusion

from . import face_networks, networks, train

OPSET = 17
CONTRACT = {  # stage: (file stem, inputs {name: shape}, output names)
    "detector": ("embedded_detector", {"input": [1, 3, 640, 640]}, [f"{kind}_{s}" for kind in ("score", "bbox", "kps") for s in (8, 16, 32)]),
    "landmarker": ("embedded_landmarker", {"input": [1, 3, 256, 256]}, ["landmarks_xyscore", "heatmaps"]),
    "five_to_68": ("embedded_five_to_68", {"input": [1, 5, 2]}, ["landmarks"]),
    "recognizer": ("embedded_recognizer", {"input": [1, 3, 112, 112]}, ["embedding"]),
    "swapper": ("embedded_swapper_128", {"target": [1, 3, 128, 128], "source": [1, 512]}, ["output"]),
    "occluder": ("embedded_occluder", {"input": [1, 256, 256, 3]}, ["output"]),
    "classifier": ("embedded_classifier", {"input": [1, 3, 224, 224]}, ["race_id", "gender_id", "age_id"]),
    "parser": ("embedded_parser", {"input": [1, 3, 512, 512]}, ["output"]),
    "landmarker_2": ("embedded_landmarker_2", {"input": [1, 3, 256, 256]}, ["output"]),
    "face_enhancer": ("embedded_face_enhancer", {"input": [1, 3, 512, 512]}, ["output"]),
    "frame_enhancer": ("embedded_frame_enhancer", {"input": [1, 3, 256, 256]}, ["output"]),
    "frame_colorizer": ("embedded_frame_colorizer", {"input": [1, 3, 256, 256]}, ["output"]),
    "background_remover": ("embedded_background_remover", {"input": [1, 3, 512, 512]}, ["output"]),
}
FREE_SIDES = ("detector", "frame_colorizer")  # their input has any size
# Newer exporters need another package; the old one does all that these networks ask for.
EXPORTER = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}


def fold(net):
    """Folds batch norm into the layer before it."""
    for module in net.modules():
        if isinstance(module, networks.Conv) and module[0].bias is None:  # one with batch norm
            module[0], module[1] = fusion.fuse_conv_bn_eval(module[0], module[1]), torch.nn.Identity()
    if isinstance(net, networks.Recognizer):
        net.place, net.norm = fusion.fuse_conv_bn_eval(net.place, net.norm), torch.nn.Identity()
        net.out, net.last = fusion.fuse_linear_bn_eval(net.out, net.last), torch.nn.Identity()
    return net


def halve(graph):
    """Stores float initializers of some size as fp16, each widened by a Cast."""
    casts = []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 64:
            continue
        half = numpy_helper.from_array(values.astype(np.float16), tensor.name + "_fp16")
        graph.initializer.remove(tensor)
        graph.initializer.append(half)
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], name=tensor.name + "_cast", to=TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)


def to_onnx(stage, net, path):
    _, inputs, outputs = CONTRACT[stage]
    net = fold(net.eval())
    dynamic = {"input": {2: "height", 3: "width"}} if stage in FREE_SIDES else {}
    if isinstance(net, (networks.Detector, face_networks.Classifier)):
        net.export = True
    tensors = tuple(torch.rand(shape) for shape in inputs.values())
    torch.onnx.export(net, tensors, str(path), input_names=list(inputs), output_names=outputs, opset_version=OPSET, dynamic_axes=dynamic,
                      do_constant_folding=True, **EXPORTER)
    model = onnx.load(str(path))
    halve(model.graph)
    if stage == "detector":
        for output in model.graph.output:
            output.type.tensor_type.shape.dim[0].dim_param = "rows_" + output.name.split("_")[1]
            output.type.tensor_type.shape.dim[1].dim_value = {"score": 1, "bbox": 4, "kps": 10}[output.name.split("_")[0]]
    if stage == "frame_colorizer":
        for k, name in ((2, "height"), (3, "width")):
            model.graph.output[0].type.tensor_type.shape.dim[k].dim_param = name
    if stage == "swapper":  # the product multiplies the raw embedding by the last initializer; ours needs no change of basis
        model.graph.initializer.append(numpy_helper.from_array(np.eye(512, dtype=np.float16), "emap"))
    model.producer_name, model.producer_version, model.doc_string = "embedded_set", "1", ""
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.doc_string = node.name = ""
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    path.with_suffix(".hash").write_text(f"{zlib.crc32(path.read_bytes()):08x}")


def main():
    checkpoints, models = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    models.mkdir(parents=True, exist_ok=True)
    for stage in sys.argv[3:] or CONTRACT:
        net = train.STAGES[stage].network()
        train.load_weights(net, checkpoints / f"{stage}.pt")
        path = models / f"{CONTRACT[stage][0]}.onnx"
        to_onnx(stage, net, path)
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
