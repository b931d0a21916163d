"""Command line of make_test_models."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import sys
import time
import zlib

from .catalogue import catalogue

LARGE = ("inswapper", "hyperswap", "nsfw_3", "simswap")  # written first


def write_model(name, folder, full, seed):
    """Writes the file and its .hash (CRC-32); returns the line for models.json."""
    model = catalogue()[name]
    graph = model.graph(full, seed)
    content = graph.proto.SerializeToString(deterministic=True)
    path = pathlib.Path(folder, model.file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.with_suffix(".hash").write_text(f"{zlib.crc32(content):08x}")
    return {
        "name": name,
        "family": model.family,
        "stage": model.stage,
        "file": model.file,
        "bytes": len(content),
        "inputs": graph.feeds,
        "outputs": [value.name for value in graph.proto.graph.output],
        "variants": list(model.variants),
        "flops": int(graph.flops),
        "weights": int(graph.weights),
        "capturable": not model.refusal,
        "why": model.refusal or model.note,
    }


def write_models(folder, names, full, seed, jobs, report=lambda line: None):
    """Writes all named models, in this order over `jobs` processes, and models.json; returns its entries."""
    os.makedirs(folder, exist_ok=True)
    if jobs == 1:
        entries = []
        for name in names:
            entries.append(write_model(name, folder, full, seed))
            report(entries[-1])
    else:
        with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
            running = [pool.submit(write_model, name, folder, full, seed) for name in names]
            for done in concurrent.futures.as_completed(running):
                report(done.result())
            entries = [future.result() for future in running]
    entries.sort(key=lambda entry: entry["name"])
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    pathlib.Path(folder, "models.json").write_text(f"[\n{lines}\n]\n")
    return entries


def show(entry):
    weights, flops = entry["weights"] / 1e6, entry["flops"] / 1e9
    print(f"{entry['name']:34}{weights:9.2f} M weights{flops:10.2f} GFLOP", flush=True)


def parse(arguments):
    description = "Writes ONNX test models of every family from code and a seed."
    parser = argparse.ArgumentParser(prog="make_test_models", description=description)
    parser.add_argument("--out", help="folder to write to")
    sizes = "tiny for tests, full costs as the real models"
    parser.add_argument("--size", choices=("tiny", "full"), default="tiny", help=sizes)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="names or families; default all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes; default one per core")
    parser.add_argument("--list", action="store_true", help="print names, families and stages and end")
    options = parser.parse_args(arguments)
    if not (options.out or options.list):
        parser.error("--out FOLDER is missing")
    return options, parser


def main(arguments=None):
    options, parser = parse(arguments)
    models = catalogue()
    wanted = set(options.only or models)
    unknown = wanted - set(models) - {model.family for model in models.values()}
    if unknown:
        parser.error(f"no model or family named {', '.join(sorted(unknown))}; --list shows them")
    chosen = [model for model in models.values() if wanted & {model.name, model.family}]
    if options.list:
        for model in chosen:
            print(f"{model.name:34}{model.family:18}{model.stage}")
        return 0
    start = time.monotonic()
    names = sorted((model.name for model in chosen), key=lambda name: not name.startswith(LARGE))
    entries = write_models(options.out, names, options.size == "full", options.seed, options.jobs, show)
    size = sum(entry["bytes"] for entry in entries) / 1e6
    print(f"{len(entries)} models, {size:.1f} MB in {time.monotonic() - start:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
