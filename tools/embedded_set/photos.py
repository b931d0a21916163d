"""Tries the detector and the landmarker on photographs: `python3 -m embedded_set.photos MODELS OUT.png PICTURE_OR_VIDEO...`.

Runs on up to three frames of each file, prints what it finds and draws it. There is no ground truth here: look at the sheet.
"""

import pathlib
import sys

import cv2
import numpy as np

from .evaluate import Models, decode, suppress


def frames(path):
    picture = cv2.imread(str(path))
    if picture is not None:
        return [picture]
    video, found = cv2.VideoCapture(str(path)), []
    while True:
        good, frame = video.read()
        if not good:
            break
        found.append(frame)
    return found[:: max(1, len(found) // 3)][:3]


def faces(models, frame, threshold=0.5):
    """Boxes, scores, 68 points and landmarker scores with the product's geometry (without its colour round trip)."""
    h, w = frame.shape[:2]
    scale = min(640 / h, 640 / w, 1.0)
    small = cv2.resize(frame, (int(w * scale), int(h * scale)))
    canvas = np.zeros((640, 640, 3), np.float32)
    canvas[: small.shape[0], : small.shape[1]] = small
    boxes, scores, _ = decode(models.run("detector", (canvas.transpose(2, 0, 1)[None] - 127.5) / 128), threshold)
    keep = suppress(boxes, scores)
    out = []
    for box, score in zip(boxes[keep] / scale, scores[keep]):
        k = 195 / max((box[2:] - box[:2]).max(), 1)
        move = (256 - (box[:2] + box[2:]) * k) / 2
        crop = cv2.warpAffine(frame, np.array([[k, 0, move[0]], [0, k, move[1]]]), (256, 256))
        points, heat = models.run("landmarker", crop.transpose(2, 0, 1)[None] / 255.0)
        out.append((box, float(score), (points[0, :, :2] * 4 - move) / k, min(float(heat[0].max((1, 2)).mean()) / 0.9, 1.0)))
    return out


def main():
    models, tiles = Models(pathlib.Path(sys.argv[1]), 2), []
    for path in sys.argv[3:]:
        for k, frame in enumerate(frames(path)):
            found = faces(models, frame)
            print(f"{pathlib.Path(path).name} frame {k}: {len(found)} faces", [(round(s, 2), round(m, 2), int(b[2] - b[0])) for b, s, _, m in found][:8])
            shown = frame.copy()
            for box, _, points, _ in found:
                cv2.rectangle(shown, tuple(map(int, box[:2])), tuple(map(int, box[2:])), (0, 255, 255), max(1, shown.shape[1] // 400))
                for x, y in points:
                    cv2.circle(shown, (int(x), int(y)), max(1, int((box[2] - box[0]) / 90)), (0, 255, 0), -1)
            height = 360
            shown = cv2.resize(shown, (480, height)) if shown.shape[1] < shown.shape[0] * 1.5 else cv2.resize(shown, (640, height))
            tiles.append(cv2.copyMakeBorder(shown, 0, 0, 0, 640 - shown.shape[1], cv2.BORDER_CONSTANT))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 3)
    cv2.imwrite(sys.argv[2], np.vstack([np.hstack(tiles[i:i + 3]) for i in range(0, len(tiles), 3)]))


if __name__ == "__main__":
    main()
