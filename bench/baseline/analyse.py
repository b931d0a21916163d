#!/usr/bin/env python3
"""Finds and describes the faces of one frame as our specification says it, in NumPy and OpenCV: what bench/analyse_cpu is
compared with. Detector yolo_face, landmarker 2dfan4, arcface and fairface, all options at their defaults.

Prints one JSON object: the seconds of each run, the faces' boxes and points, and the versions. One thread, as one lane has.
"""
import argparse
import json
import time

import cv2
import numpy
import onnxruntime

ARCFACE_V2 = numpy.array([[0.34191607, 0.46157411], [0.65653393, 0.45983393], [0.50022500, 0.64050536],
                          [0.37097589, 0.82469196], [0.63151696, 0.82325089]])
FFHQ = numpy.array([[0.37691676, 0.46864664], [0.62285697, 0.46912813], [0.50123859, 0.61331904],
                    [0.39308822, 0.72541100], [0.61150205, 0.72490465]])
MEAN = numpy.array([0.485, 0.456, 0.406])
DEVIATION = numpy.array([0.229, 0.224, 0.225])
DETECTOR_SIZE = 640
SCORE = 0.5
OVERLAP = 0.4


def similarity(points, template, size):
    return cv2.estimateAffinePartial2D(points, template * size, method=cv2.RANSAC, ransacReprojThreshold=100)[0]


def crop(frame, points, template, size):
    matrix = similarity(points, template, size)
    return cv2.warpAffine(frame, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_AREA)


def transformed(points, matrix):
    return cv2.transform(points.reshape(-1, 1, 2), matrix).reshape(-1, 2)


def rotation(angle, size):
    matrix = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), angle, 1)
    turned = numpy.dot(numpy.abs(matrix[:, :2]), size)
    matrix[:, -1] += (turned - size) * 0.5
    return matrix, (int(turned[0]), int(turned[1]))


class Analysis:
    def __init__(self, models):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.sessions = {name: onnxruntime.InferenceSession(f"{models}/{name}.onnx", options, ["CPUExecutionProvider"])
                         for name in ("yoloface_8n", "fan_68_5", "2dfan4", "arcface_w600k_r50", "fairface")}

    def run(self, name, tensor):
        return self.sessions[name].run(None, {"input": tensor})

    def detect(self, frame):
        height, width = frame.shape[:2]
        small = frame
        if height > DETECTOR_SIZE or width > DETECTOR_SIZE:
            scale = min(DETECTOR_SIZE / height, DETECTOR_SIZE / width)
            small = cv2.resize(frame, (int(width * scale), int(height * scale)))
        ratio_x = numpy.float32(width / small.shape[1])
        ratio_y = numpy.float32(height / small.shape[0])
        canvas = numpy.zeros((DETECTOR_SIZE, DETECTOR_SIZE, 3))
        canvas[:small.shape[0], :small.shape[1]] = small
        tensor = numpy.expand_dims(canvas.transpose(2, 0, 1), 0).astype(numpy.float32) / 255.0
        rows = numpy.squeeze(self.run("yoloface_8n", tensor)[0]).T
        boxes, scores, points = numpy.split(rows, [4, 5], axis=1)
        keep = numpy.where(scores > SCORE)[0]
        if not numpy.any(keep):
            return [], [], []
        boxes, scores, points = boxes[keep], scores[keep].ravel(), points[keep].reshape(-1, 5, 3)[:, :, :2]
        half = boxes[:, 2:] / 2
        ratio = numpy.array([ratio_x, ratio_y])
        corners = numpy.hstack([(boxes[:, :2] - half) * ratio, (boxes[:, :2] + half) * ratio])
        return corners.astype(float), scores.tolist(), (points * ratio).astype(float)

    def sixty_eight_of(self, five):
        matrix = similarity(five, FFHQ, 1)
        tensor = transformed(five, matrix).astype(numpy.float32)[None]
        points = self.run("fan_68_5", tensor)[0][0]
        return transformed(points, cv2.invertAffineTransform(matrix))

    def landmarks(self, frame, box, angle):
        scale = 195 / max(numpy.subtract(box[2:], box[:2]).max(), 1)
        shift = (256 - numpy.add(box[2:], box[:2]) * scale) * 0.5
        matrix = numpy.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        picture = cv2.warpAffine(frame, matrix, (256, 256))
        turn, size = rotation(angle, (256, 256))
        picture = cv2.warpAffine(picture, turn, size)
        picture = cv2.cvtColor(picture, cv2.COLOR_RGB2Lab)
        if numpy.mean(picture[:, :, 0]) < 30:
            picture[:, :, 0] = cv2.createCLAHE(clipLimit=2).apply(picture[:, :, 0])
        picture = cv2.cvtColor(picture, cv2.COLOR_Lab2RGB)
        tensor = numpy.expand_dims(picture.transpose(2, 0, 1).astype(numpy.float32) / 255.0, 0)
        points, heat = self.run("2dfan4", tensor)
        points = points[:, :, :2][0] / 64 * 256
        points = transformed(transformed(points, cv2.invertAffineTransform(turn)), cv2.invertAffineTransform(matrix))
        score = numpy.interp(numpy.mean(numpy.amax(heat[0], axis=(1, 2))), [0, 0.9], [0, 1])
        return points, score

    def embedding(self, frame, five):
        picture = crop(frame, five, ARCFACE_V2, 112) / 127.5 - 1
        tensor = numpy.expand_dims(picture[:, :, ::-1].transpose(2, 0, 1).astype(numpy.float32), 0)
        values = self.run("arcface_w600k_r50", tensor)[0].ravel()
        return values, values / numpy.linalg.norm(values)

    def classes(self, frame, five):
        picture = crop(frame, five, ARCFACE_V2, 224).astype(numpy.float32)[:, :, ::-1] / 255.0
        picture -= MEAN
        picture /= DEVIATION
        return self.run("fairface", numpy.expand_dims(picture.transpose(2, 0, 1), 0))

    def faces(self, frame):
        boxes, scores, points = self.detect(frame)
        if len(scores) == 0:
            return []
        places = [(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in boxes]
        found = []
        for index in cv2.dnn.NMSBoxes(places, scores, score_threshold=SCORE, nms_threshold=OVERLAP):
            five = points[index]
            guessed = self.sixty_eight_of(five)
            theta = numpy.degrees(numpy.arctan2(guessed[16][1] - guessed[0][1], guessed[16][0] - guessed[0][0])) % 360
            angles = numpy.linspace(0, 360, 5)
            angle = int(angles[numpy.argmin(numpy.abs(angles - theta))]) % 360
            sixty_eight, score = self.landmarks(frame, boxes[index], angle)
            if score > SCORE:
                five = numpy.array([numpy.mean(sixty_eight[36:42], axis=0), numpy.mean(sixty_eight[42:48], axis=0),
                                    sixty_eight[30], sixty_eight[48], sixty_eight[54]])
            embedding, normed = self.embedding(frame, five)
            found.append({"box": boxes[index], "five": five, "sixty_eight": sixty_eight, "embedding": embedding,
                          "embedding_norm": normed, "classes": self.classes(frame, five)})
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", required=True)
    parser.add_argument("--frame", required=True, help="a picture file")
    parser.add_argument("--runs", type=int, default=50)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    frame = cv2.imread(arguments.frame)
    analysis = Analysis(arguments.models)
    faces = analysis.faces(frame)
    seconds = []
    for _ in range(arguments.runs):
        start = time.perf_counter()
        analysis.faces(frame)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "boxes": [face["box"].tolist() for face in faces],
                      "five": [face["five"].tolist() for face in faces],
                      "versions": {"numpy": numpy.__version__, "opencv": cv2.__version__,
                                   "onnxruntime": onnxruntime.__version__}}))


if __name__ == "__main__":
    main()
