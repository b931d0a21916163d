"""Draws random people: who they are (identity), what they do (expression, pose, gaze) and what they wear (style).

Identity = morph weights of the neutral head, skin (tone, detail, freckles, lips), brows, iris, beard growth and the noise seed
that places the skin detail. Everything else - expression, pose, hair, glasses, clothes, light, camera - belongs to the picture.
"""

import dataclasses
import re

import torch

ETHNICITIES = ["african", "asian", "caucasian"]
OPPOSITES = [("incr", "decr"), ("in", "out"), ("up", "down"), ("forward", "backward"), ("convex", "concave"), ("compress", "uncompress")]
SHAPES = ["oval", "round", "rectangular", "square", "triangular", "invertedtriangular", "diamond"]
DETAIL_ROOMS = ("head", "eyes", "nose", "mouth", "ears", "chin", "cheek", "eyebrows", "forehead", "neck")
SKIN = [[0.74, 0.51, 0.42], [0.66, 0.43, 0.33], [0.50, 0.30, 0.205], [0.29, 0.155, 0.095], [0.115, 0.060, 0.040]]
AGES = {"child": 10.0, "young": 25.0, "old": 90.0}  # years of the head of each morph; those between are mixtures
HAIR = [[0.014, 0.012, 0.011], [0.035, 0.020, 0.013], [0.085, 0.045, 0.025], [0.17, 0.085, 0.04], [0.36, 0.23, 0.11], [0.28, 0.09, 0.03], [0.42, 0.41, 0.39]]
IRIS = [[0.05, 0.025, 0.012], [0.10, 0.05, 0.02], [0.17, 0.11, 0.04], [0.10, 0.16, 0.08], [0.11, 0.19, 0.28], [0.20, 0.24, 0.27]]


@dataclasses.dataclass
class Identity:
    """`weights` [B, targets]; `fields` are the identity's entries of the shader's parameter row; `ethnicity` [B,3]; `male` [B] 0..1;
    `age` [B] in years as the morphs mean them."""

    weights: torch.Tensor
    ethnicity: torch.Tensor
    male: torch.Tensor
    age: torch.Tensor
    fields: dict

    def pick(self, index):
        return Identity(self.weights[index], self.ethnicity[index], self.male[index], self.age[index], {k: v[index] for k, v in self.fields.items()})


class Sampler:
    """Random identities, expressions and styles for a given list of morph target names; seeded."""

    def __init__(self, names, device, seed):
        self.names = list(names)
        self.device = device
        self.random = torch.Generator(device=device).manual_seed(seed)
        self.index = {n: i for i, n in enumerate(self.names)}
        self.pairs, self.singles, self.asym = self._detail_groups()
        self.units = [[i for n, i in self.index.items() if n.startswith(f"expression/units/{e}/")] for e in ETHNICITIES]
        self.unit_names = [self.names[i].split("/")[-1] for i in self.units[0]]

    def _detail_groups(self):
        pairs, singles, asym = {}, [], []
        for name, i in self.index.items():
            room, leaf = name.split("/")[0], name.split("/")[-1]
            if room == "asym":
                asym.append(i)
            if room not in DETAIL_ROOMS:
                continue
            for plus, minus in OPPOSITES:
                found = re.fullmatch(rf"(.*)-({plus}|{minus})", leaf)
                if found:
                    key = room + "/" + re.sub(r"^[lr]-", "", found[1])
                    pairs.setdefault(key, ([], []))[0 if found[2] == plus else 1].append(i)
                    break
            else:
                singles.append(i)
        return list(pairs.items()), singles, asym

    def rand(self, *shape, low=0.0, high=1.0):
        return torch.rand(*shape, device=self.device, generator=self.random) * (high - low) + low

    def randn(self, *shape):
        return torch.randn(*shape, device=self.device, generator=self.random)

    def chance(self, count, p):
        return (self.rand(count) < p).float()

    def choose(self, table, count, spread):
        """Random rows of a colour table, mixed with a second row and varied by `spread`."""
        t = torch.tensor(table, device=self.device)
        a = t[torch.randint(len(t), (count,), device=self.device, generator=self.random)]
        b = t[torch.randint(len(t), (count,), device=self.device, generator=self.random)]
        mixed = a + (b - a) * self.rand(count, 1) * 0.4
        return (mixed * torch.exp(spread * self.randn(count, 3) * 0.5 + spread * self.randn(count, 1))).clamp(0.004, 0.9)

    def identities(self, count, strength=0.34, youngest=0.6, children=0.10):
        """`youngest`: largest share of the child's morph; `children`: share of people who have any of it."""
        w = torch.zeros(count, len(self.names), device=self.device)
        eth = (-torch.log(self.rand(count, 3, low=1e-4, high=0.999))) ** 2.2
        eth = eth / eth.sum(1, keepdim=True)
        male = torch.sigmoid(3.5 * self.randn(count))
        old, child = self.rand(count) ** 1.6, self.rand(count) * youngest * self.chance(count, children)
        old = old * (1 - child)
        ages = {"old": old * 0.95, "child": child, "young": (1 - child - old * 0.95).clamp(min=0)}
        for e, ethnicity in enumerate(ETHNICITIES):
            for sex, share in (("male", male), ("female", 1 - male)):
                for age, amount in ages.items():
                    w[:, self.index[f"macrodetails/{ethnicity}-{sex}-{age}"]] = eth[:, e] * share * amount
        for key, (plus, minus) in self.pairs:
            scale = strength * (0.45 if key.startswith(("neck", "head/head-trans", "forehead/forehead-trans")) else 1.0)
            u = (self.randn(count, 1) * scale).clamp(-1, 1)
            for side, sign in ((plus, 1), (minus, -1)):
                for i in side:
                    w[:, i] = (sign * u[:, 0] + 0.06 * self.randn(count)).clamp(0, 1)
        for i in self.singles:
            w[:, i] = self.rand(count, low=0, high=0.8) * self.chance(count, 0.18)
        for i in self.asym:
            w[:, i] = self.rand(count, low=0, high=0.6) * self.chance(count, 0.25)
        years = sum(AGES[name] * share for name, share in ages.items())
        return Identity(w, eth, male, years, self._identity_fields(count, eth, male, old, child))

    def _identity_fields(self, n, eth, male, old, child):
        melanin = (eth @ torch.tensor([0.74, 0.27, 0.20], device=self.device) + 0.13 * self.randn(n)).clamp(0.0, 1.0)
        table = torch.tensor(SKIN, device=self.device)
        at = melanin * (len(SKIN) - 1.001)
        tone = torch.lerp(table[at.long()], table[at.long() + 1], (at % 1)[:, None]) * (1 + 0.03 * self.randn(n, 3))
        lip = tone * torch.tensor([0.95, 0.62, 0.64], device=self.device) * (1 + 0.10 * self.randn(n, 3))
        painted = self.chance(n, 0.25)[:, None] * (1 - male)[:, None]
        lip = torch.lerp(lip, self.choose([[0.5, 0.06, 0.08], [0.45, 0.16, 0.15], [0.3, 0.04, 0.08]], n, 0.15), painted * 0.8)
        dark = torch.tensor(HAIR[:3], device=self.device)[torch.randint(3, (n,), device=self.device, generator=self.random)]
        brow = torch.where((melanin < 0.35)[:, None], self.choose(HAIR[1:6], n, 0.2), dark)
        iris = torch.where((melanin < 0.35)[:, None], self.choose(IRIS, n, 0.15), self.choose(IRIS[:2], n, 0.15))
        grown = (male > 0.5).float() * (child < 0.05).float()
        beard = self.chance(n, 0.35) * grown
        return {
            "tone": tone, "lip": lip, "brow": brow, "beard": brow * 1.2, "iris": iris, "seed": self.rand(n, 3, low=0, high=60),
            "freckles": self.chance(n, 0.3) * self.rand(n) * (melanin < 0.5).float(), "blotch": self.rand(n, low=0.2, high=1.0),
            "pores": self.rand(n, low=0.4, high=1.3), "wrinkles": old ** 2, "blush": self.rand(n, low=0.1, high=1.1),
            "lip_edge": self.rand(n, low=0.006, high=0.02), "makeup": self.chance(n, 0.3) * (1 - male) * self.rand(n),
            "brow_y": 0.018 * self.randn(n), "brow_in": self.rand(n, low=0.06, high=0.14), "brow_out": self.rand(n, low=0.45, high=0.54),
            "brow_arch": self.rand(n, low=-0.03, high=0.012), "brow_tilt": 0.025 * self.randn(n),
            "brow_width": self.rand(n, low=0.022, high=0.042) + 0.012 * male, "brow_density": self.rand(n, low=0.35, high=0.95),
            "sclera": self.rand(n), "beard_on": beard * self.rand(n, low=0.6, high=1.0),
            "stubble": grown * self.chance(n, 0.6) * self.rand(n, low=0.1, high=0.7), "beard_kind": self.chance(n, 0.4),
            "moustache": torch.maximum(beard * self.chance(n, 0.8), grown * self.chance(n, 0.12)),
        }

    def expressions(self, identity, strength=1.0):
        """Morph weights [B, targets] of facial action units, in the ethnicity's own version."""
        n = len(identity.weights)
        w = torch.zeros(n, len(self.names), device=self.device)
        name = {u: k for k, u in enumerate(self.unit_names)}
        units = self.rand(n, len(self.unit_names)) * (self.rand(n, len(self.unit_names)) < 0.10).float() * 0.7
        smile = self.rand(n) * self.chance(n, 0.45)
        units[:, name["mouth-corner-puller"]] = smile
        units[:, name["mouth-parling"]] = smile * self.chance(n, 0.6)
        units[:, name["mouth-open"]] = self.rand(n) * self.chance(n, 0.3)
        blink = self.rand(n) ** 0.5 * self.chance(n, 0.12) + 0.15 * self.rand(n)
        for side in ("left", "right"):
            units[:, name[f"eye-{side}-closure"]] = blink
            units[:, name[f"eye-{side}-slit"]] = 0.4 * smile * self.rand(n)
        both = [("eyebrows-left-up", "eyebrows-right-up"), ("eyebrows-left-down", "eyebrows-right-down")]
        for left, right in both:
            units[:, name[right]] = units[:, name[left]] * self.rand(n, low=0.7, high=1.0)
        for e in range(3):
            w[:, self.units[e]] = units * identity.ethnicity[:, e:e + 1] * strength
        return w

    def poses(self, count, limit=45.0, wide=80.0, share=0.2):
        """Yaw, pitch, roll in degrees [B,3]: most within `limit`, a part up to `wide`."""
        yaw = (self.randn(count) * 0.5).clamp(-1, 1) * limit
        far = self.rand(count, low=limit, high=wide) * torch.sign(self.randn(count))
        yaw = torch.where(self.rand(count) < share, far, yaw)
        pitch = (self.randn(count) * 11).clamp(-32, 32)
        roll = (self.randn(count) * 11).clamp(-40, 40)
        return torch.stack([yaw, pitch, roll], 1)

    def styles(self, rows, identity):
        """Fills everything in `rows` that is not identity."""
        n = len(rows.data)
        for key, value in identity.fields.items():
            rows[key] = value
        rows["rim_tone"] = identity.fields["tone"]
        rows["oil"] = self.rand(n) ** 2
        rows["pupil"] = self.rand(n, low=0.14, high=0.26)
        rows["gaze_x"], rows["gaze_y"] = 0.18 * self.randn(n).clamp(-2, 2), 0.10 * self.randn(n).clamp(-2, 2)
        rows["lash"] = self.chance(n, 0.85)
        hair = torch.where(self.chance(n, 0.6)[:, None] > 0, identity.fields["brow"] * 0.9, self.choose(HAIR, n, 0.2))
        rows["hair"], rows["hair_tip"] = hair * 0.55, (hair * self.rand(n, 1, low=1.1, high=1.9)).clamp(max=0.7)
        rows["hair_on"] = self.chance(n, 0.94)
        rows["hairline"] = 0.05 * self.randn(n)
        rows["hair_curl"], rows["hair_gloss"] = self.rand(n) ** 2, self.rand(n, low=0.3, high=1.3)
        rows["hair_part"], rows["hair_seed"] = self.rand(n, low=-1, high=1), self.rand(n, 3, low=0, high=60)
        rows["hair_end"] = torch.where(self.rand(n) < 0.45, self.rand(n, low=4.3, high=6.9), torch.full((n,), 9.0, device=self.device))
        rows["hair_grey"] = self.chance(n, 0.15) * self.rand(n)
        cloth = [[0.05, 0.06, 0.09], [0.55, 0.55, 0.56], [0.30, 0.05, 0.06], [0.06, 0.14, 0.32], [0.08, 0.2, 0.1], [0.5, 0.4, 0.12], [0.02, 0.02, 0.02]]
        rows["cloth"], rows["cloth2"] = self.choose(cloth, n, 0.4), self.choose(cloth, n, 0.5)
        rows["neckline"], rows["collar"] = self.rand(n, low=5.25, high=5.9), self.rand(n, low=-0.1, high=0.7)
        rows["pattern"], rows["pattern_scale"] = self.rand(n, low=-1.5, high=3.5).clamp(min=0), self.rand(n, low=2, high=9)
        rows["frame"] = self.choose([[0.01, 0.01, 0.01], [0.12, 0.06, 0.03], [0.4, 0.35, 0.2], [0.3, 0.3, 0.32]], n, 0.3)
        rows["lens"] = self.choose([[0.01, 0.01, 0.012], [0.04, 0.025, 0.015]], n, 0.3)
        self.lights(rows)

    def lights(self, rows):
        n = len(rows.data)
        key = torch.nn.functional.normalize(torch.stack([
            self.rand(n, low=-1, high=1), self.rand(n, low=-0.15, high=1.0), self.rand(n, low=0.15, high=1.0)], 1), dim=1)
        rows["light0_dir"] = key
        warm = 0.12 * self.randn(n, 1)
        tint = torch.cat([1 + warm, torch.ones_like(warm), 1 - warm], 1)
        strength = self.rand(n, low=0.25, high=1.3)
        rows["light0_rgb"] = strength[:, None] * tint
        for k in (1, 2):
            rows[f"light{k}_dir"] = torch.nn.functional.normalize(self.randn(n, 3) + torch.tensor([0.0, 0.3, 0.2], device=self.device), dim=1)
            rows[f"light{k}_rgb"] = self.rand(n, 1) ** 2 * 0.45 * (1 + 0.2 * self.randn(n, 3)).clamp(0.2, 2)
        ambient = self.rand(n, low=0.18, high=0.65)
        rows["sky"] = ambient[:, None] * (1.1 + 0.10 * self.randn(n, 3)).clamp(0.5, 1.5)
        rows["ground"] = ambient[:, None] * self.rand(n, 1, low=0.35, high=0.95) * (1 + 0.10 * self.randn(n, 3))
        rows["shadow_soft"], rows["shadow_strength"] = self.rand(n, low=0.6, high=3.0), self.rand(n, low=0.5, high=1.0)
        rows["exposure"] = self.rand(n, low=0.62, high=1.25) / (0.5 * strength + ambient)
        rows["contrast"], rows["warmth"] = self.rand(n, low=0.85, high=1.12), 0.05 * self.randn(n)
