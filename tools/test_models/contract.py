"""Compares the declared tensors of written models with those of a folder of reference models."""
import pathlib

import onnx


def signature(path):
    """Inputs and outputs in order: (kind, name, element type, dims); a symbolic dimension is None."""
    graph = onnx.load(path, load_external_data=False).graph
    weights = {item.name for item in graph.initializer}
    rows = []
    for kind, values in (("input", graph.input), ("output", graph.output)):
        for value in values:
            tensor = value.type.tensor_type
            dims = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
            if value.name not in weights:
                rows.append((kind, value.name, onnx.TensorProto.DataType.Name(tensor.elem_type), dims))
    return rows


def differences(file, reference):
    """One line per tensor that differs."""
    ours, theirs = signature(file), signature(reference)
    if ours == theirs:
        return []
    lines = [f"{file.name}: only here: {row}" for row in ours if row not in theirs]
    lines += [f"{file.name}: only in the reference: {row}" for row in theirs if row not in ours]
    return lines or [f"{file.name}: another order of tensors"]


def compare(folder, references, entries):
    """Lines of differences of all entries that the reference folder holds, and files that only one side has."""
    folder, references = pathlib.Path(folder), pathlib.Path(references)
    known = {str(path.relative_to(references)) for path in references.rglob("*") if path.suffix in (".onnx", ".dfm")}
    lines = []
    for entry in entries:
        if entry["file"] in known:
            lines += differences(folder / entry["file"], references / entry["file"])
    missing = known - {entry["file"] for entry in entries}
    return lines + [f"{name}: no test model" for name in sorted(missing)]
