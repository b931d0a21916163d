"""What the processors of faces share as our specification has it, for bench/baseline/processors.py: crops, masks, pasting,
colours."""
import functools

import cv2
import numpy

TEMPLATES = {
    "arcface_128": [[0.36167656, 0.40387734], [0.63696719, 0.40235469], [0.50019687, 0.56044219], [0.38710391, 0.72160547],
                    [0.61507734, 0.72034453]],
    "dfl_whole_face": [[0.35342266, 0.39285716], [0.62797622, 0.39285716], [0.48660713, 0.54017860],
                       [0.38839287, 0.68750011], [0.59821427, 0.68750011]],
    "ffhq_512": [[0.37691676, 0.46864664], [0.62285697, 0.46912813], [0.50123859, 0.61331904], [0.39308822, 0.72541100],
                 [0.61150205, 0.72490465]],
    "styleganex_384": [[0.42353745, 0.52289879], [0.57725008, 0.52319972], [0.50123859, 0.61331904],
                       [0.43364461, 0.68337652], [0.57015325, 0.68306005]]}
IMAGENET = numpy.array([0.485, 0.456, 0.406]), numpy.array([0.229, 0.224, 0.225])
LOWER_FACE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 35, 34, 33, 32, 31]
FACE = [0, 1, 2, 31, 32, 33, 34, 35, 14, 15, 16, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, *LOWER_FACE, *range(48, 68)]
PARSED_FACE = [1, 2, 3, 4, 5, 6, 10, 11, 12, 13]


def crop_face(frame, points, template, size):
    matrix = cv2.estimateAffinePartial2D(points, numpy.array(TEMPLATES[template]) * size, method=cv2.RANSAC,
                                         ransacReprojThreshold=100)[0]
    return cv2.warpAffine(frame, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_AREA), matrix


def planes(picture):
    return numpy.expand_dims(picture.transpose(2, 0, 1), 0)


def tensor(picture, mean=0.0, deviation=1.0):
    return planes((picture[:, :, ::-1] / 255.0 - mean) / deviation).astype(numpy.float32)


def picture_of(output):
    """RGB planes 0..1 to a picture."""
    return (output.transpose(1, 2, 0).clip(0, 1) * 255).astype(numpy.uint8)[:, :, ::-1]


def transformed(points, matrix):
    return cv2.transform(points.reshape(-1, 1, 2), matrix).reshape(-1, 2)


@functools.cache
def box_mask(size, blur=0.3):
    amount = int(size * 0.5 * blur)
    edge = max(amount // 2, 1)
    mask = numpy.zeros((size, size), numpy.float32)
    mask[edge:-edge, edge:-edge] = 1
    return cv2.GaussianBlur(mask, (0, 0), amount * 0.25) if amount > 0 else mask


def finished(mask):
    return (cv2.GaussianBlur(mask.clip(0, 1), (0, 0), 5).clip(0.5, 1) - 0.5) * 2


def occlusion_mask(models, crop):
    small = numpy.expand_dims(cv2.resize(crop, (256, 256)), 0).astype(numpy.float32) / 255.0
    mask = models.run("xseg_1.onnx", input=small)[0][0].clip(0, 1).astype(numpy.float32)
    return finished(cv2.resize(mask, crop.shape[1::-1]))


def area_mask(crop, points, indices):
    mask = numpy.zeros(crop.shape[:2], numpy.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(points[indices].astype(numpy.int32)), 1.0)
    return finished(mask)


def region_mask(models, crop):
    mean, deviation = (value.astype(numpy.float32) for value in IMAGENET)
    small = (cv2.resize(crop, (512, 512))[:, :, ::-1].astype(numpy.float32) / 255.0 - mean) / deviation
    classes = models.run("bisenet_resnet_34.onnx", input=planes(small))[0][0].argmax(0)
    return finished(cv2.resize(numpy.isin(classes, PARSED_FACE).astype(numpy.float32), crop.shape[1::-1]))


def combined(masks):
    return numpy.minimum.reduce(masks).clip(0, 1)


def paste_back(frame, crop, mask, matrix):
    inverse = cv2.invertAffineTransform(matrix)
    height, width = crop.shape[:2]
    corners = transformed(numpy.array([[0, 0], [width, 0], [width, height], [0, height]], numpy.int32), inverse)
    limit = frame.shape[1::-1]
    x1, y1 = corners.min(0).clip(0, limit)
    x2, y2 = corners.max(0).clip(0, limit)
    inverse[:, 2] -= x1, y1
    size = int(x2 - x1), int(y2 - y1)
    weights = numpy.expand_dims(cv2.warpAffine(mask, inverse, size).clip(0, 1), -1)
    pixels = cv2.warpAffine(crop, inverse, size, borderMode=cv2.BORDER_REPLICATE)
    frame = frame.copy()
    region = frame[y1:y2, x1:x2]
    frame[y1:y2, x1:x2] = (region * (1 - weights) + pixels * weights).astype(numpy.uint8)
    return frame


def blend(below, above, percent):
    share = 1 - (1 - percent / 100)
    return cv2.addWeighted(below, 1 - share, above, share, 0)


def equalised(source, target, size):
    small = [cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA).astype(numpy.float32)
             for picture in (source, target)]
    delta = cv2.resize(small[0] - small[1], target.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return (target + delta).clip(0, 255).astype(numpy.uint8)


def matched(source, target):
    for size in numpy.linspace(16, target.shape[0], 4)[:3]:
        source = equalised(source, target, 2 * round(size / 2))
    return source


def alike_matched(source, target):
    histograms = [cv2.calcHist([cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)], [0, 1], None, [50, 60], [0, 180, 0, 256])
                  for picture in (source, target)]
    share = min(max((cv2.compareHist(*histograms, cv2.HISTCMP_CORREL) + 1) / 2, 0), 1)
    return cv2.addWeighted(target, 1 - share, matched(source, target), share, 0)
