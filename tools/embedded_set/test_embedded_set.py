"""Tests of the embedded set's tools, and of the files that they wrote. What needs PyTorch or the head geometry says so where it is absent."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
import warnings
import zlib
from unittest import mock

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "models/embedded"
HEADS = ROOT.parent / "shared/makehuman-cc0"
LIMIT = 15_000_000  # bytes of all models together

# The reference families' tensors: file, inputs, outputs with their shapes for the inputs of that size.
FIRST = {
    "embedded_detector": ({"input": [1, 3, 640, 640]}, [[12800, 1], [3200, 1], [800, 1], [12800, 4], [3200, 4], [800, 4], [12800, 10], [3200, 10], [800, 10]]),
    "embedded_landmarker": ({"input": [1, 3, 256, 256]}, [[1, 68, 3], [1, 68, 64, 64]]),
    "embedded_five_to_68": ({"input": [1, 5, 2]}, [[1, 68, 2]]),
    "embedded_recognizer": ({"input": [1, 3, 112, 112]}, [[1, 512]]),
    "embedded_swapper_128": ({"target": [1, 3, 128, 128], "source": [1, 512]}, [[1, 3, 128, 128]]),
    "embedded_occluder": ({"input": [1, 256, 256, 3]}, [[1, 256, 256, 1]]),
}
FURTHER = {  # of face_stages.py and frame_stages.py
    "embedded_classifier": ({"input": [1, 3, 224, 224]}, [[1], [1], [1]]),
    "embedded_parser": ({"input": [1, 3, 512, 512]}, [[1, 19, 512, 512]]),
    "embedded_landmarker_2": ({"input": [1, 3, 256, 256]}, [[1, 204]]),
    "embedded_face_enhancer": ({"input": [1, 3, 512, 512]}, [[1, 3, 512, 512]]),
    "embedded_frame_enhancer": ({"input": [1, 3, 256, 256]}, [[1, 3, 512, 512]]),
    "embedded_frame_colorizer": ({"input": [1, 3, 256, 256]}, [[1, 2, 256, 256]]),
    "embedded_background_remover": ({"input": [1, 3, 512, 512]}, [[1, 1, 512, 512]]),
}
SHIPPED = FIRST | FURTHER

try:
    import torch
except ImportError:
    torch = None


def run_of_the_contract(test, path, inputs, outputs):
    """Runs the file on noise; its tensors have the names, types and shapes of its family."""
    random = np.random.default_rng(1)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    test.assertEqual([tensor.name for tensor in session.get_inputs()], list(inputs))
    found = session.run(None, {key: random.random(shape, dtype=np.float32) for key, shape in inputs.items()})
    test.assertEqual([list(value.shape) for value in found], outputs)
    wanted = np.int64 if path.stem == "embedded_classifier" else np.float32
    test.assertEqual({value.dtype for value in found}, {np.dtype(wanted)})
    return found


class Files(unittest.TestCase):
    def test_the_set_is_whole_and_small(self):
        files = sorted(path.stem for path in MODELS.glob("*.onnx"))
        self.assertEqual(files, sorted(SHIPPED))
        self.assertLessEqual(sum((MODELS / f"{name}.onnx").stat().st_size for name in files), LIMIT)
        for name in files:
            self.assertTrue((MODELS / f"{name}.md").is_file(), f"{name} has no card")

    def test_hashes_are_those_of_the_files(self):
        for name in SHIPPED:
            crc = zlib.crc32((MODELS / f"{name}.onnx").read_bytes())
            self.assertEqual((MODELS / f"{name}.hash").read_text().strip(), f"{crc:08x}", name)

    def test_tensors_are_those_of_the_reference_families(self):
        for name, tensors in SHIPPED.items():
            with self.subTest(name):
                found = run_of_the_contract(self, MODELS / f"{name}.onnx", *tensors)
                for value in found:
                    self.assertTrue(np.isfinite(value).all())
                    self.assertTrue(value.size == 1 or value.std() > 0)

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


    def test_age_classes_share_one_person(self):
        from embedded_set.face_stages import age_shares

        shares = age_shares(torch.tensor([1.0, 6.5, 25.0, 39.9, 85.0]))
        np.testing.assert_allclose(shares.sum(1).numpy(), 1, atol=1e-6)
        self.assertEqual(shares.argmax(1).tolist(), [0, 1, 3, 4, 8])
        self.assertAlmostEqual(float(shares[3, 4]), float(shares[3, 5]), delta=0.02)

    def test_pixels_are_counted_by_true_and_found_class(self):
        from embedded_set.face_figures import confusion

        goal, found = np.array([[0, 17], [17, 18]], np.uint8), np.array([[0, 17], [1, 18]])
        table = np.zeros((19, 19))
        table[0, 0] = table[17, 17] = table[17, 1] = table[18, 18] = 1
        np.testing.assert_array_equal(confusion(goal, found), table)

    def test_lab_is_the_colour_space_of_that_name(self):
        from embedded_set import colour

        red, grey = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1), torch.full((1, 3, 1, 1), 0.5)
        np.testing.assert_allclose(colour.to_lab(red).flatten().numpy(), [53.24, 80.09, 67.20], atol=0.05)
        np.testing.assert_allclose(colour.to_lab(grey).flatten().numpy(), [53.39, 0, 0], atol=0.05)
        picture = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(4))
        np.testing.assert_allclose(colour.from_lab(colour.to_lab(picture)).numpy(), picture.numpy(), atol=1e-4)
        np.testing.assert_allclose(colour.grey(red).flatten().numpy(), 0.299, atol=1e-6)

    def test_the_second_landmarker_reads_places_off_its_maps(self):
        from embedded_set.face_networks import PointLandmarker

        net = PointLandmarker().eval()
        maps = torch.zeros(1, 68, 32, 32)
        maps[0, :, 5, 9] = 100.0  # one cell holds everything: its centre in crop pixels is (9 * 8 + 3.5, 5 * 8 + 3.5)
        with torch.no_grad(), mock.patch.object(net.head, "forward", lambda fine: maps):
            found = net(torch.rand(1, 3, 256, 256)).view(68, 3)
        np.testing.assert_allclose(found[:, 0].numpy() * 4, 75.5, atol=1e-3)
        np.testing.assert_allclose(found[:, 1].numpy() * 4, 43.5, atol=1e-3)


@unittest.skipIf(torch is None, "PyTorch is not installed")
class Exports(unittest.TestCase):
    """The further networks with chance weights, on their way to a file."""

    @classmethod
    def setUpClass(cls):
        from embedded_set import export, train

        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.files = {}
        torch.manual_seed(1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for stage, (stem, _, _) in export.CONTRACT.items():
                if stem in FURTHER:
                    cls.files[stem] = pathlib.Path(cls.folder.name) / f"{stem}.onnx"
                    export.to_onnx(stage, train.STAGES[stage].network(), cls.files[stem])

    def test_tensors_are_those_of_the_reference_families(self):
        self.assertEqual(sorted(self.files), sorted(FURTHER))
        for name, path in self.files.items():
            with self.subTest(name):
                found = run_of_the_contract(self, path, *FURTHER[name])
                self.assertTrue(all(np.isfinite(value).all() for value in found))

    def test_they_fit_beside_the_first_ones(self):
        first = sum((MODELS / f"{name}.onnx").stat().st_size for name in FIRST)
        self.assertLessEqual(first + sum(path.stat().st_size for path in self.files.values()), LIMIT)

    def test_the_colorizer_takes_every_size_of_its_option(self):
        session = onnxruntime.InferenceSession(str(self.files["embedded_frame_colorizer"]), providers=["CPUExecutionProvider"])
        for side in (192, 384, 512):
            self.assertEqual(session.run(None, {"input": np.zeros((1, 3, side, side), np.float32)})[0].shape, (1, 2, side, side))

    def test_enhancers_start_from_the_picture_itself(self):
        picture = np.random.default_rng(2).random((1, 3, 512, 512), dtype=np.float32)
        session = onnxruntime.InferenceSession(str(self.files["embedded_face_enhancer"]), providers=["CPUExecutionProvider"])
        np.testing.assert_allclose(session.run(None, {"input": picture})[0], picture, atol=1e-6)


@unittest.skipIf(torch is None, "PyTorch is not installed")
@unittest.skipUnless(HEADS.is_dir(), f"no MakeHuman heads at {HEADS.name}")
class Heads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from embedded_set import mesh

        cls.head = mesh.load(HEADS)

    def test_regions_lie_where_a_face_has_them(self):
        room = self.studio()
        shot = room.shot(2, limit=5.0, share=0.0)
        shot.rows["hair_on"], shot.wear["glasses"] = 0.0, torch.zeros(2)
        _, regions = room.parse(shot, room.five_affine(shot, "ffhq_512", 192, 0.0), (192, 192), 0.0)
        y, x = np.mgrid[:192, :192]
        for picture in regions.numpy():
            centre = {k: np.array([x[picture == k].mean(), y[picture == k].mean()]) for k in (1, 2, 3, 4, 5, 10, 12, 13) if (picture == k).any()}
            self.assertTrue({1, 2, 3, 10, 12, 13} <= set(centre))
            self.assertGreater(centre[2][0], centre[3][0])  # the person's left is the picture's right
            self.assertLess(centre[2][1], centre[10][1])
            self.assertLess(centre[10][1], centre[12][1])
            self.assertLess(centre[12][1], centre[13][1])
            self.assertLess(set(np.unique(picture)), set(range(19)) - {9, 15, 18})

    def test_labels_follow_the_morphs(self):
        people = self.studio().random.identities(64, youngest=1.0, children=0.5)
        share = lambda word: people.weights[:, [k for k, name in enumerate(self.head["names"]) if name.startswith("macrodetails/") and word in name]].sum(1)
        np.testing.assert_allclose(share("-male-").numpy(), people.male.numpy(), atol=1e-4)
        np.testing.assert_allclose((10 * share("-child") + 25 * share("-young") + 90 * share("-old")).numpy(), people.age.numpy(), atol=1e-2)
        np.testing.assert_allclose(share("/asian-").numpy(), people.ethnicity[:, 1].numpy(), atol=1e-4)

    def test_every_further_stage_learns_from_what_it_draws(self):
        from embedded_set import export, train

        room = self.studio()
        for name, stage in train.STAGES.items():
            if export.CONTRACT[name][0] not in FURTHER:
                continue
            with self.subTest(name):
                tool = stage(room)
                tool.size = 128
                with torch.no_grad():
                    tool.prepare(True)
                loss = tool.loss(tool.net)
                loss.backward()
                self.assertTrue(np.isfinite(float(loss)))
                self.assertTrue(any(p.grad is not None and float(p.grad.abs().sum()) > 0 for p in tool.net.parameters()))

    def test_a_finished_stage_is_skipped_and_goes_on_when_asked(self):
        from embedded_set import evaluate, export, train

        with tempfile.TemporaryDirectory() as folder:
            self.assertIn('"steps": 3', self.train(folder))
            self.assertIn("finished before, skipped", self.train(folder))
            self.assertIn('"steps": 6', self.train(folder, "--again"))
            out = pathlib.Path(folder)
            with mock.patch.object(sys, "argv", ["export", folder, folder, "classifier"]), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with contextlib.redirect_stdout(io.StringIO()):
                    export.main()
            self.assertEqual((out / "embedded_classifier.hash").read_text(), f"{zlib.crc32((out / 'embedded_classifier.onnx').read_bytes()):08x}")
            models = evaluate.Models(out, 1)
            self.assertEqual(list(models.sessions), ["classifier"])
            with torch.no_grad():
                figures = evaluate.MEASURES["classifier"](models, self.studio(), 2)
            self.assertLessEqual({"classifier_age_within_one", "classifier_race_all"}, set(figures))

    def train(self, folder, *flags):
        from embedded_set import mesh, train

        said = io.StringIO()
        arguments = ["train", "classifier", "--heads", str(HEADS), "--out", folder, "--device", "cpu", "--quick", *flags]
        with mock.patch.object(sys, "argv", arguments), mock.patch.object(mesh, "load", lambda path: self.head), contextlib.redirect_stdout(said):
            train.main()
        return said.getvalue()

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
