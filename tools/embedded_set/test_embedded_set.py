"""Tests of the embedded set's tools, and of the files that they wrote. What needs PyTorch or the head geometry says so where it is absent."""

import pathlib
import unittest
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "models/embedded"
HEADS = ROOT.parent / "shared/makehuman-cc0"
LIMIT = 8_000_000  # bytes of all models together

# The reference families' tensors: file, inputs, outputs with their shapes for the inputs of that size.
CONTRACT = {
    "embedded_detector": ({"input": [1, 3, 640, 640]}, [[12800, 1], [3200, 1], [800, 1], [12800, 4], [3200, 4], [800, 4], [12800, 10], [3200, 10], [800, 10]]),
    "embedded_landmarker": ({"input": [1, 3, 256, 256]}, [[1, 68, 3], [1, 68, 64, 64]]),
    "embedded_five_to_68": ({"input": [1, 5, 2]}, [[1, 68, 2]]),
    "embedded_recognizer": ({"input": [1, 3, 112, 112]}, [[1, 512]]),
    "embedded_swapper_128": ({"target": [1, 3, 128, 128], "source": [1, 512]}, [[1, 3, 128, 128]]),
    "embedded_occluder": ({"input": [1, 256, 256, 3]}, [[1, 256, 256, 1]]),
}

try:
    import torch
except ImportError:
    torch = None


class Files(unittest.TestCase):
    def test_the_set_is_whole_and_small(self):
        files = sorted(path.stem for path in MODELS.glob("*.onnx"))
        self.assertEqual(files, sorted(CONTRACT))
        self.assertLessEqual(sum((MODELS / f"{name}.onnx").stat().st_size for name in files), LIMIT)
        for name in files:
            self.assertTrue((MODELS / f"{name}.md").is_file(), f"{name} has no card")

    def test_hashes_are_those_of_the_files(self):
        for name in CONTRACT:
            crc = zlib.crc32((MODELS / f"{name}.onnx").read_bytes())
            self.assertEqual((MODELS / f"{name}.hash").read_text().strip(), f"{crc:08x}", name)

    def test_tensors_are_those_of_the_reference_families(self):
        random = np.random.default_rng(1)
        for name, (inputs, outputs) in CONTRACT.items():
            with self.subTest(name):
                session = onnxruntime.InferenceSession(str(MODELS / f"{name}.onnx"), providers=["CPUExecutionProvider"])
                self.assertEqual([tensor.name for tensor in session.get_inputs()], list(inputs))
                fed = {key: random.random(shape, dtype=np.float32) for key, shape in inputs.items()}
                found = session.run(None, fed)
                self.assertEqual([list(value.shape) for value in found], outputs)
                for value in found:
                    self.assertEqual(value.dtype, np.float32)
                    self.assertTrue(np.isfinite(value).all())
                    self.assertGreater(float(value.std()), 0)

    def test_the_swapper_ends_with_the_unit_matrix(self):
        last = onnx.load(MODELS / "embedded_swapper_128.onnx").graph.initializer[-1]
        self.assertEqual(last.name, "emap")
        np.testing.assert_array_equal(numpy_helper.to_array(last).astype(np.float32), np.eye(512, dtype=np.float32))


@unittest.skipIf(torch is None, "PyTorch is not installed")
class Arithmetic(unittest.TestCase):
    def test_a_ring_keeps_the_newest(self):
        from embedded_set.stages import Ring

        ring = Ring(5)
        for start in range(0, 8, 2):
            ring.add(torch.arange(start, start + 2))
        self.assertEqual(ring.filled, 5)
        self.assertEqual(sorted(ring.data[0].tolist()), [3, 4, 5, 6, 7])

    def test_similarity_finds_the_transform_that_was_applied(self):
        from embedded_set.studio import apply, similarity

        angle, scale = 0.4, 1.7
        turn = scale * torch.tensor([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], dtype=torch.float32)
        points = torch.tensor([[[0.0, 0.0], [3.0, 1.0], [1.0, 4.0], [2.0, 2.0], [5.0, 3.0]]])
        goal = points @ turn.T + torch.tensor([10.0, -4.0])
        found = apply(similarity(points, goal), points)
        np.testing.assert_allclose(found.numpy(), goal.numpy(), atol=1e-4)

    def test_five_points_are_means_of_the_68(self):
        from embedded_set.landmarks import five_of

        points = torch.rand(2, 68, 2, generator=torch.Generator().manual_seed(3))
        five = five_of(points)
        self.assertEqual(list(five.shape), [2, 5, 2])
        np.testing.assert_allclose(five[:, 0].numpy(), points[:, 36:42].mean(1).numpy(), atol=1e-6)
        np.testing.assert_allclose(five[:, 2].numpy(), points[:, 30].numpy(), atol=1e-6)
        np.testing.assert_allclose(five[:, 4].numpy(), points[:, 54].numpy(), atol=1e-6)

    def test_a_figure_without_a_number_misses_its_limit(self):
        from embedded_set.evaluate import short

        limits = {"high": 0.9, "low": -0.1, "absent": 1.0}
        self.assertEqual(short({"high": 0.95, "low": 0.05}, limits), [])
        self.assertEqual(short({"high": 0.85, "low": 0.2}, limits), ["high", "low"])
        self.assertEqual(short({"high": float("nan")}, limits), ["high"])


@unittest.skipIf(torch is None, "PyTorch is not installed")
@unittest.skipUnless(HEADS.is_dir(), f"no MakeHuman heads at {HEADS.name}")
class Heads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from embedded_set import mesh

        cls.head = mesh.load(HEADS)

    def studio(self):
        from embedded_set.studio import Studio

        return Studio(self.head, torch.device("cpu"), 5, 2)

    def test_people_depend_on_the_seed_alone(self):
        one, other = (studio.shot(2).points for studio in (self.studio(), self.studio()))
        np.testing.assert_array_equal(one.numpy(), other.numpy())

    def test_landmarks_of_a_face_lie_where_a_face_has_them(self):
        shot = self.studio().shot(2, limit=10.0, share=0.0)
        points = shot.points
        self.assertEqual(list(points.shape[1:]), [68, 2])
        eyes, mouth = points[:, 36:48].mean(1), points[:, 48:68].mean(1)
        self.assertTrue((mouth[:, 1] > eyes[:, 1]).all())
        self.assertTrue((points[:, 36:42].mean(1)[:, 0] < points[:, 42:48].mean(1)[:, 0]).all())
        self.assertTrue((points[:, 8, 1] > mouth[:, 1]).all())


if __name__ == "__main__":
    unittest.main()
