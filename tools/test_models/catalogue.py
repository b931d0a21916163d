"""What one test model is, and the list of all."""
import dataclasses
import importlib
from typing import Callable

from .graph import Graph

GROUPS = ("detectors", "faces", "content", "swappers", "enhancers", "portrait", "frames", "backgrounds", "probes")


@dataclasses.dataclass(frozen=True)
class Model:
    """name: file stem and session name; stage: analysing, extracting, processing or probe (no model of the product).

    options: arguments of Graph; variants: other input shapes that the product feeds;
    refusal: why no capture is expected; note: what a capture depends on.
    """

    name: str
    family: str
    stage: str
    build: Callable
    options: dict = dataclasses.field(default_factory=dict)
    variants: tuple = ()
    suffix: str = ".onnx"
    refusal: str = ""
    note: str = ""

    @property
    def file(self):
        return self.name + self.suffix

    def graph(self, full, seed):
        graph = Graph(self.name, full, seed, **self.options)
        self.build(graph)
        return graph


def catalogue():
    """All models by name."""
    groups = (importlib.import_module("." + group, __package__) for group in GROUPS)
    return {model.name: model for group in groups for model in group.MODELS}
