"""Reads the MakeHuman base mesh and its morph targets and keeps the part that the renderer needs: head, neck, shoulders.

`python3 -m embedded_set.mesh FOLDER OUT.npz` writes the compact form; `load()` accepts either the folder or the .npz.
"""

import pathlib
import sys

import numpy as np

PARTS = ["skin", "eye", "teeth", "tongue", "lash", "long_hair", "glasses", "lens"]
GROUPS = {
    "body": "skin", "helper-l-eye": "eye", "helper-r-eye": "eye", "helper-upper-teeth": "teeth",
    "helper-lower-teeth": "teeth", "helper-tongue": "tongue", "helper-l-eyelashes-1": "lash",
    "helper-l-eyelashes-2": "lash", "helper-r-eyelashes-1": "lash", "helper-r-eyelashes-2": "lash",
}
JOINTS = ["joint-l-eye", "joint-r-eye", "joint-head", "joint-neck"]
LOWEST_Y, WIDEST_X = 4.2, 2.6


def read_obj(path):
    """Returns vertices [V,3] and {group: list of vertex index tuples}."""
    vertices, groups, current = [], {}, None
    for line in open(path, encoding="utf-8"):
        head, _, rest = line.partition(" ")
        if head == "v":
            vertices.append([float(v) for v in rest.split()])
        elif head == "g":
            current = rest.strip()
        elif head == "f":
            groups.setdefault(current, []).append([int(t.split("/")[0]) - 1 for t in rest.split()])
    return np.array(vertices, np.float32), groups


def read_target(path, count):
    delta = np.zeros((count, 3), np.float32)
    for line in open(path, encoding="utf-8"):
        if line[0] != "#" and line.strip():
            index, *move = line.split()
            delta[int(index)] = [float(v) for v in move]
    return delta


def triangles(quads):
    out = []
    for q in quads:
        out.append((q[0], q[1], q[2]))
        if len(q) == 4 and q[3] != q[0]:
            out.append((q[0], q[2], q[3]))
    return out


def inside(vertices, quad):
    return all(vertices[i, 1] > LOWEST_Y and abs(vertices[i, 0]) < WIDEST_X for i in quad)


def reduce(folder):
    """The compact mesh as a dict of arrays; vertices are renumbered."""
    folder = pathlib.Path(folder)
    vertices, groups = read_obj(folder / "3dobjs/base.obj")
    tris, parts = [], []
    for group, part in GROUPS.items():
        quads = groups[group]
        if group == "body":
            quads = [q for q in quads if inside(vertices, q)]
        for t in triangles(quads):
            tris.append(t)
            parts.append(PARTS.index(part))
    tris = np.array(tris)
    joints = [sorted({i for q in groups[j] for i in q}) for j in JOINTS]
    used = np.unique(np.concatenate([tris.ravel()] + [np.array(j) for j in joints]))
    new = np.full(len(vertices), -1)
    new[used] = np.arange(len(used))
    files = sorted((folder / "targets").rglob("*.target"))
    names, deltas = [], []
    for f in files:
        name = str(f.relative_to(folder / "targets").with_suffix(""))
        if "trunk" in name or "breast" in name:
            continue
        names.append(name)
        deltas.append(read_target(f, len(vertices))[used].astype(np.float16))
    return {
        "vertices": vertices[used], "triangles": new[tris].astype(np.int32), "parts": np.array(parts, np.int32),
        "joints": np.array([new[j] for j in joints], np.int32), "names": np.array(names), "deltas": np.stack(deltas),
    }


def load(path):
    """Compact mesh from the MakeHuman folder or from a file that `main` wrote."""
    path = pathlib.Path(path)
    if path.is_dir():
        return reduce(path)
    with np.load(path) as data:
        return dict(data)


def main():
    np.savez_compressed(sys.argv[2], **reduce(sys.argv[1]))


if __name__ == "__main__":
    main()
