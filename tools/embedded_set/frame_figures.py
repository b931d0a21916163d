"""Figures of the frame enhancer, frame colorizer and background remover on held-out renders (evaluate.py)."""

import numpy as np
import torch
from torch.nn import functional

from . import colour
from .face_figures import as_bytes, parts, psnr
from .frame_stages import BackgroundRemoverStage, FrameColorizerStage, FrameEnhancerStage


def opened(stage, room, count):
    tool = stage(room)
    tool.open(max(16, count // 2))
    return tool


def gain(name, after, before):
    after, before = np.array(after), np.array(before)
    return {f"{name}_psnr": float(after.mean()), f"{name}_psnr_before": float(before.mean()), f"{name}_gain": float((after - before).mean()),
            f"{name}_better": float((after > before).mean())}


def frame_enhancer(models, room, count):
    """PSNR of tiles halved by averaging, after the network and after bilinear enlargement."""
    tool, after, before = opened(FrameEnhancerStage, room, count), [], []
    tool.size = 512
    for n in parts(count):
        large = tool.sample(n)[0].float() / 255
        small = functional.avg_pool2d(large, 2)
        plain = functional.interpolate(small, scale_factor=2.0, mode="bilinear", align_corners=False).cpu().numpy()
        for seen, goal, other in zip(as_bytes(small) / 255, large.cpu().numpy(), plain):
            after.append(psnr(np.clip(models.run("frame_enhancer", seen[None])[0][0], 0, 1), goal))
            before.append(psnr(other, goal))
    return gain("frame_enhancer", after, before)


def frame_colorizer(models, room, count):
    """PSNR of the coloured frame and of the grey one against the true colours."""
    tool, after, before = opened(FrameColorizerStage, room, count), [], []
    for n in parts(count):
        true = tool.sample(n)[0].float().cpu() / 255
        for seen, goal in zip(torch.from_numpy(as_bytes(colour.grey(true))) / 255, true):
            ab = torch.from_numpy(models.run("frame_colorizer", seen.numpy()[None])[0])
            out = colour.from_lab(torch.cat([colour.to_lab(seen[None])[:, :1], ab], 1))[0]
            after.append(psnr(out.numpy(), goal.numpy()))
            before.append(psnr(seen.numpy(), goal.numpy()))
    return gain("frame_colorizer", after, before)


def background_remover(models, room, count):
    """IoU at half opacity where people fill at least 2 % of the picture; mean error of the opacity everywhere."""
    tool, overlaps, errors = opened(BackgroundRemoverStage, room, count), [], []
    for n in parts(count):
        for p, opacity in zip(*(v.cpu().numpy() for v in tool.sample(n))):
            out = models.run("background_remover", p[None] / 127.5 - 1)[0][0, 0]
            found, goal = out > 0.5, opacity[0] > 127
            errors.append(np.abs(out - opacity[0] / 255).mean())
            if goal.mean() > 0.02:
                overlaps.append((found & goal).sum() / (found | goal).sum())
    return {"background_remover_iou": float(np.mean(overlaps)), "background_remover_error": float(np.mean(errors)), "background_remover_pictures": len(overlaps)}


ALL = {"frame_enhancer": frame_enhancer, "frame_colorizer": frame_colorizer, "background_remover": background_remover}
