"""One person in front of the camera: people + renderer + backgrounds + effects, cropped as the product crops."""

import dataclasses

import torch

from . import backgrounds, effects, landmarks, params
from .people import Identity, Sampler
from .renderer import Renderer, random_wear

TEMPLATES = {  # eyes, nose, mouth corners; times the crop size
    "arcface_112_v2": [[0.34191607, 0.46157411], [0.65653393, 0.45983393], [0.50022500, 0.64050536], [0.37097589, 0.82469196], [0.63151696, 0.82325089]],
    "arcface_128": [[0.36167656, 0.40387734], [0.63696719, 0.40235469], [0.50019687, 0.56044219], [0.38710391, 0.72160547], [0.61507734, 0.72034453]],
    "ffhq_512": [[0.37691676, 0.46864664], [0.62285697, 0.46912813], [0.50123859, 0.61331904], [0.39308822, 0.72541100], [0.61150205, 0.72490465]],
}
FACE, EYEBALL, MOUTH = 1, 4, 7


@dataclasses.dataclass
class Shot:
    """People before the camera; `plane` are projected vertices, `points` [B,68,2] and `box` [B,4] lie in the same plane."""

    identity: Identity
    expression: torch.Tensor
    turn: torch.Tensor
    distance: torch.Tensor
    rows: params.Rows
    wear: dict
    world: torch.Tensor
    plane: torch.Tensor
    points: torch.Tensor
    box: torch.Tensor


def similarity(source, goal):
    """Least-squares similarity [B,2,3] that maps points [B,k,2] onto goal [B,k,2] or [k,2]."""
    goal = goal.expand_as(source)
    ms, mg = source.mean(1, keepdim=True), goal.mean(1, keepdim=True)
    s, d = source - ms, goal - mg
    size = (s**2).sum((1, 2))
    a = (s * d).sum((1, 2)) / size
    b = (s[..., 0] * d[..., 1] - s[..., 1] * d[..., 0]).sum(1) / size
    linear = torch.stack([torch.stack([a, -b], 1), torch.stack([b, a], 1)], 1)
    move = mg[:, 0] - (linear @ ms.mT)[:, :, 0]
    return torch.cat([linear, move[:, :, None]], 2)


def apply(affine, points):
    return points @ affine[:, :, :2].mT + affine[:, None, :, 2]


class Studio:
    """Draws random people on one device; everything random comes from one seeded generator."""

    def __init__(self, mesh, device, seed, stock=256):
        self.device = torch.device(device)
        self.renderer = Renderer(mesh, self.device)
        self.random = Sampler(self.renderer.names, self.device, seed)
        self.background = backgrounds.Bank(self.random, stock)

    def shot(self, count, identity=None, turn=None, expression=None, **pose):
        s = self.random
        identity = identity or s.identities(count)
        rows = params.Rows(count, self.device)
        s.styles(rows, identity)
        expression = s.expressions(identity) if expression is None else expression
        turn = s.poses(count, **pose) if turn is None else turn
        return self.take(identity, expression, turn, s.rand(count, low=7, high=28), rows, random_wear(s, count))

    def take(self, identity, expression, turn, distance, rows, wear, around=None):
        world = self.renderer.build(identity, expression, turn, rows, wear, around)
        plane = self.renderer.project(world, distance)
        return Shot(identity, expression, turn, distance, rows, wear, world, plane, *self.renderer.points(plane))

    def true_swap(self, shot, identity):
        """The same picture with another face: its shape, skin, lips, brows, iris and beard are the new person's; pose, expression,
        light, hair, clothes, glasses stay. Towards ears, neck and hairline shape and skin tone fade back to the first person's."""
        rows = params.Rows(len(shot.turn), self.device)
        rows.data = shot.rows.data.clone()
        for key, value in identity.fields.items():
            rows[key] = value
        rows["rim_tone"] = shot.identity.fields["tone"]
        return self.take(identity, shot.expression, shot.turn, shot.distance, rows, shot.wear, shot.identity)

    def box_affine(self, shot, size=256, fill=195.0, jitter=1.0):
        """The landmarker's crop: the box's longer side becomes `fill` px, with a detector's errors."""
        s, n = self.random, len(shot.box)
        side = (shot.box[:, 2:] - shot.box[:, :2]).amax(1)
        k = fill / side * torch.exp(0.09 * jitter * s.randn(n))
        centre = (shot.box[:, :2] + shot.box[:, 2:]) / 2 + 0.05 * jitter * side[:, None] * s.randn(n, 2)
        affine = torch.zeros(n, 2, 3, device=self.device)
        affine[:, 0, 0] = affine[:, 1, 1] = k
        affine[:, :, 2] = size / 2 - centre * k[:, None]
        return affine

    def five_affine(self, shot, template, size, jitter=1.0):
        """A crop by the five points, with a landmarker's errors of about `jitter` percent of the template."""
        five = landmarks.five_of(shot.points)
        goal = torch.tensor(TEMPLATES[template], device=self.device) * size
        spread = (five - five.mean(1, keepdim=True)).norm(dim=2).mean(1)[:, None, None]
        return similarity(five + 0.03 * jitter * spread * self.random.randn(*five.shape), goal)

    def draw(self, shot, affine, size, oversample=2):
        """(picture premultiplied [B,3,h,w], alpha [B,1,h,w], face share [B,1,h,w])."""
        picture, classes, _ = self.renderer.draw(shot.world, shot.plane, affine, shot.rows, shot.wear, size, oversample)
        return picture[:, :3], picture[:, 3:], classes[:, [FACE, EYEBALL, MOUTH]].sum(1, keepdim=True)

    def compose(self, shot, affine, size, hidden=0.2, oversample=2):
        """Pictures over random backgrounds with things in front: (picture, visible face [B,1,h,w])."""
        n = len(shot.turn)
        picture, alpha, face = self.draw(shot, affine, size, oversample)
        picture = picture + (1 - alpha) * self.background.cut(n, size)
        front, cover = effects.cover(self.random, n, size, hidden)
        return torch.lerp(picture, front, cover), face * (1 - cover)

    def parse(self, shot, affine, size, hidden=0.2):
        """Pictures as `compose` makes them, and the class of face parsing of each pixel [B,h,w] (bytes; 0 where something is in front)."""
        n = len(shot.turn)
        picture, _, regions = self.renderer.draw(shot.world, shot.plane, affine, shot.rows, shot.wear, size)
        picture = picture[:, :3] + (1 - picture[:, 3:]) * self.background.cut(n, size)
        front, cover = effects.cover(self.random, n, size, hidden)
        return torch.lerp(picture, front, cover), regions * (cover[:, 0] < 0.5)
