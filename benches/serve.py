"""Upserts and filtered searches over HTTP, ours beside chromadb's server; 8 client processes on loopback.

Usage: serve.py VECTORY [--points 100000] [--chroma CHROMA_BINARY]
Prints a JSON line for each server. Vectors are drawn once and are the same for both.
"""
import argparse, http.client, json, multiprocessing as mp, os, shutil, socket, subprocess, sys, tempfile, time
import numpy as np

DIM, BATCH, CLIENTS = 384, 256, 8


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(port, path):
    for _ in range(600):
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            c.request("GET", path)
            if c.getresponse().status < 500:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"nothing listens on {port}")


def post(c, method, path, body):
    c.request(method, path, body, {"content-type": "application/json"})
    r = c.getresponse()
    data = r.read()
    if r.status >= 300:
        sys.exit(f"{path}: {r.status} {data[:300]}")
    return data


def clients(port, requests, n):
    """Each of n processes sends its share on one connection; gives the seconds of all and of each request."""
    with mp.Manager() as manager:
        all_times = [manager.list() for _ in range(n)]
        gate = mp.Barrier(n + 1)
        ps = [mp.Process(target=run, args=(port, requests[i::n], all_times[i], gate)) for i in range(n)]
        [p.start() for p in ps]
        gate.wait()
        start = time.perf_counter()
        [p.join() for p in ps]
        took = time.perf_counter() - start
        return took, np.concatenate([np.array(t[0]) for t in all_times])


def run(port, share, times, gate):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    c.connect()
    gate.wait()
    mine = []
    for method, path, body in share:
        t = time.perf_counter()
        post(c, method, path, body)
        mine.append(time.perf_counter() - t)
    times.append(mine)


def report(name, points, put, search, used):
    took, times = put
    took2, times2 = search
    ms = lambda q: round(float(np.quantile(times2, q)) * 1e3, 2)
    print(json.dumps({"server": name, "upsert_points_per_s": round(points / took), "upsert_batch_p99_ms": round(float(np.quantile(times, 0.99)) * 1e3, 1),
        "search_per_s": round(len(times2) / took2), "search_p50_ms": ms(0.5), "search_p99_ms": ms(0.99), "search_cpu_ms": round(used / len(times2) * 1e3, 3)}), flush=True)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("vectory")
    a.add_argument("--points", type=int, default=100_000)
    a.add_argument("--searches", type=int, default=2000)
    a.add_argument("--writers", type=int, default=4)
    a.add_argument("--chroma")
    a.add_argument("--only", choices=["vectory", "chromadb"])
    args = a.parse_args()
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(200, DIM)).astype("f4")
    rows = (centres[rng.integers(0, 200, args.points)] + 0.7 * rng.normal(size=(args.points, DIM))).astype("f4")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    queries = rows[rng.integers(0, args.points, args.searches)] + 0.05 * rng.normal(size=(args.searches, DIM)).astype("f4")
    texts = ["[" + ",".join(f"{x:.5f}" for x in r) + "]" for r in rows]
    asked = ["[" + ",".join(f"{x:.5f}" for x in r) + "]" for r in queries]

    if args.only != "chromadb":
        ours(args, texts, asked)
    if args.chroma and args.only != "vectory":
        chromadb(args, texts, asked)


def cpu(server):
    """Processor seconds of a server and its threads so far."""
    with open(f"/proc/{server.pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ours(args, texts, asked):
    starts = range(0, args.points, BATCH)
    folder = tempfile.mkdtemp()
    port = free_port()
    server = subprocess.Popen([args.vectory, "serve", "--dir", folder, "--port", str(port), "-q", "--timeout", "600"])
    wait(port, "/healthz")
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    post(c, "PUT", "/collections/b", json.dumps({"vectors": {"size": DIM, "distance": "Cosine"}}))
    post(c, "PUT", "/collections/b/index?wait=true", json.dumps({"field_name": "year", "field_schema": "integer"}))
    point = lambda i: f'{{"id":{i},"vector":{texts[i]},"payload":{{"year":{i % 20}}}}}'
    puts = [("PUT", "/collections/b/points?wait=true", '{"points":[' + ",".join(map(point, range(s, min(s + BATCH, args.points)))) + "]}") for s in starts]
    put = clients(port, puts, args.writers)
    t = time.perf_counter()
    post(c, "POST", "/collections/b/optimize", "")
    print(json.dumps({"settle_s": round(time.perf_counter() - t, 1)}), file=sys.stderr)
    find = lambda q: ("POST", "/collections/b/points/query", f'{{"query":{q},"limit":10,"filter":{{"must":[{{"key":"year","range":{{"gte":10}}}}]}}}}')
    clients(port, list(map(find, asked[:200])), CLIENTS)
    before = cpu(server)
    found = clients(port, list(map(find, asked)), CLIENTS)
    report("vectory", args.points, put, found, cpu(server) - before)
    server.terminate()
    server.wait()
    shutil.rmtree(folder)


def chromadb(args, texts, asked):
    starts = range(0, args.points, BATCH)
    folder = tempfile.mkdtemp()
    port = free_port()
    server = subprocess.Popen([args.chroma, "run", "--path", folder, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait(port, "/api/v2/heartbeat")
    base = "/api/v2/tenants/default_tenant/databases/default_database/collections"
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    made = json.loads(post(c, "POST", base, json.dumps({"name": "bench", "metadata": {"hnsw:space": "cosine"}})))
    at = f"{base}/{made['id']}"
    def batch(s):
        ids = range(s, min(s + BATCH, args.points))
        return ("POST", f"{at}/upsert", '{"ids":[' + ",".join(f'"{i}"' for i in ids) + '],"embeddings":[' + ",".join(texts[i] for i in ids) + '],"metadatas":[' + ",".join(f'{{"year":{i % 20}}}' for i in ids) + "]}")
    put = clients(port, [batch(s) for s in starts], args.writers)
    find = lambda q: ("POST", f"{at}/query", f'{{"query_embeddings":[{q}],"n_results":10,"where":{{"year":{{"$gte":10}}}},"include":["metadatas","distances"]}}')
    clients(port, list(map(find, asked[:200])), CLIENTS)
    before = cpu(server)
    found = clients(port, list(map(find, asked)), CLIENTS)
    report("chromadb", args.points, put, found, cpu(server) - before)
    server.terminate()
    server.wait()
    shutil.rmtree(folder)

if __name__ == "__main__":
    main()
