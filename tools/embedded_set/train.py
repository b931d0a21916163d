"""Trains the networks: `tools/embedded_set/train STAGE...` or `--all`.

Every stage runs at most `--minutes`, writes OUT/<stage>.pt (averaged weights, step; under 16 MiB) every minute, and goes on from
such a file when it finds one in OUT or in --resume. A finished stage is skipped unless --again is given. `--together` runs the named
stages side by side, each in a process of its own, on the one GPU.
"""

import argparse
import copy
import json
import math
import os
import pathlib
import subprocess
import sys
import time

import torch

from . import face_stages, frame_stages, mesh, networks, renderer, stages, studio

STAGES = stages.ALL | face_stages.ALL | frame_stages.ALL
SEEDS = {name: 1000 + 17 * k for k, name in enumerate(STAGES)}


def rate(progress, warm):
    return min(1.0, warm) * (0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0)) * 0.99)


def load_weights(net, path):
    state = torch.load(path, map_location="cpu", weights_only=True)
    net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state["weights"].items()})
    return state


def save(net, path, step, finished):
    weights = {k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()}
    part = path.with_suffix(".part")
    torch.save({"weights": weights, "step": step, "finished": finished}, part)
    part.rename(path)


def average(kept, net, step):
    """Moves the kept weights and statistics of batch norm towards the current ones."""
    decay = min(0.999, (step + 1) / (step + 20))
    pairs = [(a, b) for a, b in zip(kept.state_dict().values(), net.state_dict().values()) if a.is_floating_point()]
    torch._foreach_mul_([a for a, _ in pairs], decay)
    torch._foreach_add_([a for a, _ in pairs], [b for _, b in pairs], alpha=1 - decay)


def run(name, args):
    out = pathlib.Path(args.out)
    path = out / f"{name}.pt"
    found = next((p for p in (path, pathlib.Path(args.resume or ".") / path.name) if p.exists()), None)
    torch.manual_seed(SEEDS[name])
    device = torch.device(args.device)
    room = studio.Studio(mesh.load(args.heads), device, SEEDS[name] + args.part, 4 if args.quick else 384)
    stage = STAGES[name](room)
    net, step = stage.net, 0
    if found:
        state = load_weights(net, found)
        if state["finished"] and not args.again:
            print(f"{name}: finished before, skipped", flush=True)
            return
        step = state["step"]
    if name == "swapper":
        stage.load_recognizer = lambda: recognizer_from([out / "recognizer.pt", pathlib.Path(args.resume or ".") / "recognizer.pt"])
    began = time.time()
    with torch.no_grad():
        stage.prepare(args.quick)
        if found:
            stage.resume()
    print(f"{name}: stock drawn in {time.time() - began:.1f} s, starts at step {step}", flush=True)
    train(name, stage, net, step, args, path, args.minutes * 60 - (time.time() - began))


def recognizer_from(paths):
    """The recognizer of the first path with a finished checkpoint; stages may run side by side, so it waits for one."""
    net = networks.Recognizer()
    while True:
        for p in paths:
            if p.exists() and load_weights(net, p)["finished"]:
                return net
        time.sleep(2)


def train(name, stage, net, step, args, path, limit):
    cuda = stage.device.type == "cuda"
    torch.backends.cudnn.benchmark = cuda
    net.to(memory_format=torch.channels_last).train()
    kept = copy.deepcopy(net).eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(stage.parameters(), lr=stage.rate, weight_decay=stage.weight_decay, **({"fused": True} if cuda else {}))
    began = saved = said = time.time()
    first, losses, quick = step, [], args.quick
    while True:
        now = time.time()
        progress = (now - began) / limit if not quick else (step - first) / 3
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = stage.rate * args.rate * rate(progress, (step - first + 1) / 200)
        if (step - first) % stage.every == stage.every - 1:
            with torch.no_grad():
                stage.refresh()
        with torch.autocast(stage.device.type, torch.bfloat16, enabled=cuda):
            loss = stage.loss(net)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        average(kept, net, step - first)
        losses = [*losses[-199:], loss.detach()]
        step += 1
        if now - said > 15:
            said = now
            print(f"{name}: step {step} loss {float(torch.stack(losses).mean()):.4f} {(step - first) / (now - began):.1f}/s", flush=True)
        if now - saved > 60:
            saved = now
            save(kept, path, step, False)
    save(kept, path, step, True)
    print(json.dumps({"stage": name, "steps": step, "seconds": round(time.time() - began), "loss": round(float(torch.stack(losses).mean()), 5)}), flush=True)


def together(names, args):
    """One process per stage; ends with 1 when one of them fails."""
    renderer.build(torch.device(args.device))  # once, not by all of them at the same time
    rest = [a for a in sys.argv[1:] if a not in (*names, "--together", "--all")]
    threads = {"OMP_NUM_THREADS": str(max(1, os.cpu_count() // len(names)))}
    children = [subprocess.Popen([sys.executable, "-m", "embedded_set.train", name, *rest], env=os.environ | threads) for name in names]
    failed = [name for name, child in zip(names, children) if child.wait()]
    if failed:
        sys.exit("train: failed: " + ", ".join(failed))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="stages to run, in this order")
    parser.add_argument("--all", action="store_true", help="all stages in order")
    parser.add_argument("--heads", required=True, help="the MakeHuman folder or the compact .npz (embedded_set.mesh)")
    parser.add_argument("--out", required=True, help="folder of the checkpoints")
    parser.add_argument("--resume", help="folder with checkpoints to go on from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--minutes", type=float, default=8.0, help="time of each stage, its first stock included")
    parser.add_argument("--rate", type=float, default=1.0, help="factor on the learning rate, for going on")
    parser.add_argument("--part", type=int, default=0, help="added to the seeds, so that a second part sees new samples")
    parser.add_argument("--again", action="store_true", help="train finished stages further")
    parser.add_argument("--together", action="store_true", help="the stages side by side instead of one after the other")
    parser.add_argument("--quick", action="store_true", help="three steps on tiny stocks: a test of the chain")
    args = parser.parse_args()
    pathlib.Path(args.out).mkdir(parents=True, exist_ok=True)
    names = list(STAGES) if args.all else args.stages
    if unknown := [name for name in names if name not in STAGES]:
        parser.error(f"no stage {', '.join(unknown)}; there are {', '.join(STAGES)}")
    if args.together and len(names) > 1:
        together(names, args)
    else:
        for name in names:
            run(name, args)


if __name__ == "__main__":
    main()
