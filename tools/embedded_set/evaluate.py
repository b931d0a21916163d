"""Measures the shipped models on held-out renders: `tools/embedded_set/evaluate --heads HEADS [--count N]`.

The models run in ONNX Runtime on the CPU with the product's arithmetic; the renders come from seeds that training never used.
Without the MakeHuman folder it says so and ends well, so that CI can call it anywhere. Ends with 1 when a figure lies far below
the cards' (FLOORS); `--strict` asks for the aims.
"""

import argparse
import json
import pathlib
import sys
import time

import numpy as np
import torch
from torch.nn import functional

from . import face_figures, frame_figures, landmarks
from .export import CONTRACT
from .studio import TEMPLATES, apply, similarity

SEED = 900001
# Aims of the full count, and what even a handful of pictures must reach; a minus marks figures that must stay below.
GOALS = {"detector_ap50": 0.98, "landmarker_nme": -0.03, "recognizer_tar": 0.98, "swap_margin": 0.30, "swap_psnr": 24.0,
         "classifier_gender": 0.95, "classifier_age_within_one": 0.90, "classifier_race": 0.90, "parser_iou": 0.80, "landmarker_2_nme": -0.05,
         "face_enhancer_gain": 2.0, "frame_enhancer_gain": 1.0, "frame_colorizer_gain": 3.0, "background_remover_iou": 0.95}
FLOORS = {"detector_ap50": 0.90, "detector_recall_at_0.5": 0.85, "landmarker_nme": -0.06, "landmarker_score_over_0.5": 0.85, "five_to_68_nme": -0.10,
          "recognizer_tar": 0.80, "swap_margin": 0.20, "swap_psnr": 19.0, "occluder_iou": 0.85,
          "classifier_gender": 0.70, "classifier_age_within_one": 0.60, "classifier_race": 0.60, "parser_iou": 0.55, "landmarker_2_nme": -0.10,
          "face_enhancer_gain": 0.8, "frame_enhancer_gain": 0.3, "frame_colorizer_gain": 1.0, "background_remover_iou": 0.80}


class Models:
    """The sessions of the files that the folder has; inputs and outputs are numpy arrays of one picture."""

    def __init__(self, folder, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        self.sessions = {stage: onnxruntime.InferenceSession(str(folder / f"{stem}.onnx"), options, providers=["CPUExecutionProvider"])
                         for stage, (stem, _, _) in CONTRACT.items() if (folder / f"{stem}.onnx").exists()}
        self.seconds = {stage: [] for stage in self.sessions}

    def run(self, stage, *inputs):
        feeds = {name: np.ascontiguousarray(value, np.float32) for name, value in zip(CONTRACT[stage][1], inputs)}
        began = time.perf_counter()
        out = self.sessions[stage].run(None, feeds)
        self.seconds[stage].append(time.perf_counter() - began)
        return out

    def embed(self, crop):
        """RGB bytes [3,112,112] -> unit embedding."""
        e = self.run("recognizer", crop[None] / 127.5 - 1)[0][0]
        return e / np.linalg.norm(e)


def decode(outputs, threshold):
    """The product's decoding of the nine tensors at 640: boxes [n,4], scores [n], points [n,5,2]."""
    boxes, scores, points = [], [], []
    for k, stride in enumerate((8, 16, 32)):
        cells = 640 // stride
        y, x = np.mgrid[:cells, :cells] * stride
        anchor = np.repeat(np.stack([x, y], 2).reshape(-1, 2), 2, 0)
        keep = np.where(outputs[k][:, 0] >= threshold)[0]
        d, p, a = outputs[3 + k][keep] * stride, outputs[6 + k][keep] * stride, anchor[keep]
        boxes.append(np.concatenate([a - d[:, :2], a + d[:, 2:]], 1))
        points.append(a[:, None] + p.reshape(-1, 5, 2))
        scores.append(outputs[k][keep, 0])
    return np.concatenate(boxes), np.concatenate(scores), np.concatenate(points)


def overlap(box, boxes):
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    inter = np.clip(high - low, 0, None).prod(1)
    return inter / ((box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(1) - inter)


def suppress(boxes, scores, limit=0.4):
    kept = []
    for i in np.argsort(-scores, kind="stable"):
        if not kept or overlap(boxes[i], boxes[kept]).max() <= limit:
            kept.append(i)
    return np.array(kept, int)


def average_precision(hits, scores, total):
    order = np.argsort(-np.array(scores))
    hit = np.array(hits, float)[order]
    recall, precision = np.cumsum(hit) / total, np.cumsum(hit) / np.arange(1, len(hit) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0], recall])) * envelope))


def detector(models, room, count):
    from . import crowd

    tiles = crowd.Bank(room, max(16, count))
    hits, scores, total, found, errors = [], [], 0, 0, []
    for start in range(0, count, 4):
        picture, boxes, five, state = (v.cpu().numpy() for v in tiles.pictures(min(4, count - start)))
        for p, b, f, s in zip((picture * 255).round(), boxes, five, state):
            raw = models.run("detector", (p[::-1][None] - 127.5) / 128)
            d, score, points = decode(raw, 0.02)
            keep = suppress(d, score)
            d, score, points = d[keep], score[keep], points[keep]
            faces, doubt = b[s > 0], b[s < 0]
            five_goal, taken = f[s > 0], set()
            total += len(faces)
            for i in range(len(d)):
                o = overlap(d[i], faces) if len(faces) else np.zeros(0)
                o[list(taken)] = 0
                best = int(o.argmax()) if len(o) else -1
                if best >= 0 and o[best] >= 0.5:
                    taken.add(best)
                    hits.append(1), scores.append(score[i])
                    found += score[i] >= 0.5
                    errors.append(np.linalg.norm(points[i] - five_goal[best], axis=1).mean() / max(np.ptp(faces[best][[0, 2]]), 1))
                elif not (len(doubt) and overlap(d[i], doubt).max() > 0.2):
                    hits.append(0), scores.append(score[i])
    false = sum(1 for h, s in zip(hits, scores) if not h and s >= 0.5)
    return {"detector_ap50": average_precision(hits, scores, total), "detector_recall_at_0.5": found / total, "detector_false_at_0.5": int(false),
            "detector_faces": total, "detector_five_error_of_width": float(np.mean(errors))}


def landmarker(models, room, count):
    def run(crop):
        points, heat = models.run("landmarker", crop)
        return points[0, :, :2], heat[0].max((1, 2)).mean() / 0.9

    figures, fan, yaws = face_figures.landmarks(run, room, count), [], []
    for start in range(0, count, 8):
        shot = room.shot(min(8, count - start), share=0.22)
        five = landmarks.five_of(shot.points)
        to = similarity(five, torch.tensor(TEMPLATES["ffhq_512"], device=room.device))
        q, target = apply(to, five).cpu().numpy(), apply(to, shot.points).cpu().numpy()
        fan += [np.linalg.norm(models.run("five_to_68", a[None])[0][0] - t, axis=1).mean() / max(np.linalg.norm(t[36] - t[45]), 0.08) for a, t in zip(q, target)]
        yaws += shot.turn[:, 0].abs().tolist()
    return {f"landmarker_{k}": v for k, v in figures.items()} | {
        "five_to_68_nme": float(np.mean(np.array(fan)[np.array(yaws) <= 45])), "five_to_68_nme_all": float(np.mean(fan))}


def crops_of(room, identity, template, size, jitter=0.5):
    shot = room.shot(len(identity.weights), identity, share=0.0)
    picture, _ = room.compose(shot, room.five_affine(shot, template, size, jitter), (size, size), 0.05)
    return picture


def recognizer(models, room, count, views=5):
    from . import effects

    vectors, who = [], []
    people = room.random.identities(max(8, count // views))
    for _ in range(views):
        for start in range(0, len(people.weights), 16):
            part = torch.arange(start, min(start + 16, len(people.weights)), device=room.device)
            picture = effects.degrade(room.random, crops_of(room, people.pick(part), "arcface_112_v2", 112), 0.6).clamp(0, 1)
            vectors += [models.embed(p) for p in (picture.cpu().numpy() * 255).round()]
            who += part.tolist()
    v, who = np.array(vectors), np.array(who)
    similar = v @ v.T
    upper = np.triu(np.ones_like(similar, bool), 1)
    same = upper & (who[:, None] == who[None])
    other = np.sort(similar[upper & ~same])
    threshold = other[int(len(other) * 0.999)]
    return {"recognizer_tar": float((similar[same] > threshold).mean()), "recognizer_same": float(similar[same].mean()),
            "recognizer_other": float(other.mean()), "recognizer_threshold": float(threshold), "recognizer_pairs": int(same.sum() + len(other)),
            "recognizer_same_over_0.4": float((similar[same] > 0.4).mean())}


def swapper(models, room, count):
    from .stages import SwapperStage

    tool = SwapperStage(room)
    tool.pool = room.random.identities(max(8, count // 3))
    source, own, truth, psnr, before = [], [], [], [], []
    for start in range(0, count, 8):
        n = min(8, count - start)
        target, goal, seen, other, mine = tool.sample(n)
        reference = (crops_of(room, tool.pool.pick(other), "arcface_112_v2", 112).clamp(0, 1).cpu().numpy() * 255).round()
        check = (crops_of(room, tool.pool.pick(other), "arcface_112_v2", 112).clamp(0, 1).cpu().numpy() * 255).round()
        itself = (crops_of(room, tool.pool.pick(mine), "arcface_112_v2", 112).clamp(0, 1).cpu().numpy() * 255).round()
        for k in range(n):
            if other[k] == mine[k]:
                continue
            t = target[k].cpu().numpy().astype(np.float32) / 255
            out = np.clip(models.run("swapper", t[None], models.embed(reference[k])[None])[0], 0, 1)
            seam = torch.from_numpy(out).to(room.device)
            e = models.embed((tool.to_recognizer(seam)[0].cpu().numpy() * 255).round())
            g = models.embed((tool.to_recognizer(goal[k:k + 1].float() / 255)[0].cpu().numpy() * 255).round())
            a, b = models.embed(check[k]), models.embed(itself[k])
            source.append(e @ a), own.append(e @ b), truth.append(g @ a)
            region = (seen[k, 0].cpu().numpy() > 127)
            if region.sum() > 200:
                real = goal[k].cpu().numpy() / 255.0
                psnr.append(-10 * np.log10(((out[0] - real)[:, region] ** 2).mean()))
                before.append(-10 * np.log10(((t - real)[:, region] ** 2).mean()))
    return {"swap_to_source": float(np.mean(source)), "swap_to_own": float(np.mean(own)), "swap_margin": float(np.mean(source) - np.mean(own)),
            "swap_truth_to_source": float(np.mean(truth)), "swap_psnr": float(np.mean(psnr)), "swap_psnr_of_unswapped": float(np.mean(before))}


def occluder(models, room, count):
    from .stages import OccluderStage

    tool, values = OccluderStage(room), []
    for start in range(0, count, 8):
        picture, face = tool.sample(min(8, count - start))
        large = functional.interpolate(picture.float(), (256, 256), mode="bilinear").flip(1).permute(0, 2, 3, 1).cpu().numpy() / 255
        goal = functional.interpolate(face.float() / 255, (256, 256), mode="bilinear").cpu().numpy() > 0.5
        for p, g in zip(large, goal):
            found = models.run("occluder", p[None])[0][0, :, :, 0] > 0.5
            if g.sum() > 500:
                values.append((found & g[0]).sum() / (found | g[0]).sum())
    return {"occluder_iou": float(np.mean(values))}


MEASURES = {"detector": detector, "landmarker": landmarker, "recognizer": recognizer, "swapper": swapper, "occluder": occluder}
MEASURES |= face_figures.ALL | frame_figures.ALL


def short(figures, limits):
    """Names of the figures that miss their limit; one that is no number misses it."""
    return [k for k, limit in limits.items() if k in figures and not figures[k] * np.sign(limit) >= limit]


def main():
    here = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=pathlib.Path, default=here.parent / "shared/makehuman-cc0", help="the MakeHuman folder or the compact .npz")
    parser.add_argument("--models", type=pathlib.Path, default=here / "models/embedded")
    parser.add_argument("--count", type=int, default=24, help="pictures per network; the cards' figures use 1000")
    parser.add_argument("--device", default="cpu", help="where the renders are drawn; the models always run on the CPU")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--parts", nargs="*", metavar="PART", help="networks to measure; all that the folder has unless given")
    parser.add_argument("--strict", action="store_true", help="fail when an aim is missed")
    args = parser.parse_args()
    if not args.heads.exists():
        print(f"evaluate: no MakeHuman heads at {args.heads}, skipped")
        return
    from . import mesh, studio

    models = Models(args.models, args.threads)
    room = studio.Studio(mesh.load(args.heads), args.device, SEED, max(8, min(args.count, 128)))
    figures = {}
    for part in args.parts or [name for name in MEASURES if name in models.sessions]:
        with torch.no_grad():
            figures |= MEASURES[part](models, room, args.count)
        print(f"evaluate: {part} measured", file=sys.stderr, flush=True)
    figures["milliseconds"] = {k: round(1000 * float(np.median(v)), 2) for k, v in models.seconds.items() if v}
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}, indent=1))
    missed, broken = short(figures, GOALS), short(figures, FLOORS)
    print("aims missed: " + (", ".join(missed) or "none"))
    if broken:
        print("evaluate: far below the cards' figures: " + ", ".join(broken), file=sys.stderr)
    sys.exit(1 if broken or missed and args.strict else 0)


if __name__ == "__main__":
    main()
