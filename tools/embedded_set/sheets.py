"""Contact sheets of what the stages draw: `python3 -m embedded_set.sheets HEADS OUT_FOLDER [COUNT]` writes PNG files to look at."""

import pathlib
import sys

import cv2
import numpy as np
import torch

from . import colour, crowd, effects, face_stages, frame_stages, mesh, stages, studio


def sheet(path, pictures, columns):
    """Writes RGB pictures [n,3,h,w] (0..1 or bytes) as one PNG."""
    if pictures.dtype != torch.uint8:
        pictures = (pictures.clamp(0, 1) * 255 + 0.5).byte()
    tiles = [p.permute(1, 2, 0).cpu().numpy()[..., ::-1] for p in pictures]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i:i + columns]) for i in range(0, len(tiles), columns)]
    cv2.imwrite(str(path), np.vstack(rows))


def marked(pictures, points):
    """The pictures with the landmarks [n,k,2] drawn as dots."""
    out = []
    for picture, dots in zip(pictures, points):
        image = np.ascontiguousarray(picture.permute(1, 2, 0).cpu().numpy())
        for x, y in dots.tolist():
            cv2.circle(image, (round(x * 8), round(y * 8)), 10, (0, 255, 0), -1, cv2.LINE_AA, 3)
        out.append(torch.from_numpy(image).permute(2, 0, 1))
    return torch.stack(out)


def coloured(regions):
    """Face parsing classes [n,h,w] as pictures, one colour per class."""
    k = torch.arange(19, device=regions.device)
    palette = torch.stack([k * 67 % 256, k * 131 % 256, k * 197 % 256], 1).byte()
    return palette[regions.long()].permute(0, 3, 1, 2)


def pairs(path, left, right):
    sheet(path, torch.stack([left, right.expand_as(left)], 1).flatten(0, 1), 8)


def further(room, out, count):
    """What the stages of face_stages.py and frame_stages.py draw."""
    pairs(out / "parser.png", *(lambda picture, regions: (picture, coloured(regions)))(*face_stages.ParserStage(room).sample(count)))
    clean = face_stages.FaceEnhancerStage(room).sample(count)[0]
    pairs(out / "face_enhancer.png", stages.to_bytes(effects.worn(room.random, clean.float() / 255)), clean)
    bank = None
    for name, stage in frame_stages.ALL.items():
        tool = stage(room)
        tool.bank = bank = bank or crowd.Bank(room, 2 * count)
        picture, *opacity = tool.sample(count)
        pairs(out / f"{name}.png", picture, opacity[0] if opacity else stages.to_bytes(colour.grey(picture.float() / 255)))


def main():
    heads, out = sys.argv[1], pathlib.Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 24
    device = "cuda" if torch.cuda.is_available() else "cpu"
    out.mkdir(parents=True, exist_ok=True)
    room = studio.Studio(mesh.load(heads), device, 5, 16)
    shot = room.shot(count)
    picture, _ = room.compose(shot, room.box_affine(shot, 320, 150, 0), (320, 320), 0.1)
    sheet(out / "portraits.png", picture, 6)
    picture, points, _ = stages.LandmarkerStage(room).sample(count)
    sheet(out / "landmarks.png", marked(picture, points), 6)
    swapper = stages.SwapperStage(room)
    swapper.pool = room.random.identities(count)
    target, goal, seen, _, _ = swapper.sample(count)
    sheet(out / "swaps.png", torch.stack([target, goal, seen.expand_as(goal)], 1).flatten(0, 1), 12)
    picture, face = stages.OccluderStage(room).sample(count)
    sheet(out / "occluder.png", torch.stack([picture, face.expand_as(picture)], 1).flatten(0, 1), 12)
    further(room, out, count)
    tiles = crowd.Bank(room, 2 * count)
    picture, boxes, five, state = tiles.pictures(8)
    dots = [torch.cat([f[s > 0].flatten(0, 1), b[s > 0].view(-1, 2), b[s < 0].view(-1, 2)]) for f, b, s in zip(five, boxes, state)]
    sheet(out / "crowd.png", marked((picture * 255).byte(), dots), 4)


if __name__ == "__main__":
    main()
