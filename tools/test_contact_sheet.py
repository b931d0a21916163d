"""contact_sheet on a made-up golden folder: what is where on the sheet, and what it says about outputs that do not fit."""
import importlib.machinery
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np

TOOL = pathlib.Path(__file__).resolve().parent / "contact_sheet"
loader = importlib.machinery.SourceFileLoader("contact_sheet", str(TOOL))
loader_spec = importlib.util.spec_from_loader("contact_sheet", loader)
contact_sheet = importlib.util.module_from_spec(loader_spec)
loader.exec_module(contact_sheet)


def write_png(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = "rgba" if picture.shape[2] == 4 else "rgb24"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", pixels, "-s",
                    f"{picture.shape[1]}x{picture.shape[0]}", "-i", "-", "-frames:v", "1", str(path)], input=picture.tobytes(), check=True)


def flat(value, width=40, height=30, channels=3):
    return np.full((height, width, channels), value, np.uint8)


@unittest.skipUnless(shutil.which("ffmpeg"), "ffmpeg is not installed")
class ContactSheet(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.cases = []

    def add(self, name, ours, reference):
        self.cases.append({"id": name, "args": "", "output": f"{name}.png", "golden": f"cases/{name}.png"})
        write_png(self.root / "goldens/cases" / f"{name}.png", reference)
        if ours is not None:
            write_png(self.root / "out" / f"{name}.png", ours)

    def run_tool(self, *more):
        (self.root / "goldens").mkdir(exist_ok=True)
        (self.root / "goldens/manifest.json").write_text(json.dumps({"cases": self.cases}))
        words = [sys.executable, str(TOOL), str(self.root / "out"), str(self.root / "goldens"), str(self.root / "sheet.png"), *more]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def tile(self, place, column=0, line=0):
        """Of a case on the sheet: 0 ours, 1 the reference, 2 the difference, without what lies beside it."""
        sheet = contact_sheet.read(self.root / "sheet.png")[..., :3]
        step = contact_sheet.SIDE + contact_sheet.GAP
        top = line * (contact_sheet.TITLE + contact_sheet.SIDE) + contact_sheet.TITLE
        left = (3 * column + place) * step
        return sheet[top:top + contact_sheet.SIDE, left:left + contact_sheet.SIDE]

    def test_shows_ours_the_reference_and_ten_times_the_difference(self):
        ours = flat(100)
        ours[3, 5] = (107, 100, 60)
        self.add("one", ours, flat(100))
        result = self.run_tool()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout.strip(), "one: max 40, 51.5 dB")
        self.assertEqual(self.tile(0)[3, 5].tolist(), [107, 100, 60])
        self.assertEqual(self.tile(1)[3, 5].tolist(), [100, 100, 100])
        self.assertEqual(self.tile(2)[3, 5].tolist(), [70, 0, 255])
        self.assertEqual(self.tile(2)[:30, :40].astype(int).sum(), 325)

    def test_a_single_pixel_of_a_large_picture_stays_to_be_seen(self):
        ours = flat(50, 1500, 700)
        ours[650, 1401] += 3
        self.add("large", ours, flat(50, 1500, 700))
        self.assertEqual(self.run_tool().returncode, 0)
        self.assertEqual(self.tile(2)[650 // 4, 1401 // 4].tolist(), [30, 30, 30])
        self.assertEqual(self.tile(0)[10, 10].tolist(), [50, 50, 50])

    def test_alpha_counts_and_shows(self):
        ours, reference = flat(200, channels=4), flat(200, channels=4)
        ours[..., 3], reference[..., 3] = 0, 20
        self.add("alpha", ours, reference)
        self.assertIn("alpha: max 20", self.run_tool().stdout)
        self.assertEqual(self.tile(0)[5, 5].tolist(), [contact_sheet.GREY] * 3)
        self.assertEqual(self.tile(2)[5, 5].tolist(), [200, 200, 200])

    def test_cases_stand_beside_and_below_each_other(self):
        for place in range(3):
            self.add(f"case{place}", flat(10 * place + 20), flat(10 * place + 20))
        self.add("other", flat(0), flat(0))
        self.assertEqual(self.run_tool("--only", "case").stdout.count("99.0 dB"), 3)
        self.assertEqual(self.tile(0, column=1)[0, 0].tolist(), [30, 30, 30])
        self.assertEqual(self.tile(1, line=1)[0, 0].tolist(), [40, 40, 40])

    def test_says_what_could_not_be_shown(self):
        self.add("good", flat(1), flat(1))
        self.add("gone", None, flat(1))
        self.add("small", flat(1, 20, 10), flat(1))
        result = self.run_tool()
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"gone: not shown: .*gone\.png is missing")
        self.assertRegex(result.stderr, r"small: not shown: .* is 20x10, expected 40x30")
        self.assertEqual(self.tile(0)[0, 0].tolist(), [1, 1, 1])

    def test_without_any_output_there_is_no_sheet(self):
        self.add("gone", None, flat(1))
        result = self.run_tool()
        self.assertEqual(result.returncode, 1)
        self.assertIn("nothing to show", result.stderr)
        self.assertFalse((self.root / "sheet.png").exists())


if __name__ == "__main__":
    unittest.main()
