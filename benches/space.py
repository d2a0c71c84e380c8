"""A large space of given vectors: importing, opening, the first answer, memory.

Usage: space.py VECTORY [--points 1000000] [--dim 128] [--keep FOLDER] [--max-memory MB]
Prints a JSON line for each step. Memory is of the server's process: `anon` is what it took for itself, `file` what is mapped.
With --keep the space stays there and is not imported again.
"""
import argparse, http.client, json, os, shutil, socket, subprocess, tempfile, threading, time
import numpy as np


def memory(pid):
    with open(f"/proc/{pid}/status") as f:
        lines = dict(l.split(":", 1) for l in f)
    return {k: int(lines[n].split()[0]) // 1024 for k, n in [("anon_mb", "RssAnon"), ("file_mb", "RssFile")]}


class Peak(threading.Thread):
    """The most that a process took for itself, looked at every 20 ms."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak = pid, 0

    def run(self):
        while True:
            try:
                self.peak = max(self.peak, memory(self.pid)["anon_mb"])
            except (OSError, KeyError):
                return
            time.sleep(0.02)


def run(args):
    start = time.perf_counter()
    process = subprocess.Popen(args, stdout=subprocess.PIPE)
    peak = Peak(process.pid)
    peak.start()
    out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{args}: status {process.returncode}")
    return json.loads(out), round(time.perf_counter() - start, 2), peak.peak


def rows(points, dim):
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(1000, dim)).astype("f4")
    out = centres[rng.integers(0, 1000, points)]
    out += 0.7 * rng.standard_normal(size=out.shape, dtype="f4")
    return out


def first_answer(vectory, space, query):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    name = os.path.basename(space).removesuffix(".space")
    body = json.dumps({"query": query.tolist(), "limit": 10})
    start = time.perf_counter()
    server = subprocess.Popen([vectory, "serve", space, "--port", str(port), "-q"])
    while True:
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            c.request("POST", f"/collections/{name}/points/query", body, {"content-type": "application/json"})
            answer = json.loads(c.getresponse().read())
            break
        except OSError:
            time.sleep(0.002)
    took = time.perf_counter() - start
    after = memory(server.pid)
    times = []
    for _ in range(50):
        t = time.perf_counter()
        c.request("POST", f"/collections/{name}/points/query", body, {"content-type": "application/json"})
        c.getresponse().read()
        times.append(time.perf_counter() - t)
    server.terminate()
    server.wait()
    return {"first_answer_s": round(took, 3), "hits": len(answer["result"]["points"]), "later_p50_ms": round(sorted(times)[25] * 1e3, 2), **after}


def main():
    a = argparse.ArgumentParser()
    a.add_argument("vectory")
    a.add_argument("--points", type=int, default=1_000_000)
    a.add_argument("--dim", type=int, default=128)
    a.add_argument("--keep")
    a.add_argument("--max-memory")
    args = a.parse_args()
    folder = args.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    space = os.path.join(folder, "big.space")
    data = rows(args.points, args.dim)
    if not os.path.exists(space):
        np.save(f"{folder}/v.npy", data)
        with open(f"{folder}/t.jsonl", "w") as f:
            f.writelines(f'{{"id": {i}, "year": {i % 30}}}\n' for i in range(args.points))
        limit = ["--max-memory", args.max_memory] if args.max_memory else []
        said, took, peak = run([args.vectory, "import", f"{folder}/t.jsonl", "--vectors", f"{folder}/v.npy", "-o", space, "--json", *limit])
        write = said["write_seconds"]
        print(json.dumps({"step": "import", "points_per_s": round(args.points / write), "write_s": write, "all_s": took, "peak_anon_mb": peak}), flush=True)
    size = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(space) for f in fs if f.endswith((".graph",)))
    for _ in range(3):
        print(json.dumps({"step": "open", "graph_mb": size >> 20, **first_answer(args.vectory, space, data[7])}), flush=True)
    if not args.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
