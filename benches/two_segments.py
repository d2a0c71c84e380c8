"""Claim 100 through the server: a collection of two segments answers as the merged one does, and as exact search.

Usage: two_segments.py VECTORY BEIR_FOLDER. Encodes by the server's own /v1/embeddings; prints nDCG@10 and MRR@10.
"""
import csv, gzip, http.client, json, math, os, subprocess, sys, tempfile
from serve import free_port, post, wait

vectory, folder = sys.argv[1:3]


def lines(name):
    for path in (f"{folder}/{name}", f"{folder}/{name}.gz"):
        if os.path.exists(path):
            return [json.loads(line) for line in (gzip.open(path, "rt") if path.endswith("gz") else open(path)) if line.strip()]
    sys.exit(f"{folder}/{name} is missing")


corpus, queries, judged = lines("corpus.jsonl"), lines("queries.jsonl"), {}
with open(f"{folder}/qrels/test.tsv") as f:
    for q, d, s in list(csv.reader(f, delimiter="\t"))[1:]:
        if int(s) > 0:
            judged.setdefault(q, {})[d] = int(s)
port = free_port()
server = subprocess.Popen([vectory, "serve", "--dir", tempfile.mkdtemp(), "--port", str(port), "-q", "--max-body", "512"])
wait(port, "/healthz")
c = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
ask = lambda method, path, body: json.loads(post(c, method, path, json.dumps(body)))


def encode(texts):
    out = []
    for i in range(0, len(texts), 1024):
        out += [d["embedding"] for d in ask("POST", "/v1/embeddings", {"model": "default", "input": texts[i:i + 1024]})["data"]]
    return out


rows = encode([(d.get("title", "") + "\n" + d["text"]).strip() or "-" for d in corpus])
asked = [q for q in queries if q["_id"] in judged]
vectors = encode([q["text"] for q in asked])
ask("PUT", "/collections/c", {"vectors": {"size": len(rows[0]), "distance": "Cosine"}, "hnsw_config": {"m": 16, "ef_construct": 100}})
half = (len(rows) + 1) // 2
for start in (0, half):
    points = [{"id": i, "vector": rows[i]} for i in range(start, min(start + half, len(rows)))]
    ask("PUT", "/collections/c/points?wait=true", {"points": points})
segments = lambda: ask("GET", "/collections/c/views", None)["result"]["info"]["segments"]


def measure(params):
    ndcg = mrr = 0.0
    for q, v in zip(asked, vectors):
        found = ask("POST", "/collections/c/points/query", {"query": v, "limit": 1000, "params": params})["result"]["points"]
        gains = [judged[q["_id"]].get(corpus[p["id"]]["_id"], 0) for p in found[:10]]
        best = sorted(judged[q["_id"]].values(), reverse=True)[:10]
        dcg = lambda g: sum(x / math.log2(i + 2) for i, x in enumerate(g))
        ndcg += dcg(gains) / dcg(best)
        mrr += next((1 / (i + 1) for i, g in enumerate(gains) if g), 0.0)
    return round(ndcg / len(asked), 4), round(mrr / len(asked), 4)


two = (segments(), *measure({"hnsw_ef": 1000}))
ask("POST", "/collections/c/optimize", None)
one = (segments(), *measure({"hnsw_ef": 1000}))
exact = measure({"exact": True})
server.terminate()
holds = all(abs(two[i] - one[i]) <= 0.002 and abs(one[i] - exact[i - 1]) <= 0.002 for i in (1, 2))
print(json.dumps({"segments, nDCG@10, MRR@10": [two, one], "exact": exact, "holds": holds}))
sys.exit(0 if holds else 1)
