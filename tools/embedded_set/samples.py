"""Draws and encodes the sample media.

`samples draw --heads HEADS --out DIR` draws pictures and frames (a GPU is fast, a CPU works); `samples encode --out DIR
--samples FOLDER` makes the JPEG files and the video with ffmpeg; `samples candidates` makes a sheet of people to choose from.
"""

import argparse
import math
import pathlib
import subprocess

import cv2
import numpy as np
import torch

from . import backgrounds, effects, mesh, params, sheets, studio
from .renderer import random_wear

SEED, PEOPLE, STRENGTH = 41, 36, 0.30
SOURCES, GROUP, MOVERS = (10, 1), (2, 9, 26, 28), (30, 35)  # chosen by eye from the sheet of candidates
FRAMES, RATE = 150, 25


class Cast:
    """The people of the samples: identity, style and light are fixed, pose and expression are given per picture."""

    def __init__(self, heads, device):
        self.room = studio.Studio(mesh.load(heads), device, SEED, 4)
        s = self.room.random
        self.people = s.identities(PEOPLE, STRENGTH)
        self.rows = params.Rows(PEOPLE, self.room.device)
        s.styles(self.rows, self.people)
        self.wear = random_wear(s, PEOPLE)
        self.wear["glasses"] = self.wear["glasses"].clamp(max=1)
        light = torch.tensor([0.45, 0.42, 0.79], device=self.room.device)
        self.rows["light0_dir"], self.rows["light0_rgb"] = light, torch.tensor([0.80, 0.76, 0.70], device=self.room.device)
        self.rows["light1_dir"] = torch.tensor([-0.75, 0.25, 0.1], device=self.room.device)
        self.rows["light1_rgb"] = torch.tensor([0.16, 0.18, 0.22], device=self.room.device)
        self.rows["light2_rgb"] = 0.0
        self.rows["sky"], self.rows["ground"] = torch.tensor([0.40, 0.41, 0.43], device=self.room.device), torch.tensor([0.24, 0.22, 0.20], device=self.room.device)
        self.rows["exposure"], self.rows["contrast"], self.rows["warmth"] = 1.22, 1.0, 0.0
        self.rows["shadow_soft"], self.rows["shadow_strength"] = 2.2, 0.8
        self.rows["hair_on"], self.rows["gaze_x"], self.rows["gaze_y"] = 1.0, 0.0, 0.0

    def units(self, who, **amounts):
        """Expression weights from unit amounts [n]; names with _ for -."""
        s = self.room.random
        out = torch.zeros(len(who), len(s.names), device=self.room.device)
        for name, amount in amounts.items():
            for e in range(3):
                index = s.units[e][s.unit_names.index(name.replace("_", "-"))]
                out[:, index] = torch.as_tensor(amount, device=self.room.device) * self.people.ethnicity[who, e]
        return out

    def shot(self, who, turn, expression, distance=16.0):
        rows = params.Rows(len(who), self.room.device)
        rows.data = self.rows.data[who].clone()
        wear = {k: v[who] for k, v in self.wear.items()}
        return self.room.take(self.people.pick(who), expression, turn, torch.full((len(who),), distance, device=self.room.device), rows, wear)

    def layer(self, shot, centre, scale, size):
        """One person per picture; `centre` [n,2] px of the head, `scale` px per decimetre."""
        affine = torch.zeros(len(centre), 2, 3, device=self.room.device)
        affine[:, 0, 0] = affine[:, 1, 1] = scale
        affine[:, :, 2] = centre - scale * torch.tensor([0.0, -0.75], device=self.room.device)
        picture, alpha, _ = self.room.draw(shot, affine, size, 2)
        layer = torch.cat([picture, alpha], 1)
        for one, y in zip(layer, centre[:, 1]):  # the mesh ends below the chest; its clothes go on downwards
            end = int(y + 2.25 * scale)
            if end < size[0]:
                one[:, end:] = one[:, end - 1:end]
        return layer[:, :3], layer[:, 3:]


def scenery(cast, size):
    """A calm, blurred interior."""
    s = cast.room.random
    side = max(size)
    picture = backgrounds.make(s, 1, side, shapes=16)
    picture = torch.nn.functional.interpolate(picture, (side // 4, side // 4), mode="bilinear", antialias=True)
    picture = effects.blur(picture, torch.tensor([2.5], device=cast.room.device))
    picture = torch.nn.functional.interpolate(picture, (side, side), mode="bicubic").clamp(0, 1)
    wall = torch.tensor([0.50, 0.49, 0.46], device=cast.room.device)[None, :, None, None]
    return torch.lerp(wall.expand_as(picture), picture, 0.28)[:, :, :size[0], :size[1]]


def over(back, picture, alpha):
    return picture + back * (1 - alpha)


def save(path, picture):
    image = (picture.clamp(0, 1) * 255 + 0.5).byte().permute(1, 2, 0).cpu().numpy()[..., ::-1]
    cv2.imwrite(str(path), image)


def grain(cast, picture):
    return picture + 0.008 * cast.room.random.randn(*picture.shape)


def draw_pictures(cast, out):
    device = cast.room.device
    for k, person in enumerate(SOURCES):
        who = torch.tensor([person], device=device)
        turn = torch.tensor([[8.0 if k else -10.0, 2.0, 0.0]], device=device)
        shot = cast.shot(who, turn, cast.units(who, mouth_corner_puller=0.25))
        layer = cast.layer(shot, torch.tensor([[360.0, 400.0]], device=device), 170.0, (768, 720))
        save(out / f"source_{k + 1}.png", grain(cast, over(scenery(cast, (768, 720)), *layer))[0])
    picture = scenery(cast, (800, 1280))
    places = [(200, 345, 128, 18, 0.3), (1085, 335, 128, -20, 0.1), (480, 450, 150, 6, 0.6), (810, 445, 148, -8, 0.2)]
    for person, (x, y, scale, yaw, smile) in zip(GROUP, places):
        who = torch.tensor([person], device=device)
        shot = cast.shot(who, torch.tensor([[float(yaw), 3.0, yaw * 0.2]], device=device), cast.units(who, mouth_corner_puller=smile))
        picture = over(picture, *cast.layer(shot, torch.tensor([[float(x), float(y)]], device=device), float(scale), (800, 1280)))
    save(out / "group.png", grain(cast, picture)[0])


def motion(person, t):
    """Yaw, pitch, roll [n,3] in degrees and expression amounts at the times t [n]."""
    wave = lambda period, phase: torch.sin(2 * math.pi * (t / period + phase))
    if person == 0:
        turn = torch.stack([24 * wave(5.0, 0.0) + 6, 5 * wave(3.1, 0.2), 5 * wave(4.0, 0.4)], 1)
        talk = (0.30 * wave(0.55, 0.0) * wave(2.3, 0.1)).clamp(min=0)
    else:
        turn = torch.stack([26 * wave(6.0, 0.45) - 6, 6 * wave(4.2, 0.6), 6 * wave(5.2, 0.1)], 1)
        talk = (0.25 * wave(0.7, 0.3) * wave(3.0, 0.6)).clamp(min=0)
    smile = 0.35 + 0.35 * wave(4.5, 0.3 * person)
    blink = torch.exp(-(((t + 0.7 * person) % 2.4 - 1.2) / 0.07) ** 2)
    brows = 0.4 * wave(2.9, 0.5 * person).clamp(min=0)
    return turn, {"mouth_open": talk, "mouth_corner_puller": smile, "eye_left_closure": blink, "eye_right_closure": blink,
                  "eyebrows_left_up": brows, "eyebrows_right_up": brows}


def draw_video(cast, out, chunk=10):
    device, size = cast.room.device, (720, 1280)
    back = scenery(cast, size)
    parts = [open(out / f"frames_{k}.mjpeg", "wb") for k in range(2)]
    for start in range(0, FRAMES, chunk):
        t = torch.arange(start, min(FRAMES, start + chunk), device=device) / RATE
        picture = back.expand(len(t), -1, -1, -1)
        for k, person in enumerate(MOVERS):
            who = torch.full((len(t),), person, device=device)
            turn, amounts = motion(k, t)
            sway = 30 * torch.sin(2 * math.pi * (t / 6.0 + 0.3 * k))
            x = (390.0 if k == 0 else 900.0) + sway
            y = (395.0 if k == 0 else 410.0) + 0.25 * sway
            shot = cast.shot(who, turn, cast.units(who, **amounts))
            picture = over(picture, *cast.layer(shot, torch.stack([x, y], 1), 150.0, size))
        for k, frame in enumerate(grain(cast, picture)):
            image = (frame.clamp(0, 1) * 255 + 0.5).byte().permute(1, 2, 0).cpu().numpy()[..., ::-1]
            part = parts[0 if start + k < FRAMES // 2 else 1]
            part.write(cv2.imencode(".jpg", np.ascontiguousarray(image), [cv2.IMWRITE_JPEG_QUALITY, 93])[1].tobytes())
    for part in parts:
        part.close()


def candidates(cast, out):
    device = cast.room.device
    who = torch.arange(PEOPLE, device=device)
    turn = torch.zeros(PEOPLE, 3, device=device)
    layers = []
    for part in who.split(6):
        shot = cast.shot(part, turn[part], cast.units(part, mouth_corner_puller=0.2))
        picture, alpha = cast.layer(shot, torch.full((len(part), 2), 150.0, device=device), 70.0, (300, 300))
        layers.append(over(torch.full_like(picture, 0.5), picture, alpha))
    sheets.sheet(out / "candidates.png", torch.cat(layers), 6)


def encode(out, target):
    target.mkdir(parents=True, exist_ok=True)
    for name in ("source_1", "source_2", "group"):
        cv2.imwrite(str(target / f"{name}.jpg"), cv2.imread(str(out / f"{name}.png")), [cv2.IMWRITE_JPEG_QUALITY, 92])
    stream = b"".join((out / f"frames_{k}.mjpeg").read_bytes() for k in range(2))
    tone = f"aevalsrc=0.25*sin(2*PI*(330+110*floor(mod(t\\,3)))*t)*(0.6+0.4*sin(2*PI*2*t)):s=44100:d={FRAMES / RATE}"
    command = ["ffmpeg", "-y", "-loglevel", "error", "-f", "image2pipe", "-c:v", "mjpeg", "-framerate", str(RATE), "-i", "-", "-f", "lavfi", "-i", tone,
               "-c:v", "libx264", "-preset", "slow", "-crf", "24", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k", "-shortest",
               "-movflags", "+faststart", str(target / "two_people.mp4")]
    subprocess.run(command, input=stream, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["draw", "encode", "candidates"])
    parser.add_argument("--heads", help="the MakeHuman folder or the compact .npz")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the uncompressed pictures and frames")
    parser.add_argument("--samples", type=pathlib.Path, help="folder of the encoded files")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.step == "encode":
        encode(args.out, args.samples)
        return
    cast = Cast(args.heads, args.device)
    if args.step == "candidates":
        candidates(cast, args.out)
        return
    draw_pictures(cast, args.out)
    draw_video(cast, args.out)


if __name__ == "__main__":
    main()
