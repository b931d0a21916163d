"""One class per network: where its training samples come from and what its loss is. Here the first six; face_stages.py and
frame_stages.py hold the others.

A stage offers `net`, `prepare(quick)` (draws the first stock), `refresh()` (draws a few new samples into the stock) and
`loss(net)` (one batch). Samples live as bytes on the device in a ring that refresh() keeps renewing.
"""

import torch
from torch import nn
from torch.nn import functional

from . import crowd, effects, landmarks, networks
from .studio import TEMPLATES, apply, similarity


class Ring:
    """A stock of tensors with one common first axis; new samples replace the oldest."""

    def __init__(self, capacity):
        self.capacity, self.at, self.filled, self.data = capacity, 0, 0, None

    def add(self, *tensors):
        if self.data is None:
            self.data = [torch.empty(self.capacity, *t.shape[1:], dtype=t.dtype, device=t.device) for t in tensors]
        n = len(tensors[0])
        index = (torch.arange(n, device=tensors[0].device) + self.at) % self.capacity
        for store, t in zip(self.data, tensors):
            store[index] = t
        self.at, self.filled = (self.at + n) % self.capacity, min(self.capacity, self.filled + n)

    def draw(self, count, random):
        index = torch.randint(self.filled, (count,), device=self.data[0].device, generator=random.random)
        return [d[index] for d in self.data]


def to_bytes(picture):
    return (picture.clamp(0, 1) * 255 + 0.5).byte()


def mirror(flip, picture, mirrored=None):
    """Pictures [B,...,w] with those of `flip` [B] replaced by their mirror images, or by what is given."""
    mirrored = picture.flip(-1) if mirrored is None else mirrored
    return torch.where(flip.view(-1, *[1] * (picture.dim() - 1)), mirrored, picture)


class Stage:
    network = None  # the class of `net`
    rate, batch, weight_decay = 2e-3, 64, 1e-4
    stock, fresh, every = 4096, 32, 2

    def __init__(self, studio):
        self.studio, self.random, self.device = studio, studio.random, studio.device
        self.net = self.network().to(self.device)
        self.ring = None

    def parameters(self):
        return self.net.parameters()

    def prepare(self, quick):
        if quick:
            self.stock = self.fresh = self.batch = 2
        self.ring = Ring(self.stock)
        while self.ring.filled < self.ring.capacity:
            self.refresh()

    def resume(self):
        """Called before training goes on from a checkpoint."""

    def refresh(self):
        self.ring.add(*self.sample(self.fresh))


class DetectorStage(Stage):
    network = networks.Detector
    rate, batch, stock, fresh, every = 2e-3, 32, 1024, 32, 2
    sizes = (16.0, 32.0, 64.0, 128.0, 256.0, 512.0)

    def prepare(self, quick):
        self.tiles = crowd.Bank(self.studio, 4 if quick else 6000)
        super().prepare(quick)

    def sample(self, n):
        picture, boxes, points, state = self.tiles.pictures(n)
        return to_bytes(picture), boxes, points, state

    def loss(self, net):
        picture, boxes, points, state = self.ring.draw(self.batch, self.random)
        x = (picture.flip(1).float() - 127.5) / 128
        flip = self.random.rand(len(x)) < 0.5
        w = x.shape[3]
        x = torch.where(flip[:, None, None, None], x.flip(3), x)
        mirrored = torch.stack([w - 1 - boxes[..., 2], boxes[..., 1], w - 1 - boxes[..., 0], boxes[..., 3]], 2)
        boxes = torch.where(flip[:, None, None], mirrored, boxes)
        swapped = points[:, :, [1, 0, 2, 4, 3]] * points.new_tensor([-1.0, 1.0]) + points.new_tensor([w - 1.0, 0.0])
        points = torch.where(flip[:, None, None, None], swapped, points)
        out = net(x.contiguous(memory_format=torch.channels_last))
        total_score = total_place = 0.0
        positives = 0
        for k, stride in enumerate(networks.Detector.strides):
            label, which, anchor = self._assign(k, stride, boxes, state, x.shape[3] // stride)
            logit = out[k][..., 0].float()
            p = torch.sigmoid(logit)
            bce = functional.binary_cross_entropy_with_logits(logit, label.clamp(min=0), reduction="none")
            hard = torch.where(label > 0.5, 1 - p, p) ** 2
            total_score = total_score + (bce * hard * torch.where(label > 0.5, 1.5, 1.0) * (label >= 0)).sum()
            on = label > 0.5
            positives = positives + on.sum()
            b, row = on.nonzero(as_tuple=True)
            face = which[b, row]
            at = anchor[row]
            goal = boxes[b, face]
            d = out[3 + k][b, row].float() * stride
            box = torch.stack([at[:, 0] - d[:, 0], at[:, 1] - d[:, 1], at[:, 0] + d[:, 2], at[:, 1] + d[:, 3]], 1)
            size = (goal[:, 2:] - goal[:, :2]).mean(1, keepdim=True).clamp(min=1)
            found = at[:, None] + out[6 + k][b, row].float().view(-1, 5, 2) * stride
            error = functional.smooth_l1_loss(found / size[:, None], points[b, face] / size[:, None], reduction="none", beta=0.02)
            total_place = total_place + (2.0 * (1 - giou(box, goal))).sum() + error.sum() * 1.2
        return (total_score + total_place) / positives.clamp(min=1)

    def _assign(self, k, stride, boxes, state, cells):
        """Rows of one stride: label [B,N] (1 face, 0 none, -1 leave out), face index [B,N], anchors [N,2]."""
        line = torch.arange(cells, device=self.device) * float(stride)
        y, x = torch.meshgrid(line, line, indexing="ij")
        anchor = torch.stack([x, y], 2).view(-1, 1, 2).expand(-1, 2, 2).reshape(-1, 2)
        size = torch.tensor(self.sizes[2 * k:2 * k + 2], device=self.device).repeat(cells * cells)
        centre, side = (boxes[..., :2] + boxes[..., 2:]) / 2, ((boxes[..., 2:] - boxes[..., :2]).clamp(min=1)).prod(2).sqrt()
        fits = (side[:, None].clamp(12, 640) / size[None, :, None]).log2().abs()
        reach = torch.where(size > 2.5 * stride, 1.5, 1.0)[None, :, None] * stride
        near = (anchor[None, :, None] - centre[:, None]).abs().amax(3) < reach
        face = (near & (fits < 0.62) & (state[:, None] > 0.5))
        box = boxes[:, None]
        within = ((anchor[None, :, None] > box[..., :2]) & (anchor[None, :, None] < box[..., 2:])).all(3)
        doubt = (within & (state[:, None] < -0.5)) | (near & (fits < 1.1) & (state[:, None] > 0.5))
        score = face.float() * (2 - fits)
        label = torch.where(face.any(2), 1.0, torch.where(doubt.any(2), -1.0, 0.0))
        return label, score.argmax(2), anchor


def giou(a, b):
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    inter = (high - low).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - inter
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    return inter / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)


class LandmarkerStage(Stage):
    network = networks.Landmarker
    rate, batch, stock, fresh, every = 2e-3, 128, 8192, 64, 4

    def sample(self, n):
        shot = self.studio.shot(n, share=0.22)
        affine = self.studio.box_affine(shot)
        picture, _ = self.studio.compose(shot, affine, (256, 256), 0.25)
        points = apply(affine, shot.points)
        empty = self.random.chance(n, 0.06)
        picture = torch.lerp(picture, self.studio.background.cut(n, (256, 256)), empty[:, None, None, None])
        return to_bytes(effects.degrade(self.random, picture)), points, 1 - empty

    def loss(self, net):
        picture, points, face = self.ring.draw(self.batch, self.random)
        x = (picture.flip(1).float() / 255).contiguous(memory_format=torch.channels_last)
        found, heat = net(x)
        goal = points / 4
        line = torch.arange(64, device=self.device) + 0.375
        gx = torch.exp(-((line - goal[..., :1]) ** 2) / (2 * 1.4**2))
        gy = torch.exp(-((line - goal[..., 1:]) ** 2) / (2 * 1.4**2))
        map_goal = gy[..., :, None] * gx[..., None, :] * face[:, None, None, None]
        heat_loss = ((heat - map_goal) ** 2 * (1 + 30 * map_goal)).mean() * 20
        inside = ((goal > 0.5) & (goal < 63.5)).all(2).float() * face[:, None]
        scale = (goal[:, 36:42].mean(1) - goal[:, 42:48].mean(1)).norm(dim=1).clamp(min=8)[:, None]
        point_loss = ((found[..., :2] - goal).norm(dim=2) / scale * inside).sum() / inside.sum().clamp(min=1)
        return heat_loss + 20 * point_loss


class FiveTo68Stage(Stage):
    network = networks.FiveTo68
    rate, batch, stock, fresh, every = 2e-3, 1024, 65536, 256, 4

    def sample(self, n):
        identity = self.random.identities(n)
        turn = self.random.poses(n, share=0.25)
        r = self.studio.renderer
        v = r.heads(identity, self.random.expressions(identity))
        full = torch.cat([v, v.new_zeros(n, len(r.rest) - v.shape[1], 3)], 1)
        plane = r.project(r.pose(full, turn), self.random.rand(n, low=7, high=28))
        return (plane[:, r.landmark_index, :2],)

    def loss(self, net):
        (points,) = self.ring.draw(self.batch, self.random)
        five = landmarks.five_of(points)
        spread = (five - five.mean(1, keepdim=True)).norm(dim=2).mean(1)[:, None, None]
        five = five + 0.03 * spread * self.random.randn(*five.shape) * self.random.rand(len(five))[:, None, None]
        affine = similarity(five, torch.tensor(TEMPLATES["ffhq_512"], device=self.device))
        with torch.autocast(self.device.type, enabled=False):
            found = net(apply(affine, five))
        return (found - apply(affine, points)).norm(dim=2).mean() * 50


class RecognizerStage(Stage):
    """Cosine margin over the drawn people; beside it a linear head, dropped later, reads the renderer's own description of the
    person out of the vector, so that the vector keeps what a swap has to carry over."""

    network = networks.Recognizer
    rate, batch, stock, fresh, every = 2e-3, 512, 163840, 512, 32
    people, margin, scale, known_weight = 20480, 0.35, 32.0, 3.0

    def prepare(self, quick):
        self.people = 6 if quick else self.people
        self.pool, self.next = self.random.identities(self.people), 0
        self.known = description(self.pool)
        self.reader = nn.Linear(512, self.known.shape[1]).to(self.device)
        self.centres = nn.Parameter(torch.randn(self.people, 512, device=self.device) * 0.05)
        super().prepare(quick)

    def resume(self):
        """The people are new after a restart: their mean vectors are a better start than chance."""
        crops, label = self.ring.data
        total = torch.zeros_like(self.centres)
        self.net.eval()
        for start in range(0, len(crops), 1024):
            part = slice(start, start + 1024)
            e = self.net(crops[part].float() / 127.5 - 1)
            total.index_add_(0, label[part], functional.normalize(e))
        self.centres.data.copy_(functional.normalize(total))

    def sample(self, n):
        who = (torch.arange(n, device=self.device) + self.next) % self.people
        self.next = (self.next + n) % self.people
        return self.view(self.pool.pick(who)), who

    def view(self, identity):
        shot = self.studio.shot(len(identity.weights), identity, share=0.06)
        affine = self.studio.five_affine(shot, "arcface_112_v2", 112)
        picture, _ = self.studio.compose(shot, affine, (112, 112), 0.10)
        return to_bytes(effects.degrade(self.random, picture, 0.8))

    def parameters(self):
        return [*self.net.parameters(), *self.reader.parameters(), self.centres]

    def loss(self, net):
        crops, label = self.ring.draw(self.batch, self.random)
        x = crops.float() / 127.5 - 1
        x = x * torch.exp(0.12 * self.random.randn(len(x), 3, 1, 1)) + 0.10 * self.random.randn(len(x), 1, 1, 1)
        e = functional.normalize(net(x.contiguous(memory_format=torch.channels_last)).float())
        with torch.autocast(self.device.type, enabled=False):
            cosine = e @ functional.normalize(self.centres).T
            margin = torch.zeros_like(cosine).scatter_(1, label[:, None], self.margin)
            known = functional.smooth_l1_loss(self.reader(e * 22.6), self.known[label])
            return functional.cross_entropy(self.scale * (cosine - margin), label) + self.known_weight * known


def description(people):
    """What the renderer knows of each person, standardised [B,k]: morph weights and all fields but the seed of the skin detail."""
    fields = [v.view(len(v), -1) for k, v in people.fields.items() if k != "seed"]
    table = torch.cat([people.weights, *fields], 1)
    spread = table.std(0)
    varied = spread > 1e-4
    return ((table - table.mean(0)) / spread.clamp(min=1e-4))[:, varied].clamp(-4, 4)


class SwapperStage(Stage):
    """Needs the trained recognizer (`load_recognizer` is set by the caller): source vectors and one part of the loss."""

    network = networks.Swapper
    rate, batch, stock, fresh, every = 1.5e-3, 96, 12288, 64, 6
    people, views = 8192, 4
    near_weight, edge_weight, alike_weight = 6.0, 5.0, 0.8
    feature_weight, critic_weight = 4.0, 0.04

    def __init__(self, studio):
        super().__init__(studio)
        self.critic = networks.Critic().to(self.device)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), lr=4e-4, betas=(0.5, 0.99))

    def embed(self, picture):
        """Unit embeddings of recognizer crops [B,3,112,112] 0..1."""
        return functional.normalize(self.recognizer(picture * 2 - 1).float())

    def prepare(self, quick):
        people, views = (6, 2) if quick else (self.people, self.views)
        self.pool = self.random.identities(people)
        super().prepare(quick)
        self.recognizer = self.load_recognizer().to(self.device).eval().requires_grad_(False)
        found = []
        for _ in range(views):
            for start in range(0, people, 256):
                part = self.pool.pick(torch.arange(start, min(people, start + 256), device=self.device))
                shot = self.studio.shot(len(part.weights), part, limit=30.0, share=0.0)
                picture, _ = self.studio.compose(shot, self.studio.five_affine(shot, "arcface_112_v2", 112, 0.5), (112, 112), 0.0)
                with torch.no_grad():
                    found.append(self.embed(effects.degrade(self.random, picture, 0.4)))
        self.vectors = torch.cat(found).view(views, people, 512)

    def sample(self, n):
        s = self.random
        mine, other = (torch.randint(len(self.pool.weights), (n,), device=self.device, generator=s.random) for _ in range(2))
        shot = self.studio.shot(n, self.pool.pick(mine), share=0.06)
        goal_shot = self.studio.true_swap(shot, self.pool.pick(other))
        affine = self.studio.five_affine(shot, "arcface_128", 128, 0.7)
        back = self.studio.background.cut(n, (128, 128))
        front, cover = effects.cover(s, n, (128, 128), 0.15)
        sigma = s.rand(n) ** 2 * 1.2 * s.chance(n, 0.6)
        pair, seen = [], None
        for one in (shot, goal_shot):
            picture, alpha, face = self.studio.draw(one, affine, (128, 128))
            pair.append(effects.blur(torch.lerp(picture + (1 - alpha) * back, front, cover), sigma).clamp(0, 1))
            seen = face if seen is None else torch.maximum(seen, face)
        noisy = pair[0] + s.randn(*pair[0].shape) * (s.rand(n) ** 3 * 0.05)[:, None, None, None]
        coded = effects.jpeg(noisy.clamp(0, 1), s.rand(n, low=50, high=97))
        target = torch.lerp(noisy, coded, s.chance(n, 0.5)[:, None, None, None])
        return to_bytes(target), to_bytes(pair[1]), to_bytes(seen * (1 - cover)), other, mine

    def loss(self, net):
        target, goal, seen, other, mine = self.ring.draw(self.batch, self.random)
        target, goal, seen = target.float() / 255, goal.float() / 255, seen.float() / 255
        own = self.random.rand(len(target)) < 0.05  # the person onto herself: nothing may change
        who = torch.where(own, mine, other)
        goal = torch.where(own[:, None, None, None], target, goal)
        view = torch.randint(len(self.vectors), (len(who),), device=self.device, generator=self.random.random)
        out = net(target.contiguous(memory_format=torch.channels_last), self.vectors[view, who]).float()
        near = ((out - goal).abs() * (0.5 + 2.5 * seen)).mean()
        edges = sum((d(out) - d(goal)).abs().mean() for d in (lambda v: v[..., 1:] - v[..., :-1], lambda v: v[..., 1:, :] - v[..., :-1, :]))
        embedding = self.embed(self.to_recognizer(out))
        alike = 1 - (embedding * self.vectors[:, who].mean(0)).sum(1)
        return self.near_weight * near + self.edge_weight * edges + self.alike_weight * alike.mean() + self._judged(out, goal)

    def _judged(self, out, goal):
        """Trains the critic one step, then its view of `out`: distance of features to those of the true swap, and its score."""
        scores = self.critic(goal)[1], self.critic(out.detach())[1]
        loss = functional.relu(1 - scores[0]).mean() + functional.relu(1 + scores[1]).mean()
        self.critic_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.critic_optimizer.step()
        self.critic.requires_grad_(False)
        with torch.no_grad():
            wanted = self.critic(goal)[0]
        features, score = self.critic(out)
        self.critic.requires_grad_(True)
        distance = sum((f.float() - w.float()).abs().mean() for f, w in zip(features, wanted))
        return self.feature_weight * distance - self.critic_weight * score.float().mean()

    def to_recognizer(self, crop):
        """128 px arcface_128 crop -> 112 px arcface_112_v2 crop: the two templates differ by a scale and a shift."""
        if not hasattr(self, "_grid"):
            a = similarity(torch.tensor(TEMPLATES["arcface_112_v2"], device=self.device)[None] * 112, torch.tensor(TEMPLATES["arcface_128"], device=self.device) * 128)
            y, x = torch.meshgrid(torch.arange(112.0, device=self.device), torch.arange(112.0, device=self.device), indexing="ij")
            at = apply(a, torch.stack([x, y], 2).view(1, -1, 2)).view(1, 112, 112, 2)
            self._grid = (at + 0.5) * 2 / 128 - 1
        return functional.grid_sample(crop, self._grid.expand(len(crop), -1, -1, -1), align_corners=False, padding_mode="border")


class OccluderStage(Stage):
    network = networks.Occluder
    rate, batch, stock, fresh, every = 2e-3, 64, 4096, 32, 2

    def sample(self, n):
        shot = self.studio.shot(n, share=0.15)
        affine = self.studio.five_affine(shot, "arcface_128", 128)
        picture, face = self.studio.compose(shot, affine, (128, 128), 0.65)
        return to_bytes(effects.degrade(self.random, picture, 0.7)), to_bytes(face)

    def loss(self, net):
        picture, face = self.ring.draw(self.batch, self.random)
        large = functional.interpolate(picture.float() / 255, (256, 256), mode="bilinear")
        goal = functional.interpolate(face.float() / 255, (256, 256), mode="bilinear").permute(0, 2, 3, 1)
        found = net(large.flip(1).permute(0, 2, 3, 1)).float().clamp(1e-5, 1 - 1e-5)
        with torch.autocast(self.device.type, enabled=False):
            cross = functional.binary_cross_entropy(found, goal)
        overlap = (found * goal).sum((1, 2, 3)) / (found + goal - found * goal).sum((1, 2, 3)).clamp(min=1)
        return cross + 0.5 * (1 - overlap).mean()


ALL = {"detector": DetectorStage, "landmarker": LandmarkerStage, "five_to_68": FiveTo68Stage, "recognizer": RecognizerStage,
       "swapper": SwapperStage, "occluder": OccluderStage}
