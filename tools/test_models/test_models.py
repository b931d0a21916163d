#!/usr/bin/env python3
"""Every tiny model runs on the CPU, is finite and depends on its inputs; the bytes follow from the seed alone."""
import json
import os
import pathlib
import sys
import tempfile
import unittest

import numpy as np
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from test_models.__main__ import write_model, write_models  # noqa: E402
from test_models.catalogue import catalogue  # noqa: E402
from test_models.contract import compare  # noqa: E402

def shared_folder():
    root = pathlib.Path(__file__).resolve().parents[2]
    return pathlib.Path(os.environ.get("FACEGRAPH_SHARED", root.parent / "shared"))


def picture_like(rng, tensor, shape, brightness):
    """Coarse blocks plus noise within the input's range; `brightness` bends the values, so that means differ too."""
    coarse = [max(1, n // 16) if n > 4 else n for n in shape]
    values = rng.random(coarse, np.float32)
    for axis, size in enumerate(shape):
        values = np.repeat(values, -(-size // values.shape[axis]), axis).take(range(size), axis)
    values = (0.7 * values + 0.3 * rng.random(shape, np.float32)) ** brightness
    return np.asarray(tensor["low"] + values * (tensor["high"] - tensor["low"]), tensor["dtype"])


def feeds(entry, seed, brightness, shapes=None):
    rng = np.random.default_rng(seed)
    shapes = shapes or [tensor["shape"] for tensor in entry["inputs"]]
    pairs = zip(entry["inputs"], shapes)
    return {tensor["name"]: picture_like(rng, tensor, shape, brightness) for tensor, shape in pairs}


class TinyModels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        write_models(cls.folder, list(catalogue()), full=False, seed=1, jobs=1)
        cls.entries = json.loads((cls.folder / "models.json").read_text())

    def session(self, entry):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(self.folder / entry["file"], options, ["CPUExecutionProvider"])

    def test_every_model_runs(self):
        for entry in self.entries:
            with self.subTest(entry["name"]):
                session = self.session(entry)
                first, second = (session.run(None, feeds(entry, seed, power)) for seed, power in ((1, 0.6), (2, 1.8)))
                self.check_outputs(entry, first, second)
                for shapes in entry["variants"]:
                    for value in session.run(None, feeds(entry, 1, 0.6, shapes)):
                        self.assertTrue(np.isfinite(value).all(), shapes)

    def check_outputs(self, entry, first, second):
        for name, a, b in zip(entry["outputs"], first, second):
            self.assertTrue(np.isfinite(a).all() and np.isfinite(b).all(), f"{name} holds numbers that are not finite")
            self.assertLess(np.abs(a).max(), 3000, name)
            if a.dtype == np.int64:  # a class: two pictures may share it, see the next test
                continue
            self.assertGreater(np.abs(a - b).max(), 1e-5, f"{name} does not depend on the inputs")
            if a.size > 1:
                self.assertGreater(a.std(), 1e-5, f"{name} is constant")

    def test_classes_vary(self):
        entry = next(item for item in self.entries if item["name"] == "fairface")
        session = self.session(entry)
        answers = [session.run(None, feeds(entry, seed, 0.4 + 0.2 * seed)) for seed in range(12)]
        races, _, ages = ({int(value[0]) for value in column} for column in zip(*answers))
        self.assertGreater(len(races), 1, "race_id")
        self.assertGreater(len(ages), 1, "age_id")

    def test_thresholds_are_not_reached(self):
        """The models must not make the product refuse a picture or find faces everywhere."""
        results = {}
        for entry in self.entries:
            if entry["name"] in ("nsfw_1", "nsfw_2", "nsfw_3", "yoloface_8n", "yunet_2023_mar", "scrfd_2.5g"):
                results[entry["name"]] = self.session(entry).run(None, feeds(entry, 1, 0.6))
        self.assertLess(results["nsfw_1"][0][:, 4:].max(), 0.2)
        self.assertLess(results["nsfw_2"][0][0, 0] - results["nsfw_2"][0][0, 1], 0.25)
        self.assertLess(results["nsfw_3"][0][0, 2:].sum() - results["nsfw_3"][0][0, :2].sum(), 10.5)
        self.assertLess(results["yoloface_8n"][0][:, 4].max(), 0.5)
        for level in range(3):
            self.assertLess((results["yunet_2023_mar"][level] * results["yunet_2023_mar"][level + 3]).max(), 0.25)
            self.assertLess(results["scrfd_2.5g"][level].max(), 0.5)

    def test_each_input_counts(self):
        for entry in self.entries:
            if len(entry["inputs"]) == 1:
                continue
            session, base = self.session(entry), feeds(entry, 1, 0.6)
            result = session.run(None, base)
            other = feeds(entry, 2, 1.8)
            for name in base:
                with self.subTest(entry["name"], input=name):
                    changed = session.run(None, base | {name: other[name]})
                    gaps = [np.abs(np.asarray(a - b, np.float64)).max() for a, b in zip(result, changed)]
                    self.assertGreater(max(gaps), 1e-6, f"{name} changes no output")

    def test_bytes_follow_from_the_seed(self):
        with tempfile.TemporaryDirectory() as other:
            for name in ("inswapper_128", "gfpgan_1.4", "edtalk_256", "scrfd_2.5g"):
                entry = next(item for item in self.entries if item["name"] == name)
                original = (self.folder / entry["file"]).read_bytes()
                write_model(name, other, False, 1)
                self.assertEqual((pathlib.Path(other) / entry["file"]).read_bytes(), original, name)
                write_model(name, other, False, 2)
                self.assertNotEqual((pathlib.Path(other) / entry["file"]).read_bytes(), original, name)

    def test_size_of_the_tiny_set(self):
        self.assertLess(sum(entry["bytes"] for entry in self.entries), 40e6)

    def test_tensors_agree_with_the_contract(self):
        references = shared_folder() / "contract" / "models"
        if not references.is_dir():
            self.skipTest(f"no contract models at {references}; set FACEGRAPH_SHARED")
        expected = ["custom/contract_morph_256.dfm: no test model"]
        self.assertEqual(compare(self.folder, references, self.entries), expected)


if __name__ == "__main__":
    unittest.main()
