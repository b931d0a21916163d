"""Stages of the further face models: classifier, parser, second landmarker, face enhancer."""

import torch
from torch.nn import functional

from . import effects, face_networks
from .stages import LandmarkerStage, Stage, mirror, to_bytes

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
AGE_STARTS = (3.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0)  # first years of the age classes 1 to 8


def standard(picture):
    """Bytes RGB -> the input of classifier and parser."""
    mean, deviation = (torch.tensor(v, device=picture.device)[:, None, None] for v in (MEAN, DEVIATION))
    return ((picture.float() / 255 - mean) / deviation).contiguous(memory_format=torch.channels_last)


def age_shares(years, spread=4.0):
    """[B,9]: how much each age class fits a head of that many years, known to about `spread` years."""
    edges = torch.tensor(AGE_STARTS, device=years.device)
    below = 0.5 + 0.5 * torch.erf((edges - years[:, None]) / (spread * 2 ** 0.5))
    below = torch.cat([torch.zeros_like(below[:, :1]), below, torch.ones_like(below[:, :1])], 1)
    return below[:, 1:] - below[:, :-1]


class ClassifierStage(Stage):
    network = face_networks.Classifier
    rate, batch, stock, fresh, every = 2e-3, 128, 8192, 64, 2  # a face seen often is known by heart, not by its age

    def sample(self, n):
        people = self.random.identities(n, youngest=1.0, children=0.25)
        shot = self.studio.shot(n, people, share=0.08)
        picture, _ = self.studio.compose(shot, self.studio.five_affine(shot, "arcface_112_v2", 224), (224, 224), 0.12)
        return to_bytes(effects.degrade(self.random, picture, 0.7)), people.ethnicity, people.male, people.age

    def loss(self, net):
        picture, ethnicity, male, years = self.ring.draw(self.batch, self.random)
        picture = mirror(self.random.rand(len(picture)) < 0.5, picture)
        race, man, age = (v.float() for v in net(standard(picture)))
        with torch.autocast(self.device.type, enabled=False):
            return (functional.cross_entropy(race, ethnicity) + functional.binary_cross_entropy_with_logits(man[:, 0], male)
                    + functional.cross_entropy(age, age_shares(years)))


class ParserStage(Stage):
    network = face_networks.Parser
    rate, batch, stock, fresh, every = 2e-3, 16, 1024, 8, 1
    templates, size = ("arcface_128", "arcface_112_v2", "ffhq_512"), 512
    heavy = (2, 3, 4, 5, 6, 7, 8, 11, 12, 13)  # small classes weigh more
    other_side = (0, 1, 3, 2, 5, 4, 6, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)  # brows, eyes and ears of a mirror image

    def sample(self, n):
        shot = self.studio.shot(n, share=0.15)
        which = self.templates[int(torch.randint(len(self.templates), (1,), device=self.device, generator=self.random.random))]
        picture, regions = self.studio.parse(shot, self.studio.five_affine(shot, which, self.size), (self.size, self.size), 0.25)
        return to_bytes(effects.degrade(self.random, picture, 0.6)), regions

    def loss(self, net):
        picture, regions = self.ring.draw(self.batch, self.random)
        flip, regions = self.random.rand(len(picture)) < 0.5, regions.long()
        picture = mirror(flip, picture)
        regions = mirror(flip, regions, torch.tensor(self.other_side, device=self.device)[regions.flip(-1)])
        weight = torch.ones(19, device=self.device)
        weight[list(self.heavy)] = 3.0
        scores = net(standard(picture)).float()
        with torch.autocast(self.device.type, enabled=False):
            return functional.cross_entropy(scores, regions, weight)


class PointLandmarkerStage(LandmarkerStage):
    """The crops of the first landmarker."""

    network = face_networks.PointLandmarker

    def loss(self, net):
        picture, points, face = self.ring.draw(self.batch, self.random)
        logits, score = net.maps((picture.flip(1).float() / 255).contiguous(memory_format=torch.channels_last))
        found, goal = torch.stack([*net.places(logits)], 2), points / 4
        inside = ((goal > 0) & (goal < 63)).all(2).float() * face[:, None]
        scale = (goal[:, 36:42].mean(1) - goal[:, 42:48].mean(1)).norm(dim=1).clamp(min=8)[:, None]
        distance = ((found - goal).norm(dim=2) / scale * inside).sum() / inside.sum().clamp(min=1)
        with torch.autocast(self.device.type, enabled=False):
            # Towards a bump of about one cell at the place: distances alone teach flat maps slowly.
            bump = [torch.exp(-((net.line - goal[..., k:k + 1]) ** 2) / (2 * 1.6 ** 2)) for k in (0, 1)]
            bump = functional.normalize((bump[1][..., :, None] * bump[0][..., None, :]).flatten(2) + 1e-8, p=1.0, dim=2)
            spread = -((bump * torch.log_softmax(logits, 2)).sum(2) * inside).sum() / inside.sum().clamp(min=1)
            seen = functional.binary_cross_entropy(score.clamp(1e-5, 1 - 1e-5), inside)
        return 20 * distance + spread + 0.5 * seen


class FaceEnhancerStage(Stage):
    network = face_networks.FaceEnhancer
    rate, batch, stock, fresh, every = 6e-4, 16, 1024, 8, 3
    size = 512

    def sample(self, n):
        """Sharp people before a background out of focus: its grain could not be told from the sensor's."""
        s, size = self.random, (self.size, self.size)
        shot = self.studio.shot(n, share=0.08)
        picture, alpha, _ = self.studio.draw(shot, self.studio.five_affine(shot, "ffhq_512", self.size), size)
        back = effects.blur(self.studio.background.cut(n, size), s.rand(n, low=1.0, high=3.0))
        front, cover = effects.cover(s, n, size, 0.1)
        return (to_bytes(torch.lerp(picture + (1 - alpha) * back, front, cover)),)

    def loss(self, net):
        goal = self.ring.draw(self.batch, self.random)[0].float() / 255
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            seen = effects.worn(self.random, goal, 0.1)
        out = net((seen * 2 - 1).contiguous(memory_format=torch.channels_last)).float() / 2 + 0.5
        error = out - goal
        return 10 * error.abs().mean() + 100 * (error ** 2).mean()


ALL = {"classifier": ClassifierStage, "parser": ParserStage, "landmarker_2": PointLandmarkerStage, "face_enhancer": FaceEnhancerStage}
