"""From people to pixels: morphs, hair and glasses geometry, pose, camera, then render.cu on the GPU or the CPU."""

import ctypes
import hashlib
import os
import pathlib
import subprocess
import tempfile

import numpy as np
import torch

from . import landmarks, params
from .mesh import PARTS

SOURCE = pathlib.Path(__file__).with_name("render.cu")
SHADOW_SIZE = 192
ATTRS = ["ao", "scalp", "ear", "beard", "inner", "blush"]
# Hair begins above this height at that angle from the front of the head (degrees, decimetres on the un-morphed mesh).
HAIRLINE = [(0, 7.95), (20, 7.96), (36, 7.90), (50, 7.62), (62, 7.47), (72, 7.22), (84, 7.16), (90, 7.42), (108, 7.20), (125, 6.80), (150, 6.50), (180, 6.40)]
CURTAIN_ROWS, CURTAIN_COLUMNS = 22, 49
RIM_STEPS = 28


def build(device):
    """Compiles render.cu once per source and device kind; returns the loaded library."""
    cuda = device.type == "cuda"
    text = params.header() + SOURCE.read_text()
    folder = pathlib.Path(tempfile.gettempdir()) / ("embedded_set_" + hashlib.sha1((text + str(cuda)).encode()).hexdigest()[:12])
    library = folder / "render.so"
    if not library.exists():
        folder.mkdir(exist_ok=True)
        (folder / "params.h").write_text(params.header())
        made = folder / f"render.{os.getpid()}.so"
        if cuda:
            command = ["nvcc", "-O3", "-arch=native", "-use_fast_math", "-shared", "-Xcompiler", "-fPIC", "-I", folder, SOURCE, "-o", made]
        else:
            command = ["g++", "-O3", "-ffast-math", "-march=native", "-std=c++17", "-fopenmp", "-shared", "-fPIC", "-I", folder,
                       "-x", "c++", SOURCE, "-o", made]
        subprocess.run([str(c) for c in command], check=True)
        made.rename(library)
    return ctypes.CDLL(str(library))


def call(function, *args):
    code = function(*[ctypes.c_void_p(a.data_ptr()) if isinstance(a, torch.Tensor) else ctypes.c_int(a) for a in args])
    if code:
        raise RuntimeError(f"render.cu: CUDA error {code}")


def step(low, high, v):
    t = ((v - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def rotation(degrees):
    """[B,3] yaw, pitch, roll in degrees -> [B,3,3]; yaw about y, pitch about x, roll about z."""
    y, x, z = torch.deg2rad(degrees).unbind(1)
    o, i = torch.zeros_like(y), torch.ones_like(y)
    ry = torch.stack([y.cos(), o, y.sin(), o, i, o, -y.sin(), o, y.cos()], 1).view(-1, 3, 3)
    rx = torch.stack([i, o, o, o, x.cos(), -x.sin(), o, x.sin(), x.cos()], 1).view(-1, 3, 3)
    rz = torch.stack([z.cos(), -z.sin(), o, z.sin(), z.cos(), o, o, o, i], 1).view(-1, 3, 3)
    return rz @ ry @ rx


def grid_triangles(rows, columns, start, wrap=False):
    out = []
    for r in range(rows - 1):
        for c in range(columns if wrap else columns - 1):
            a, b = start + r * columns + c, start + r * columns + (c + 1) % columns
            out += [(a, b, a + columns), (b, b + columns, a + columns)]
    return out


class Renderer:
    """Holds the mesh on one device and draws batches of people."""

    def __init__(self, mesh, device):
        self.device = torch.device(device)
        self.library = build(self.device)
        self.names = [str(n) for n in mesh["names"]]
        self.body = torch.tensor(mesh["vertices"], device=self.device)
        self.deltas = torch.tensor(mesh["deltas"], device=self.device).float().flatten(1)
        self.landmark_index = torch.tensor(landmarks.snap(mesh), device=self.device)
        self.joints = torch.tensor(mesh["joints"], device=self.device).long()
        self._add_parts(mesh)
        self.outline = self.body[self.landmark_index[landmarks.LIP_OUTLINE], :2].contiguous()
        self.five_rest = landmarks.five_of(self.body[self.landmark_index])
        self.eyes = self.body[self.joints[:2]].mean(1)
        self.attrs = self._attributes(mesh)
        skin = torch.tensor(mesh["parts"], device=self.device) == PARTS.index("skin")
        self.skin = torch.zeros(len(self.rest), 1, device=self.device)
        self.skin[self.tris[: len(skin)][skin].long().unique()] = 1
        self.box_index = self._box_vertices()
        self.attrs[:, 0] = self._bake_ao()
        r = self.body
        under = r[:, 1] + 0.25 * (r[:, 2] - 1.2).clamp(max=0)
        self.face_share = step(0.45, 0.85, r[:, 2]) * (1 - self.attrs[: len(r), 2]) * step(7.98, 7.70, r[:, 1]) * step(5.90, 6.14, under)

    def _add_parts(self, mesh):
        n = len(self.body)
        angle = torch.linspace(-1, 1, CURTAIN_COLUMNS, device=self.device) * 2.05 + torch.pi  # radians from the front, ends beside the face
        level = torch.linspace(7.95, 4.2, CURTAIN_ROWS, device=self.device)
        out = 0.60 + 0.29 * step(8.05, 7.5, level) + 0.03 * step(7.5, 7.0, level) + 0.10 * step(6.2, 5.2, level)
        curtain = torch.stack([out[:, None] * angle.sin(), level[:, None].expand(-1, CURTAIN_COLUMNS), 0.42 + (out + 0.06)[:, None] * angle.cos()], 2)
        self.curtain = slice(n, n + CURTAIN_ROWS * CURTAIN_COLUMNS)
        tris = [tuple(t) for t in mesh["triangles"]] + grid_triangles(CURTAIN_ROWS, CURTAIN_COLUMNS, self.curtain.start)
        parts = list(mesh["parts"]) + [PARTS.index("long_hair")] * (len(tris) - len(mesh["parts"]))
        start = self.curtain.stop
        for _ in range(2):  # rims: four corner lines around each eye
            tris += grid_triangles(4, RIM_STEPS, start, wrap=True) + [
                t for c in range(RIM_STEPS) for a, b in [(start + c, start + (c + 1) % RIM_STEPS)]
                for t in [(a, a + 3 * RIM_STEPS, b), (b, a + 3 * RIM_STEPS, b + 3 * RIM_STEPS)]]
            start += 4 * RIM_STEPS
        for _ in range(3):  # bridge and two temples: boxes of 8 corners
            for q in ((0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5)):
                tris += [(start + q[0], start + q[1], start + q[2]), (start + q[0], start + q[2], start + q[3])]
            start += 8
        parts += [PARTS.index("glasses")] * (len(tris) - len(parts))
        self.glasses = slice(self.curtain.stop, start)
        for _ in range(2):  # lenses: a fan around a centre
            tris += [(start, start + 1 + c, start + 1 + (c + 1) % RIM_STEPS) for c in range(RIM_STEPS)]
            start += 1 + RIM_STEPS
        parts += [PARTS.index("lens")] * (len(tris) - len(parts))
        self.lenses = slice(self.glasses.stop, start)
        self.tris = torch.tensor(np.array(tris), dtype=torch.int32, device=self.device)
        self.parts = torch.tensor(np.array(parts), dtype=torch.int32, device=self.device)
        extra = torch.zeros(start - self.curtain.stop, 3, device=self.device) + torch.tensor([0.0, 7.28, 1.6], device=self.device)
        self.rest = torch.cat([self.body, curtain.reshape(-1, 3), extra]).contiguous()

    def _attributes(self, mesh):
        r = self.rest
        angle = torch.rad2deg(torch.atan2(r[:, 0].abs(), r[:, 2] - 0.45))
        table = torch.tensor(HAIRLINE, device=self.device)
        k = torch.searchsorted(table[:, 0].contiguous(), angle.contiguous()).clamp(1, len(table) - 1)
        t = (angle - table[k - 1, 0]) / (table[k, 0] - table[k - 1, 0])
        line = table[k - 1, 1] + t * (table[k, 1] - table[k - 1, 1])
        ear = torch.zeros(len(r), device=self.device)
        moved = sum(np.abs(mesh["deltas"][i].astype(np.float32)).sum(1) for i, n in enumerate(self.names) if n.endswith("-ear-flap-incr"))
        ear[: len(self.body)] = torch.tensor((moved > 0.004).astype(np.float32), device=self.device)
        beard_top = 6.50 + ((1.25 - r[:, 2]) / 0.55).clamp(0, 1) ** 1.3 * 0.60
        beard = step(0.0, 0.10, beard_top - r[:, 1]) * step(5.98, 6.22, r[:, 1] + 0.35 * (r[:, 2] - 1.2).clamp(max=0)) * step(0.55, 0.72, r[:, 2]) * (1 - ear)
        front = step(0.66, 1.0, r[:, 2]) * (1 - ear)
        inner = front * step(7.98, 7.72, r[:, 1]) * step(6.10, 6.26, r[:, 1] + 0.10 * (r[:, 2] - 1.2)) * step(0.72, 0.56, r[:, 0].abs())
        cheek = torch.exp(-(((r[:, 0].abs() - 0.40) / 0.17) ** 2 + ((r[:, 1] - 7.0) / 0.17) ** 2)) * front
        nose = torch.exp(-((r[:, 0] / 0.13) ** 2 + ((r[:, 1] - 6.95) / 0.14) ** 2)) * front
        return torch.stack([torch.ones_like(ear), r[:, 1] - line - 0.5 * ear, ear, beard, inner, (cheek + nose).clamp(max=1)], 1).contiguous()

    def _box_vertices(self):
        r = self.rest[: len(self.body)]
        keep = (self.attrs[: len(self.body), 2] < 0.5) & (r[:, 1] > 6.15) & (r[:, 1] < 7.86) & (r[:, 2] > 0.70) & (self.skin[: len(self.body), 0] > 0)
        return keep.nonzero()[:, 0]

    def _bake_ao(self):
        """Share of the sky that each vertex of the un-morphed mesh sees, from depth pictures of many directions."""
        count, size = 48, 160
        k = torch.arange(count, device=self.device)
        height = 1 - (k + 0.5) / count * 1.7
        around = k * 2.399963
        d = torch.stack([(1 - height**2).sqrt() * around.cos(), height, (1 - height**2).sqrt() * around.sin()], 1)
        n = len(self.body)
        world = self.rest[None].expand(count, -1, -1)
        normal = self._normals(self.rest[None])[0]
        screen, depth = self._shadow_screen(world, d, torch.tensor([0.0, 6.9, 0.6], device=self.device).expand(count, 3), 0.19, size)
        screen[:, n:, 2] = -1
        keys = self._raster(screen.contiguous(), torch.zeros(count, params.layout()[1], device=self.device), size, size, False)
        z = ((keys >> 32) & 0xFFFFFFFF).to(torch.int32).view(torch.float32).view(count, -1)
        x, y = (screen[..., 0] + 0.5).long().clamp(0, size - 1), (screen[..., 1] + 0.5).long().clamp(0, size - 1)
        seen = (torch.gather(z, 1, y * size + x) > depth - 0.05) | (torch.gather(keys.view(count, -1), 1, y * size + x) == -1)
        weight = (d @ normal.T).clamp(min=0) + 1e-4
        return ((seen * weight).sum(0) / weight.sum(0)).clamp(0.12, 1)

    def _normals(self, v):
        t = self.tris.long()
        a, b, c = v[:, t[:, 0]], v[:, t[:, 1]], v[:, t[:, 2]]
        face = torch.cross(b - a, c - a, dim=2)
        out = torch.zeros_like(v)
        for k in range(3):
            out.index_add_(1, t[:, k], face)
        return torch.nn.functional.normalize(out, dim=2)

    def _shadow_screen(self, world, direction, centre, scale, size):
        """Orthographic view from the light; also returns the depth of every vertex."""
        helper = torch.tensor([0.0, 1.0, 0.001], device=self.device).expand_as(direction)
        helper = torch.where(direction[:, 1:2].abs() > 0.95, torch.tensor([1.0, 0.0, 0.0], device=self.device), helper)
        u = torch.nn.functional.normalize(torch.cross(helper, direction, dim=1), dim=1)
        v = torch.cross(direction, u, dim=1)
        p = world - centre[:, None]
        depth = 8.0 - (p @ direction[:, :, None])[..., 0]
        x = ((p @ u[:, :, None])[..., 0] * scale + 0.5) * size
        y = ((p @ v[:, :, None])[..., 0] * scale + 0.5) * size
        self._basis = (u, v)
        return torch.stack([x, y, depth], 2), depth

    def _raster(self, screen, rows, height, width, perspective):
        keys = torch.full((len(screen), height, width), -1, dtype=torch.int64, device=self.device)
        call(self.library.raster, screen, self.tris, self.parts, self.rest, rows, keys, len(screen), screen.shape[1],
             len(self.tris), height, width, int(perspective))
        return keys

    def morph(self, weights):
        return self.body + (weights @ self.deltas).view(len(weights), -1, 3)

    def heads(self, identity, expression):
        """Vertices [B, body, 3] in the common frame: the neutral head's five points are scaled and moved onto the base mesh's."""
        neutral = self.morph(identity.weights)
        five = landmarks.five_of(neutral[:, self.landmark_index])
        centre = five.mean(1, keepdim=True)
        goal = self.five_rest.mean(0)
        scale = (self.five_rest - goal).norm() / (five - centre).flatten(1).norm(dim=1)
        shaped = neutral + (expression @ self.deltas).view_as(neutral)
        return (shaped - centre) * scale[:, None, None] + goal

    def _dress(self, v, rows, wear):
        """Adds hair and cloth thickness to the body vertices and appends hair curtain, rims and lenses."""
        b, n = len(v), len(self.body)
        pad = torch.zeros(b, len(self.rest) - n, 3, device=self.device)
        full = torch.cat([v, pad], 1)
        normal = self._normals(full)[:, :n]
        r, a = self.rest[:n], self.attrs[:n]
        edge = a[:, 1] + rows["hairline"][:, None]
        seed = rows["hair_seed"][:, None]
        lump = sum(torch.sin((r * f).sum(1) + seed[..., 0] * k) for k, f in ((1.0, torch.tensor([9.0, 5.0, 7.0], device=self.device)),
                   (2.0, torch.tensor([-14.0, 11.0, 6.0], device=self.device)), (3.0, torch.tensor([23.0, -17.0, 19.0], device=self.device)))) / 3
        thick = wear["volume"][:, None] * step(0.0, 0.45, edge) * (1 + 0.35 * lump) * rows["hair_on"][:, None]
        beard = 0.05 * rows["beard_on"][:, None] * a[:, 3] * wear["beard_length"][:, None]
        cloth = 0.05 * step(0.0, 0.05, rows["neckline"][:, None] + rows["collar"][:, None] * r[:, 0].abs() - r[:, 1])
        skin = self.skin[:n, 0] * (1 - a[:, 2])
        full[:, :n] = v + normal * ((thick + beard + cloth) * skin)[..., None]
        width = (v[:, :, 0].abs() * step(7.0, 7.3, r[:, 1]) * step(7.9, 7.6, r[:, 1]) * (1 - a[:, 2])).amax(1) / 0.75
        wave = 0.05 * torch.sin(self.rest[self.curtain, 1] * 7 + seed[..., 1] + 3 * self.rest[self.curtain, 0]) * rows["hair_curl"][:, None]
        curtain = self.rest[self.curtain] * torch.stack([width, torch.ones_like(width), torch.ones_like(width)], 1)[:, None]
        push = 1 + wave + wear["flare"][:, None] * step(7.6, 5.5, self.rest[self.curtain, 1])
        centre = torch.tensor([0.0, 0.0, 0.42], device=self.device)
        push = torch.stack([push, torch.ones_like(push), push], 2)
        full[:, self.curtain] = (curtain - centre) * push + centre
        full[:, self.glasses.start:] = self._glasses(v, width, wear)
        return full

    def _glasses(self, v, width, wear):
        points = v[:, self.landmark_index]
        b = len(v)
        angle = torch.arange(RIM_STEPS, device=self.device) / RIM_STEPS * 2 * torch.pi
        power = wear["rim_power"][:, None]
        ring = torch.stack([angle.cos().sign() * angle.cos().abs() ** power, angle.sin().sign() * angle.sin().abs() ** power], 2)
        z = torch.maximum(points[:, 27, 2] + 0.02, points[:, 19:25, 2].amax(1) - 0.03)
        pieces, lens, edge = [], [], []
        for eye, sign in ((range(36, 42), -1.0), (range(42, 48), 1.0)):
            c = points[:, list(eye)].mean(1)
            centre = torch.stack([c[:, 0] + sign * 0.01, c[:, 1] - 0.03, z], 1)
            for grow, back in ((0, 0.0), (1, 0.0), (1, 0.05), (0, 0.05)):
                size = wear["rim_size"] + grow * wear["rim_thick"][:, None]
                ringed = ring * size[:, None]
                bend = 0.10 * (ringed[..., 0] * sign).clamp(min=0) ** 2 * 6
                pieces.append(torch.cat([centre[:, None, :2] + ringed, (centre[:, None, 2] - back - bend)[..., None]], 2))
            front = pieces[-4]
            lens.append(torch.cat([centre[:, None], front - torch.tensor([0, 0, 0.015], device=self.device)], 1))
            edge.append(torch.stack([centre[:, 0] + sign * wear["rim_size"][:, 0], centre[:, 1] + 0.06, centre[:, 2] - 0.05], 1))
            edge.append(torch.stack([centre[:, 0] - sign * wear["rim_size"][:, 0], centre[:, 1] + 0.04, centre[:, 2]], 1))
        boxes = [self._bar(edge[1], edge[3], 0.012)]
        for side, sign in ((0, -1.0), (2, 1.0)):
            ear = torch.stack([sign * 0.77 * width, edge[side][:, 1] + 0.02, torch.full((b,), 0.55, device=self.device)], 1)
            boxes.append(self._bar(edge[side], ear, 0.018))
        return torch.cat(pieces + boxes + lens, 1)

    def _bar(self, a, b, half):
        out = []
        for end in (a, b):
            for dx, dy in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
                out.append(end + half * torch.tensor([dx * 0.6, dy, dx * 0.6], device=self.device))
        return torch.stack(out, 1)

    def pose(self, v, turn):
        """Turns the head by yaw, pitch, roll about the neck; the shoulders follow a part of it."""
        pivot = torch.tensor([0.0, 6.2, 0.35], device=self.device)
        w = step(5.2, 6.35, self.rest[:, 1])[None, :, None]
        excess = turn.clone()
        excess[:, 0] = turn[:, 0] * 0.25 + (turn[:, 0].abs() - 40).clamp(min=0) * turn[:, 0].sign() * 0.75
        excess[:, 1:] = turn[:, 1:] * 0.2
        p = v - pivot
        return torch.lerp(p @ rotation(excess).mT, p @ rotation(turn).mT, w)

    def build(self, identity, expression, turn, rows, wear, around=None):
        """World vertices [B,V,3]; head pivot at the origin, camera looks along -z. With `around` (an identity) only the face has the
        shape of `identity`; skull, ears and neck are those of `around`."""
        v = self.heads(identity, expression)
        if around is not None:
            v = torch.lerp(self.heads(around, expression), v, self.face_share[:, None])
        return self.pose(self._dress(v, rows, wear), turn)

    @staticmethod
    def project(world, distance):
        """Pinhole at `distance` from the origin: x, y (down) in units of the origin's plane, depth."""
        depth = distance[:, None] - world[..., 2]
        k = distance[:, None] / depth
        return torch.stack([world[..., 0] * k, -world[..., 1] * k, depth], 2)

    def points(self, projected):
        """Landmarks [B,68,2] and face box [B,4] in the plane of `project`."""
        face = projected[:, self.box_index, :2]
        return projected[:, self.landmark_index, :2], torch.cat([face.amin(1), face.amax(1)], 1)

    def draw(self, world, projected, affine, rows, wear, size, oversample=2):
        """Pictures [B,4,h,w] float 0..1 (RGB premultiplied by alpha, alpha), class shares [B,8,h,w] and regions [B,h,w] bytes.

        `affine` [B,2,3] maps the plane of `project` to pixels of a picture of `size` = (h, w) (centres at integers).
        """
        h, w = size
        s = oversample
        xy = projected[..., :2] @ affine[:, :, :2].mT + affine[:, None, :, 2]
        screen = torch.cat([(xy + 0.5) * s - 0.5, projected[..., 2:]], 2)
        off = screen.new_tensor(-1.0)
        screen[:, self.curtain, 2] = torch.where((rows["hair_end"] > 8)[:, None], off, screen[:, self.curtain, 2])
        screen[:, self.glasses, 2] = torch.where(wear["glasses"][:, None] < 0.5, off, screen[:, self.glasses, 2])
        screen[:, self.lenses, 2] = torch.where(wear["glasses"][:, None] < 1.5, off, screen[:, self.lenses, 2])
        screen = screen.contiguous()
        world = world.contiguous()
        normal = self._normals(world).contiguous()
        scale, centre = 0.22, torch.tensor([0.0, 0.9, 0.3], device=self.device).expand(len(world), 3)
        light = rows["light0_dir"]
        shadow_screen, _ = self._shadow_screen(world, light, centre, scale, SHADOW_SIZE)
        rows["shadow_u"], rows["shadow_v"] = self._basis
        rows["shadow_d"], rows["shadow_c"], rows["shadow_scale"] = light, centre, scale
        rows["eye_l"], rows["eye_r"] = self.eyes[0], self.eyes[1]
        shadow_screen[..., 2] = torch.where(screen[..., 2] <= 0, off, shadow_screen[..., 2])
        shadow = self._raster(shadow_screen.contiguous(), rows.data, SHADOW_SIZE, SHADOW_SIZE, False)
        keys = self._raster(screen, rows.data, h * s, w * s, True)
        out = torch.empty(len(world), 6, h * s, w * s, dtype=torch.uint8, device=self.device)
        call(self.library.shade, screen, self.tris, self.parts, self.rest, self.attrs, world, normal, rows.data, self.outline,
             keys, shadow, out, len(world), world.shape[1], h * s, w * s, SHADOW_SIZE)
        picture = torch.nn.functional.avg_pool2d(out[:, :4].float() / 255, s)
        classes = torch.stack([torch.nn.functional.avg_pool2d((out[:, 4:5] == k).float(), s)[:, 0] for k in range(8)], 1)
        return picture, classes, out[:, 5, s // 2::s, s // 2::s]


def random_wear(sampler, count):
    """Geometry of hair and glasses; `glasses`: 0 none, 1 spectacles, 2 sunglasses."""
    kind = sampler.rand(count)
    return {
        "volume": 0.03 + 0.22 * sampler.rand(count) ** 1.5, "beard_length": sampler.rand(count, low=0.3, high=1.6), "flare": sampler.rand(count, low=-0.02, high=0.22),
        "glasses": (kind < 0.16).float() + (kind < 0.03).float(),
        "rim_size": torch.stack([sampler.rand(count, low=0.19, high=0.25), sampler.rand(count, low=0.13, high=0.21)], 1),
        "rim_thick": sampler.rand(count, low=0.008, high=0.035), "rim_power": sampler.rand(count, low=0.5, high=1.0),
    }
