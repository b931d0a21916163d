"""Pictures with people: tiles of single people, drawn once into a bank, pasted at many sizes onto backgrounds."""

import torch
from torch.nn import functional

from . import effects, landmarks
from .studio import apply

TILE = 448


class Bank:
    """Tiles [n,4,448,448] bytes (RGB premultiplied, alpha) with a mip chain, landmarks and boxes in -1..1, and whether a face shows."""

    def __init__(self, studio, count, chunk=32):
        self.studio = studio
        levels, points, boxes, faces = [[], [], [], []], [], [], []
        for start in range(0, count, chunk):
            n = min(chunk, count - start)
            away = start >= count * 0.94
            turn = studio.random.poses(n)
            if away:  # seen from behind: a head without a face
                turn[:, 0] = 180 + 45 * studio.random.rand(n, low=-1, high=1)
            shot = studio.shot(n, turn=turn)
            affine = studio.box_affine(shot, TILE, TILE * 0.5)
            affine[:, :, 2] += (studio.random.rand(n, 2, low=-0.12, high=0.12) - torch.tensor([0.0, 0.06], device=studio.device)) * TILE
            picture, alpha, _ = studio.draw(shot, affine, (TILE, TILE), 1)
            tile = torch.cat([picture, alpha], 1)
            for k, level in enumerate(levels):
                level.append((tile * 255).byte())
                tile = functional.avg_pool2d(tile, 2) if k < 3 else tile
            corners = shot.box.view(n, 2, 2)
            points.append(apply(affine, shot.points) * 2 / TILE - 1 + 1 / TILE)
            boxes.append((apply(affine, corners) * 2 / TILE - 1 + 1 / TILE).view(n, 4))
            faces.append(torch.full((n,), not away, device=studio.device))
        self.levels = [torch.cat(v) for v in levels]
        self.points, self.boxes, self.faces = torch.cat(points), torch.cat(boxes), torch.cat(faces)

    def scene(self, canvas, people=7, crowds=0.45, alone=(-2.6, 0.35)):
        """People before `canvas` [B,3,size,size] RGB 0..1: (pictures, opacities, boxes, points, states), each but the first a list with
        one tensor per person, far people first. `crowds`: share of pictures with many small people; the others show at most one, whose
        tile has e^`alone` times the picture's width."""
        s, device = self.studio.random, self.studio.device
        count, size = len(canvas), canvas.shape[3]
        boxes, points, alphas, states = [], [], [], []
        mode = s.rand(count)
        layers = torch.sort(s.rand(people)).values.tolist()
        for k in range(people):  # far people first
            crowd = 0.05 + 0.22 * layers[k] ** 1.5 * s.rand(count, low=0.5, high=1.5)
            single = torch.exp(s.rand(count, low=alone[0], high=alone[1]))
            half = torch.where(mode < crowds, crowd, single)  # tile half-side in units of half the picture
            on = torch.where(mode < crowds, s.chance(count, 0.75), (s.chance(count, 0.8) if k == people - 1 else torch.zeros(count, device=device)))
            on = on * torch.where(mode > 0.94, 0.0, 1.0)
            centre = s.rand(count, 2, low=-1, high=1) * (1.05 - 0.35 * half[:, None]).clamp(min=0.15)
            pick = torch.randint(len(self.points), (count,), device=device, generator=s.random)
            biggest = float(half.max()) * size / TILE
            level = 0 if biggest > 0.6 else 1 if biggest > 0.3 else 2
            theta = torch.zeros(count, 2, 3, device=device)
            theta[:, 0, 0], theta[:, 1, 1] = 1 / half, 1 / half
            theta[:, :, 2] = -centre / half[:, None]
            grid = functional.affine_grid(theta, (count, 4, size, size), align_corners=False)
            length = 1 + 3 * s.rand(count) * s.chance(count, 0.8)  # below the tile the clothes go on as they end there
            low = grid[..., 1]
            grid[..., 1] = torch.where((low > 0.995) & (low < length[:, None, None]), low.new_tensor(0.995), low)
            tile = functional.grid_sample(self.levels[level][pick].half() if device.type == "cuda" else self.levels[level][pick].float(),
                                          grid.half() if device.type == "cuda" else grid, align_corners=False).float() / 255
            tile = tile * on[:, None, None, None]
            canvas = canvas * (1 - tile[:, 3:]) + tile[:, :3]
            place = lambda v: (v * half[:, None, None] + centre[:, None] + 1) * size / 2 - 0.5
            points.append(place(self.points[pick]))
            boxes.append(place(self.boxes[pick].view(count, 2, 2)).view(count, 4))
            alphas.append(tile[:, 3])
            states.append(on * self.faces[pick])
        return canvas, alphas, boxes, points, states

    def pictures(self, count, size=640, people=7):
        """(pictures [B,3,size,size] RGB 0..1, boxes [B,k,4], five points [B,k,5,2], state [B,k]: 1 face, 0 nothing, -1 ignore)."""
        s = self.studio.random
        canvas, alphas, boxes, points, states = self.scene(self.studio.background.cut(count, (size, size)), people)
        front, cover = effects.cover(s, count, (size, size), 0.12)
        canvas = torch.lerp(canvas, front, cover)
        alphas.append(cover[:, 0])
        state = torch.stack([self._state(states[k], points[k], boxes[k], alphas[k + 1:], size) for k in range(people)], 1)
        return effects.degrade(s, canvas, 0.7), torch.stack(boxes, 1), landmarks.five_of(torch.stack(points, 1)), state

    @staticmethod
    def _state(on, points, box, later, size):
        """1 where the face is large, inside and seen well enough to be asked for; -1 where it is doubtful."""
        at = (points / size * 2 - 1)[:, None]
        hidden = torch.stack([functional.grid_sample(a[:, None], at, align_corners=False)[:, 0, 0] for a in later]).amax(0)
        inside = ((points > 0) & (points < size)).all(2).float()
        seen = ((1 - hidden) * inside).mean(1)
        side = (box[:, 2:] - box[:, :2]).amin(1)
        good = (seen > 0.65) & (side > 11)
        nothing = (seen < 0.12) | (side < 4)
        return torch.where(on < 0.5, 0.0, torch.where(good, 1.0, torch.where(nothing, 0.0, -1.0)))
