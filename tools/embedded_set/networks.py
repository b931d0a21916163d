"""The first six networks, and the blocks of all. Batch norm folds into the convolutions on export; every layer is a plain convolution or product, so that a
small CPU runs them fast. Input and output layouts are those of the reference families (docs of the product: analysing chapter)."""

import torch
from torch import nn
from torch.nn import functional


class Conv(nn.Sequential):
    def __init__(self, inside, outside, kernel=3, stride=1, act=True, norm=True):
        layers = [nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=not norm)] + ([nn.BatchNorm2d(outside)] if norm else [])
        super().__init__(*layers, *([nn.ReLU(inplace=True)] if act else []))
        if not norm:
            nn.init.kaiming_normal_(layers[0].weight, nonlinearity="relu")
            nn.init.zeros_(layers[0].bias)


class Residual(nn.Module):
    def __init__(self, width, norm=True):
        super().__init__()
        self.first, self.second = Conv(width, width, norm=norm), Conv(width, width, act=False, norm=norm)
        if not norm:  # without batch norm a block starts near the identity
            self.second[0].weight.data.mul_(0.1)

    def forward(self, x):
        return functional.relu(x + self.second(self.first(x)))


def double(x):
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


class Pyramid(nn.Module):
    """Halves the picture once per further width and comes back up: [B,widths[0],h,w] -> (the same shape, [B,widths[-1],small])."""

    def __init__(self, widths, norm=True):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Sequential(Conv(a, b, 3, 2, norm=norm), Residual(b, norm)) for a, b in steps])
        self.side = nn.ModuleList([Conv(b, a, 1, norm=norm) for a, b in steps])
        self.join = nn.ModuleList([Conv(a, a, norm=norm) for a, _ in steps])

    def forward(self, x):
        kept = [x]
        for layer in self.down:
            kept.append(layer(kept[-1]))
        y = deep = kept.pop()
        for side, join in zip(reversed(self.side), reversed(self.join)):
            y = join(double(side(y)) + kept.pop())
        return y, deep


class Detector(nn.Module):
    """[B,3,H,W] BGR (v-127.5)/128 -> scores, boxes, points per stride 8, 16, 32, rows of 2 anchors per cell (scrfd contract).

    In training the scores are logits [B,N,1] and all outputs keep the batch axis; `export` mode gives [N,1], [N,4], [N,10].
    """

    strides = (8, 16, 32)
    export = False

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 16, 3, 2), Conv(16, 24, 3, 2), Residual(24))
        self.c3 = nn.Sequential(Conv(24, 48, 3, 2), Residual(48))
        self.c4 = nn.Sequential(Conv(48, 80, 3, 2), Residual(80))
        self.c5 = nn.Sequential(Conv(80, 96, 3, 2), Residual(96))
        self.lateral = nn.ModuleList([Conv(c, 48, 1, act=False) for c in (48, 80, 96)])
        self.smooth = nn.ModuleList([Conv(48, 48) for _ in range(3)])
        self.tower = nn.ModuleList([Conv(48, 48) for _ in range(3)])
        self.score = nn.ModuleList([nn.Conv2d(48, 2, 1) for _ in range(3)])
        self.place = nn.ModuleList([nn.Conv2d(48, 28, 1) for _ in range(3)])
        self.scale = nn.Parameter(torch.full((3,), 2.0))
        for head in self.score:
            nn.init.constant_(head.bias, -4.5)

    def forward(self, x):
        c3 = self.c3(self.stem(x))
        c4 = self.c4(c3)
        c5 = self.c5(c4)
        p5 = self.lateral[2](c5)
        p4 = self.lateral[1](c4) + double(p5)
        p3 = self.lateral[0](c3) + double(p4)
        scores, boxes, points = [], [], []
        for k, level in enumerate((p3, p4, p5)):
            f = self.tower[k](self.smooth[k](functional.relu(level)))
            score = self._rows(self.score[k](f), 1)
            place = self._rows(self.place[k](f), 14)
            box = functional.softplus(place[..., :4]) * self.scale[k]
            point = place[..., 4:] * self.scale[k]
            if self.export:
                score, box, point = torch.sigmoid(score)[0], box[0], point[0]
            scores.append(score), boxes.append(box), points.append(point)
        return (*scores, *boxes, *points)

    @staticmethod
    def _rows(x, width):
        return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, width)


class Landmarker(nn.Module):
    """[B,3,256,256] BGR/255 -> points [B,68,3] on a 64 grid (third column: peak) and heat maps [B,68,64,64] (2dfan4 contract)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 24, 3, 2), Conv(24, 48, 3, 2), Residual(48))
        self.d1 = nn.Sequential(Conv(48, 80, 3, 2), Residual(80))
        self.d2 = nn.Sequential(Conv(80, 80, 3, 2), Residual(80))
        self.d3 = nn.Sequential(Conv(80, 80, 3, 2), Residual(80))
        self.u2, self.u1, self.u0 = Conv(80, 80, 1), Conv(80, 48, 1), Conv(48, 64)
        self.skip2, self.skip1 = Conv(80, 80, 1), Conv(80, 80, 1)
        self.head = nn.Conv2d(64, 68, 1)
        # A cell covers four pixels; its centre is 1.5 px = 0.375 cells right of the first.
        self.register_buffer("line", torch.arange(64.0)[:, None] + 0.375, persistent=False)

    def forward(self, x):
        s0 = self.stem(x)
        s1 = self.d1(s0)
        s2 = self.d2(s1)
        s3 = self.d3(s2)
        y = double(s3) + self.skip2(s2)
        y = double(self.u2(y)) + self.skip1(s1)
        y = self.u0(double(self.u1(y)) + s0)
        heat = torch.sigmoid(self.head(y).float() - 4.0)
        flat = heat.flatten(2)
        sharp = torch.softmax(flat * 24.0, 2).view_as(heat)
        return torch.cat([sharp.sum(2) @ self.line, sharp.sum(3) @ self.line, flat.amax(2, keepdim=True)], 2), heat


class FiveTo68(nn.Module):
    """[B,5,2] -> [B,68,2] in unit template space (fan_68_5 contract): a linear guess plus a small correction."""

    def __init__(self):
        super().__init__()
        self.line = nn.Linear(10, 136)
        self.rest = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 136))

    def forward(self, five):
        x = (five.flatten(1) - 0.55) * 4.0
        return (0.55 + 0.25 * (self.line(x) + self.rest(x))).view(-1, 68, 2)


class Recognizer(nn.Module):
    """[B,3,112,112] RGB v/127.5-1 -> [B,512] (arcface contract)."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            Conv(3, 32, 3, 2), Residual(32), Conv(32, 56, 3, 2), Residual(56), Residual(56),
            Conv(56, 96, 3, 2), Residual(96), Conv(96, 136, 3, 2), Conv(136, 136, 1))
        self.place = nn.Conv2d(136, 136, 7, groups=136, bias=False)
        self.norm = nn.BatchNorm2d(136)
        self.out = nn.Linear(136, 512, bias=False)
        self.last = nn.BatchNorm1d(512)

    def forward(self, x):
        return self.last(self.out(self.norm(self.place(self.body(x))).flatten(1)))


class Film(nn.Module):
    """A convolution whose channels are scaled and shifted by the identity vector."""

    def __init__(self, inside, outside, style, stride=1):
        super().__init__()
        self.conv = Conv(inside, outside, 3, stride, act=False)
        self.style = nn.Linear(style, 2 * outside)
        nn.init.normal_(self.style.weight, std=0.02)
        nn.init.zeros_(self.style.bias)

    def forward(self, x, s):
        gain, shift = self.style(s)[:, :, None, None].chunk(2, 1)
        return self.conv(x) * (1 + gain) + shift


class Swapper(nn.Module):
    """target [B,3,128,128] RGB 0..1, source [B,512] unit identity -> [B,3,128,128] RGB 0..1 (inswapper contract).

    The new face is blended over the target by a mask that the network draws itself.
    """

    style = 96

    def __init__(self):
        super().__init__()
        self.identity = nn.Sequential(nn.Linear(512, self.style), nn.ReLU(inplace=True), nn.Linear(self.style, self.style), nn.ReLU(inplace=True))
        self.e0, self.e1 = Conv(3, 24), nn.Sequential(Conv(24, 48, 3, 2), Conv(48, 48))
        self.e2 = nn.Sequential(Conv(48, 96, 3, 2), Conv(96, 96))
        self.e3 = Conv(96, 112, 3, 2)
        self.blocks = nn.ModuleList([Film(112, 112, self.style) for _ in range(6)])
        self.d2, self.d2b = Film(208, 96, self.style), Film(96, 96, self.style)
        self.d1, self.d1b = Film(144, 64, self.style), Film(64, 64, self.style)
        self.d1c = Film(64, 64, self.style)
        self.d0, self.d0b = Film(88, 32, self.style), Film(32, 32, self.style)
        self.out = nn.Conv2d(32, 4, 3, 1, 1)

    def forward(self, target, source):
        s = self.identity(source * 22.6)
        x0 = self.e0(target * 2 - 1)
        x1 = self.e1(x0)
        x2 = self.e2(x1)
        y = self.e3(x2)
        for a, b in zip(self.blocks[::2], self.blocks[1::2]):
            y = functional.relu(y + b(functional.relu(a(y, s)), s))
        y = self._up(y, x2, s, self.d2, self.d2b)
        y = self._up(y, x1, s, self.d1, self.d1b)
        y = functional.relu(y + self.d1c(y, s))
        y = self._up(y, x0, s, self.d0, self.d0b)
        z = torch.sigmoid(self.out(y).float())
        return target + z[:, 3:] * (z[:, :3] - target)

    @staticmethod
    def _up(y, skip, s, first, second):
        y = functional.relu(first(torch.cat([double(y), skip], 1), s))
        return functional.relu(second(y, s))


class Critic(nn.Module):
    """Tells true from made swaps in training; returns the features of its layers and a map of scores."""

    def __init__(self):
        super().__init__()
        sizes = [(3, 32), (32, 64), (64, 128)]
        self.layers = nn.ModuleList([nn.utils.spectral_norm(nn.Conv2d(a, b, 4, 2, 1)) for a, b in sizes])
        self.score = nn.utils.spectral_norm(nn.Conv2d(128, 1, 3, 1, 1))

    def forward(self, x):
        features = []
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
            features.append(x)
        return features, self.score(x)


class Occluder(nn.Module):
    """[B,256,256,3] BGR/255 -> [B,256,256,1], 1 where the face is visible (xseg contract); works on a half-size picture inside."""

    def __init__(self):
        super().__init__()
        self.e0 = Conv(12, 24)
        self.e1 = nn.Sequential(Conv(24, 32, 3, 2), Residual(32))
        self.e2 = nn.Sequential(Conv(32, 48, 3, 2), Residual(48))
        self.e3 = nn.Sequential(Conv(48, 64, 3, 2), Residual(64))
        self.u2, self.u1, self.u0 = Conv(64, 48, 1), Conv(48, 32), Conv(32, 24)
        self.d0 = Conv(24, 24)
        self.out = nn.Conv2d(24, 4, 3, 1, 1)

    def forward(self, x):
        x0 = self.e0(functional.pixel_unshuffle(x.permute(0, 3, 1, 2), 2))
        x1 = self.e1(x0)
        x2 = self.e2(x1)
        y = double(self.u2(self.e3(x2))) + x2
        y = double(self.u1(y)) + x1
        y = self.d0(double(self.u0(y)) + x0)
        return torch.sigmoid(functional.pixel_shuffle(self.out(y).float(), 2)).permute(0, 2, 3, 1)
