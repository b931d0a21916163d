#!/usr/bin/env python3
"""Writes small valid and odd files for the fuzzers: make_seeds.py FOLDER makes FOLDER/image and FOLDER/probe.

Pictures are written by hand with the standard library; with an ffmpeg executable in the PATH more pictures and the videos follow.
"""
import pathlib
import shutil
import struct
import subprocess
import sys
import zlib


def png(width, height, depth, kind, rows, extra=b""):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def palette_chunk():
    data = b"PLTE" + bytes(range(12))
    return struct.pack(">I", 12) + data + struct.pack(">I", zlib.crc32(data))


def bmp(width, height, bits, top_down=False):
    row = (width * bits + 31) // 32 * 4
    pixels = bytes(i * 7 % 256 for i in range(row * height))
    info = struct.pack("<IiiHHIIiiII", 40, width, -height if top_down else height, 1, bits, 0, len(pixels), 0, 0, 0, 0)
    table = bytes(range(256)) * 4 if bits == 8 else b""
    offset = 14 + len(info) + len(table)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + info + table + pixels


def tiff(width, height, channels, orientation):
    pixels = bytes(i * 11 % 256 for i in range(width * height * channels))
    entries = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2 if channels > 1 else 1),
               (273, 4, 1, 8), (274, 3, 1, orientation), (277, 3, 1, channels), (278, 3, 1, height), (279, 4, 1, len(pixels))]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels + directory


def pictures():
    rgb = b"".join(b"\0" + bytes((x * 9 + y) % 256 for x in range(24)) for y in range(8))
    yield "rgb.png", png(8, 8, 8, 2, rgb)
    yield "rgba.png", png(6, 8, 8, 6, rgb)
    yield "grey.png", png(24, 8, 8, 0, rgb)
    yield "grey_alpha.png", png(12, 8, 8, 4, rgb)
    yield "grey16.png", png(12, 8, 16, 0, rgb)
    yield "rgb16.png", png(4, 8, 16, 2, rgb)
    yield "palette.png", png(24, 8, 8, 3, bytes(200), palette_chunk())
    yield "bit.png", png(16, 4, 1, 0, b"\0\xaa\x55" * 4)
    yield "rgb24.bmp", bmp(7, 5, 24)
    yield "rgb32.bmp", bmp(7, 5, 32, True)
    yield "palette.bmp", bmp(7, 5, 8)
    for orientation in (1, 6):
        yield f"turned{orientation}.tiff", tiff(6, 4, 3, orientation)
    yield "grey.tiff", tiff(6, 4, 1, 1)


def exif(orientation):
    body = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHHI", 274, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


VIDEOS = {
    "h264.mp4": "-c:v libx264 -pix_fmt yuv420p -bf 2",
    "fragment.mp4": "-c:v libx264 -pix_fmt yuv420p -movflags frag_keyframe+empty_moov",
    "turned.mov": "-c:v mjpeg -metadata:s:v:0 rotate=90",
    "hevc.mkv": "-c:v libx265 -x265-params log-level=none",
    "hdr.mkv": "-c:v ffv1 -pix_fmt yuv420p10le -color_trc smpte2084 -color_primaries bt2020 -colorspace bt2020nc",
    "vp9.webm": "-c:v libvpx-vp9 -deadline realtime",
    "mpeg4.avi": "-c:v mpeg4 -c:a pcm_s16le",
    "mpeg2.mpeg": "-c:v mpeg2video",
    "mpeg2.mxf": "-c:v mpeg2video -ar 48000 -r 25",
    "wmv2.wmv": "-c:v wmv2 -c:a wmav2",
    "anim.gif": "-an",
    "raw.264": "-an -c:v libx264 -pix_fmt yuv420p -f h264",
}


def ffmpeg(arguments, target):
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments.split(), str(target)]
    if subprocess.run(command, check=False).returncode != 0:
        print(f"skipped {target.name}: this ffmpeg cannot make it", file=sys.stderr)
        target.unlink(missing_ok=True)


def main(folder):
    image, probe = folder / "image", folder / "probe"
    for part in (image, probe):
        part.mkdir(parents=True, exist_ok=True)
    for name, data in pictures():
        (image / name).write_bytes(data)
        (image / f"cut_{name}").write_bytes(data[: len(data) * 2 // 3])
    if shutil.which("ffmpeg") is None:
        print("no ffmpeg executable: pictures written by hand only, no videos", file=sys.stderr)
        return
    source = "-f lavfi -i testsrc2=size=32x24:rate=25:duration=0.2"
    for name, options in {"a.jpg": "", "b.jpg": "-pix_fmt yuvj420p", "grey.jpg": "-pix_fmt gray", "a.webp": "", "l.webp": "-lossless 1"}.items():
        ffmpeg(f"{source} -frames:v 1 {options}", image / name)
    plain = image / "a.jpg"
    if plain.exists():
        data = plain.read_bytes()
        (image / "exif.jpg").write_bytes(data[:2] + exif(6) + data[2:])
    for name, options in VIDEOS.items():
        ffmpeg(f"{source} -f lavfi -i sine=duration=0.2 {options}", probe / name)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_seeds.py FOLDER")
    main(pathlib.Path(sys.argv[1]))
