"""Figures of the landmarkers, classifier, parser and face enhancer on held-out renders (evaluate.py)."""

import numpy as np

from . import effects
from .face_stages import AGE_STARTS, DEVIATION, MEAN, ClassifierStage, FaceEnhancerStage, ParserStage
from .studio import apply

REGIONS = {1: "skin", 2: "left-eyebrow", 3: "right-eyebrow", 4: "left-eye", 5: "right-eye", 6: "glasses", 10: "nose", 11: "mouth", 12: "upper-lip", 13: "lower-lip"}


def parts(count, size=8):
    """Sizes of the batches that make up `count`."""
    return [min(size, count - start) for start in range(0, count, size)]


def as_bytes(picture):
    return (picture.clamp(0, 1).cpu().numpy() * 255).round()


def psnr(found, goal):
    """Of two arrays in 0..1, decibels."""
    return float(-10 * np.log10(max(((found - goal) ** 2).mean(), 1e-10)))


def standard(picture):
    """RGB bytes [3,h,w] -> the input of classifier and parser."""
    return ((picture / 255 - np.array(MEAN)[:, None, None]) / np.array(DEVIATION)[:, None, None])[None]


def landmarks(run, room, count):
    """`run` gives a crop's points [68,2] on the 64 grid and its score, of the input [1,3,256,256] BGR 0..1."""
    errors, scores, yaws, empty = [], [], [], []
    for n in parts(count):
        shot = room.shot(n, share=0.22)
        affine = room.box_affine(shot)
        picture, _ = room.compose(shot, affine, (256, 256), 0.2)
        picture, goal = as_bytes(effects.degrade(room.random, picture)), apply(affine, shot.points).cpu().numpy()
        for p, g, yaw in zip(picture, goal, shot.turn[:, 0].abs().tolist()):
            points, score = run(p[::-1][None] / 255)
            errors.append(np.linalg.norm(points * 4 - g, axis=1).mean() / max(np.linalg.norm(g[36] - g[45]), 20))
            scores.append(min(score, 1))
            yaws.append(yaw)
        blank = as_bytes(room.background.cut(1, (256, 256)))[0]
        empty.append(min(run(blank[::-1][None] / 255)[1], 1))
    errors, yaws = np.array(errors), np.array(yaws)
    return {"nme": float(errors[yaws <= 45].mean()), "nme_all": float(errors.mean()), "score": float(np.mean(scores)),
            "score_over_0.5": float(np.mean(np.array(scores) > 0.5)), "score_without_face": float(np.mean(empty))}


def landmarker_2(models, room, count):
    def run(crop):
        values = models.run("landmarker_2", crop)[0].reshape(68, 3)
        return values[:, :2], values[:, 2].mean() / 0.95

    return {f"landmarker_2_{k}": v for k, v in landmarks(run, room, count).items()}


def classifier(models, room, count):
    """Gender and race count where the head is clearly of one kind (a share over 0.75 and 0.6), and over all heads."""
    tool, rows = ClassifierStage(room), []
    for n in parts(count):
        for p, ethnicity, male, years in zip(*(v.cpu().numpy() for v in tool.sample(n))):
            race, gender, age = (int(v[0]) for v in models.run("classifier", standard(p)))
            rows.append((race == (1, 3, 0)[ethnicity.argmax()], ethnicity.max() > 0.6, (gender == 1) == (male < 0.5), abs(male - 0.5) > 0.25,
                         abs(age - np.searchsorted(AGE_STARTS, years, side="right"))))
    race, race_clear, gender, gender_clear, age = (np.array(v) for v in zip(*rows))
    return {"classifier_gender": float(gender[gender_clear].mean()), "classifier_gender_all": float(gender.mean()),
            "classifier_race": float(race[race_clear].mean()), "classifier_race_all": float(race.mean()),
            "classifier_age": float((age == 0).mean()), "classifier_age_within_one": float((age <= 1).mean())}


def confusion(goal, found):
    """[19,19] pixels by true and found class."""
    return np.bincount(goal.ravel().astype(np.int64) * 19 + found.ravel(), minlength=361).reshape(19, 19)


def parser(models, room, count):
    """IoU of each selectable region over all pixels of all pictures, and their mean."""
    tool, table = ParserStage(room), np.zeros((19, 19))
    for n in parts(count, 4):
        for p, goal in zip(*(v.cpu().numpy() for v in tool.sample(n))):
            table += confusion(goal, models.run("parser", standard(p))[0][0].argmax(0))
    hit = np.diag(table)
    iou = hit / np.maximum(table.sum(0) + table.sum(1) - hit, 1)
    return {"parser_iou": float(np.mean([iou[k] for k in REGIONS])), "parser_pixels": float(hit.sum() / table.sum()),
            "parser_iou_of": {name: round(float(iou[k]), 3) for k, name in REGIONS.items()}}


def face_enhancer(models, room, count):
    """PSNR of the whole crop against the clean one, after and before."""
    tool, after, before = FaceEnhancerStage(room), [], []
    for n in parts(count, 2):
        clean = tool.sample(n)[0].float() / 255
        for seen, goal in zip(as_bytes(effects.worn(room.random, clean)) / 255, clean.cpu().numpy()):
            out = np.clip(models.run("face_enhancer", (seen * 2 - 1)[None])[0][0], -1, 1) / 2 + 0.5
            after.append(psnr(out, goal))
            before.append(psnr(seen, goal))
    return {"face_enhancer_psnr": float(np.mean(after)), "face_enhancer_psnr_before": float(np.mean(before)),
            "face_enhancer_gain": float(np.mean(after) - np.mean(before)), "face_enhancer_better": float((np.array(after) > np.array(before)).mean())}


ALL = {"classifier": classifier, "parser": parser, "landmarker_2": landmarker_2, "face_enhancer": face_enhancer}
