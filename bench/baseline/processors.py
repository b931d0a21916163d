#!/usr/bin/env python3
"""One frame through one processor as our specification says it, in NumPy and OpenCV: what bench/processors_cpu is compared
with. What depends on the options or on the source alone (box masks, the source's identity) is made once, as in the product.

Prints one JSON object: the seconds of each run in ONNX Runtime and around it, CPU time of the one thread, and the versions.
The last run's frame and mask go to result.raw and mask.raw in the folder of the inputs.
"""
import argparse
import json
import pathlib
import time

import cv2
import numpy
import onnxruntime

import portrait
from crops import (FACE, IMAGENET, LOWER_FACE, alike_matched, area_mask, blend, box_mask, combined, crop_face, matched,
                   occlusion_mask, paste_back, picture_of, planes, region_mask, tensor, transformed)


class Models:
    """Sessions by file name, and the time in them."""

    def __init__(self, folder):
        self.folder = folder
        self.sessions = {}
        self.seconds = 0

    def run(self, name, **inputs):
        if name not in self.sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            self.sessions[name] = onnxruntime.InferenceSession(self.folder / name, options, ["CPUExecutionProvider"])
        inputs = {key: numpy.ascontiguousarray(value) for key, value in inputs.items()}  # else it happens within run
        start = time.thread_time()
        outputs = self.sessions[name].run(None, inputs)
        self.seconds += time.thread_time() - start
        return outputs


def swap(models, facts, frame, boost=256, kinds=("box",)):
    crop, matrix = crop_face(frame, facts["five"], "arcface_128", boost)
    masks = [box_mask(boost)]
    if "occlusion" in kinds:
        masks.append(occlusion_mask(models, crop))
    target = facts["embedding"] / numpy.linalg.norm(facts["embedding"])
    weight = numpy.float32(0.35 - 0.7 * 0.5)
    source = facts["source"] * (1 - weight) + target * weight
    factor = boost // 256
    tiles = crop.reshape(256, factor, 256, factor, 3).transpose(1, 3, 0, 2, 4).reshape(-1, 256, 256, 3)
    swapped = []
    for tile in tiles:
        made = models.run("hyperswap_1a_256.onnx", target=tensor(tile, 0.5, 0.5), source=source[None])[0][0]
        made = made.transpose(1, 2, 0) * numpy.array([0.5] * 3) + numpy.array([0.5] * 3)
        swapped.append(made.clip(0, 1)[:, :, ::-1] * 255)
    result = numpy.stack(swapped).reshape(factor, factor, 256, 256, 3).transpose(2, 0, 3, 1, 4).reshape(crop.shape)
    if "area" in kinds:
        masks.append(area_mask(crop, transformed(facts["sixty_eight"], matrix), FACE))
    if "region" in kinds:
        masks.append(region_mask(models, result))
    return paste_back(frame, result, combined(masks), matrix)


def face_swapper_all_masks(models, facts, frame):
    return swap(models, facts, frame, 512, ("box", "occlusion", "area", "region"))


def deep_swapper(models, facts, frame):
    crop, matrix = crop_face(frame, facts["five"], "dfl_whole_face", 256)
    sharp = cv2.addWeighted(crop, 1.75, cv2.GaussianBlur(crop, (0, 0), 2), -0.75, 0)
    target_mask, made, source_mask = models.run(
        "custom/contract_morph_256.dfm", **{"in_face:0": numpy.expand_dims(sharp / 255.0, 0).astype(numpy.float32),
                                            "morph_value:0": numpy.array([1], numpy.float32)})
    made = alike_matched(crop, (made[0] * 255).clip(0, 255).astype(numpy.uint8))
    own = numpy.minimum(source_mask, target_mask).reshape(256, 256).clip(0, 1)
    own = cv2.erode(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)), iterations=2)
    own = cv2.GaussianBlur(own, (0, 0), 6.25)
    return paste_back(frame, made, combined([box_mask(256), own]), matrix)


def face_enhancer(models, facts, frame):
    crop, matrix = crop_face(frame, facts["five"], "ffhq_512", 512)
    made = models.run("gfpgan_1.4.onnx", input=tensor(crop, 0.5, 0.5))[0][0]
    made = ((made.clip(-1, 1) + 1) / 2).transpose(1, 2, 0)
    made = (made * 255).round().astype(numpy.uint8)[:, :, ::-1]
    return blend(frame, paste_back(frame, made, box_mask(512), matrix), 80)


def age_modifier(models, facts, frame):
    crop, matrix = crop_face(frame, facts["five"], "ffhq_512", 1024)
    direction = (numpy.array([facts["age"]] * 2, numpy.float32) / 100).clip(0, 1)
    made = models.run("fran.onnx", target=tensor(crop), direction=direction)[0][0]
    made = made.transpose(1, 2, 0) * numpy.array([1.0] * 3) + numpy.array([0.0] * 3)
    return paste_back(frame, made.clip(0, 1)[:, :, ::-1] * 255, box_mask(1024), matrix)


def age_modifier_styleganex(models, facts, frame):
    crop, _ = crop_face(frame, facts["five"], "ffhq_512", 256)
    nose = facts["five"][2]
    wide, matrix = crop_face(frame, (facts["five"] - nose) * 0.875 + nose, "styleganex_384", 384)
    made = models.run("styleganex_age.onnx", target=tensor(crop, 0.5, 0.5), direction=numpy.float32(0),
                      target_with_background=tensor(wide, 0.5, 0.5))[0][0]
    made = picture_of((made.clip(-1, 1) + 1) / 2)
    made = matched(wide, cv2.resize(made, (1024, 1024), interpolation=cv2.INTER_AREA))
    return paste_back(frame, made, cv2.resize(box_mask(384), (1024, 1024)), matrix * (1024 / 384))


def face_debugger(models, facts, frame):
    frame = frame.copy()
    crop, matrix = crop_face(frame, facts["five"], "arcface_128", 512)
    mask = (box_mask(512, 0).clip(0, 1) * 255).astype(numpy.uint8)
    mask = cv2.warpAffine(mask, cv2.invertAffineTransform(matrix), frame.shape[1::-1])
    mask = cv2.threshold(mask, 100, 255, cv2.THRESH_BINARY)[1]
    contours = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]
    cv2.drawContours(frame, contours, -1, (255, 255, 0), 4)
    for x, y in facts["five"].astype(numpy.int32):
        cv2.circle(frame, (int(x), int(y)), 4, (255, 255, 0), -1)
    return frame


def portrait_input(crop):
    return planes(cv2.resize(crop, (256, 256), interpolation=cv2.INTER_AREA)[:, :, ::-1] / 255.0).astype(numpy.float32)


def face_editor(models, facts, frame):
    nose = facts["five"][2]
    crop, matrix = crop_face(frame, (facts["five"] - nose) * 1.5 + nose, "ffhq_512", 512)
    source = portrait_input(crop)
    features = models.run("live_portrait_feature_extractor.onnx", input=source)[0]
    motion = portrait.Motion(models.run("live_portrait_motion_extractor.onnx", input=source))
    found = motion.points()
    wanted = motion.points(portrait.limited(motion.expression), motion.limited_angles())
    wanted = models.run("live_portrait_stitcher.onnx", source=wanted, target=found)[0]
    made = models.run("live_portrait_generator.onnx", feature_volume=features, source=wanted, target=found)[0][0]
    return paste_back(frame, picture_of(made), box_mask(512), matrix)


def expression_restorer(models, facts, frame):
    target, _ = crop_face(facts["target"], facts["five"], "arcface_128", 512)
    crop, matrix = crop_face(frame, facts["five"], "arcface_128", 512)
    source = portrait_input(crop)
    features = models.run("live_portrait_feature_extractor.onnx", input=source)[0]
    before = portrait.Motion(models.run("live_portrait_motion_extractor.onnx", input=portrait_input(target)))
    motion = portrait.Motion(models.run("live_portrait_motion_extractor.onnx", input=source))
    expression = portrait.restored(before.expression, motion.expression, 80)
    made = models.run("live_portrait_generator.onnx", feature_volume=features, source=motion.points(expression),
                      target=motion.points())[0][0]
    return paste_back(frame, picture_of(made), combined([box_mask(512)]), matrix)


def voice(weight):
    values = numpy.log10(numpy.maximum(numpy.zeros((80, 16)), numpy.exp(-5 * numpy.log(10)))) * 1.6 + 3.2
    values = values.clip(-4, 4).astype(numpy.float32)
    return (values * numpy.float32(weight) * 2 if weight else values)[None, None]


def lip_syncer(models, facts, frame):
    crop, matrix = crop_face(frame, facts["five"], "ffhq_512", 512)
    points = transformed(facts["sixty_eight"], matrix)
    mask = area_mask(crop, points, LOWER_FACE)
    (x1, y1), (x2, y2) = points.min(0), points.max(0)
    corners = numpy.array([[x1, y1], [x2, y1], [x1, y2]], numpy.float32)
    to_box = cv2.getAffineTransform(corners, numpy.array([[0, 0], [96, 0], [0, 96]], numpy.float32))
    area = cv2.warpAffine(crop, to_box, (96, 96), flags=cv2.INTER_AREA)
    masked = area.copy()
    masked[48:] = 0
    target = planes(numpy.concatenate([masked, area], 2)).astype(numpy.float32) / 255.0
    made = models.run("wav2lip_gan_96.onnx", source=voice(0.5), target=target)[0][0]
    made = (made.transpose(1, 2, 0).clip(0, 1) * 255).astype(numpy.uint8)
    made = cv2.warpAffine(made, cv2.invertAffineTransform(to_box), (512, 512), borderMode=cv2.BORDER_REPLICATE)
    return paste_back(frame, made, mask, matrix)


def lip_syncer_edtalk(models, facts, frame):
    crop, matrix = crop_face(frame, facts["five"], "ffhq_512", 512)
    made = models.run("edtalk_256.onnx", source=voice(None), target=portrait_input(crop),
                      weight=numpy.array([0.5], numpy.float32))[0][0]
    made = cv2.resize(picture_of(made), (512, 512), interpolation=cv2.INTER_CUBIC)
    return paste_back(frame, made, box_mask(512), matrix)


def frame_enhancer(models, facts, frame, side=128, pad=8, overlap=4, scale=4):
    height, width = frame.shape[:2]
    core = side - 2 * overlap
    before = pad + overlap
    padded = cv2.copyMakeBorder(frame, before, before + core - (height + 2 * pad) % core, before,
                                before + core - (width + 2 * pad) % core, cv2.BORDER_CONSTANT)
    canvas = numpy.zeros((padded.shape[0] * scale, padded.shape[1] * scale, 3), numpy.uint8)
    edge = overlap * scale
    for y in range(0, padded.shape[0] - 2 * overlap, core):
        for x in range(0, padded.shape[1] - 2 * overlap, core):
            tile = planes(padded[y:y + side, x:x + side, ::-1]).astype(numpy.float32) / 255
            made = models.run("span_kendata_x4.onnx", input=tile)[0][0].transpose(1, 2, 0)
            made = (made * 255).clip(0, 255).astype(numpy.uint8)[:, :, ::-1][edge:-edge, edge:-edge]
            canvas[y * scale:(y + core) * scale, x * scale:(x + core) * scale] = made
    enlarged = canvas[pad * scale:(pad + height) * scale, pad * scale:(pad + width) * scale]
    return blend(cv2.resize(frame, (width * scale, height * scale)), enlarged, 80)


def grey(frame):
    return cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2RGB)


def frame_colorizer(models, facts, frame):
    lightness = cv2.cvtColor(grey(frame).astype(numpy.float32) / 255, cv2.COLOR_RGB2Lab)[:, :, :1]
    plain = numpy.concatenate([lightness, numpy.zeros_like(lightness), numpy.zeros_like(lightness)], 2)
    small = cv2.resize(cv2.cvtColor(plain, cv2.COLOR_Lab2RGB), (256, 256))
    colours = models.run("ddcolor.onnx", input=planes(small))[0][0].transpose(1, 2, 0)
    colours = cv2.resize(colours, frame.shape[1::-1])
    lightness = cv2.cvtColor(frame.astype(numpy.float32) / 255, cv2.COLOR_BGR2Lab)[:, :, :1]
    coloured = cv2.cvtColor(numpy.concatenate([lightness, colours], 2), cv2.COLOR_Lab2BGR)
    return blend(frame, (coloured * 255).round().astype(numpy.uint8), 100)


def frame_colorizer_deoldify(models, facts, frame):
    small = cv2.resize(grey(frame), (256, 256)).astype(numpy.float32)
    made = models.run("deoldify.onnx", input=planes(small))[0][0].transpose(1, 2, 0)
    made = cv2.resize(made, frame.shape[1::-1])[:, :, ::-1].astype(numpy.uint8)
    lab = cv2.cvtColor(made, cv2.COLOR_BGR2Lab)
    lab[:, :, 0] = frame[:, :, 0]
    return blend(frame, cv2.cvtColor(lab, cv2.COLOR_Lab2BGR), 100)


def before_background(frame, mask, fill=(0, 0, 0, 0), despill=(0, 0, 0, 0)):
    """Both steps are made whatever the colours, as the specification has it."""
    values = frame.astype(numpy.float32)
    limit = numpy.minimum(values, 0.5 * (numpy.roll(values, 1, 2) + numpy.roll(values, -1, 2)))
    weight = numpy.array(despill[2::-1]) / max(*despill[:3], 1)
    frame = (values + (limit - values) * numpy.float32(despill[3] / 255) * weight).astype(numpy.uint8)
    share = numpy.expand_dims((1 - mask.astype(numpy.float32) / 255) * fill[3] / 255, -1)
    return (frame * (1 - share) + numpy.array(fill[2::-1], numpy.float32) * share).astype(numpy.uint8)


def background_remover(models, facts, frame):
    matte = models.run("modnet.onnx", input=tensor(cv2.resize(frame, (512, 512)), 0.5, 0.5))[0].squeeze()
    matte = (matte.clip(0, 1) * 255).clip(0, 255).astype(numpy.uint8)
    mask = cv2.resize(matte, frame.shape[1::-1])
    return before_background(frame, mask), numpy.minimum(mask, facts["mask"])


def background_remover_corridor_key(models, facts, frame):
    small = tensor(cv2.resize(frame, (1024, 1024)), *IMAGENET)
    values = frame.astype(numpy.float32) / 255
    bias = values[:, :, 1] - numpy.maximum(values[:, :, 2], values[:, :, 0])
    hint = cv2.resize(1 - (bias * 2).clip(0, 1), (1024, 1024))
    matte, made = models.run("corridor_key_1024.onnx", input=numpy.concatenate([small, hint[None, None]], 1))
    made = (made[0].transpose(1, 2, 0) * 255).clip(0, 255).astype(numpy.uint8)[:, :, ::-1]
    frame = cv2.resize(made, frame.shape[1::-1])
    mask = cv2.resize((matte.squeeze().clip(0, 1) * 255).astype(numpy.uint8), frame.shape[1::-1])
    return before_background(frame, mask), numpy.minimum(mask, facts["mask"])


CASES = {
    "face_swapper": swap, "face_swapper, boost 512, all masks": face_swapper_all_masks, "deep_swapper": deep_swapper,
    "face_enhancer": face_enhancer, "age_modifier": age_modifier, "age_modifier, styleganex_age": age_modifier_styleganex,
    "face_debugger": face_debugger, "face_editor": face_editor, "expression_restorer": expression_restorer,
    "lip_syncer": lip_syncer, "lip_syncer, edtalk_256": lip_syncer_edtalk, "frame_enhancer": frame_enhancer,
    "frame_colorizer": frame_colorizer, "frame_colorizer, deoldify": frame_colorizer_deoldify,
    "background_remover": background_remover, "background_remover, corridor_key_1024": background_remover_corridor_key}


def read_facts(folder):
    facts = json.loads((folder / "facts.json").read_text())
    width, height = facts["size"]
    facts["target"] = numpy.fromfile(folder / "frame.raw", numpy.uint8).reshape(height, width, 3)
    facts["mask"] = numpy.full((height, width), 255, numpy.uint8)
    for key in ("five", "sixty_eight"):
        facts[key] = numpy.array(facts[key])
    for key in ("embedding", "source"):
        facts[key] = numpy.array(facts[key], numpy.float32)
    return facts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--inputs", type=pathlib.Path, required=True, help="folder of frame.raw and facts.json")
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--seconds", type=float, default=1, help="at least three runs are made")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    models = Models(arguments.models)
    facts = read_facts(arguments.inputs)
    result, around, inside = None, [], []
    for index in range(1000):
        frame = facts["target"].copy()
        models.seconds = 0
        start = time.thread_time()
        result = CASES[arguments.case](models, facts, frame)
        seconds = time.thread_time() - start
        if index > 0:  # the first run opens the sessions
            around.append(seconds - models.seconds)
            inside.append(models.seconds)
        if index >= 3 and sum(around) + sum(inside) > arguments.seconds:
            break
    frame, mask = result if isinstance(result, tuple) else (result, None)
    numpy.ascontiguousarray(frame).tofile(arguments.inputs / "result.raw")
    if mask is not None:
        mask.tofile(arguments.inputs / "mask.raw")
    print(json.dumps({"around": around, "inside": inside,
                      "versions": {"numpy": numpy.__version__, "opencv": cv2.__version__,
                                   "onnxruntime": onnxruntime.__version__}}))


if __name__ == "__main__":
    main()
