"""A disk that fills up under a server: nothing acknowledged may be lost, and with room again it goes on.

Usage: full_disk.py VECTORY FOLDER [--rounds 240]. FOLDER is on a small file system of its own, as by
`mount -t tmpfs -o size=24m tmpfs FOLDER`. A third of it is kept back at first and given when changes are refused;
the server is killed every 50 rounds.
"""
import argparse, http.client, json, os, random, shutil, subprocess, sys, time
from serve import free_port

DIM, BATCH, IDS = 32, 256, 20_000


class Server:
    def __init__(self, vectory, folder, more=(), before=()):
        """`before`: a program that runs it."""
        self.args, self.port = [*before, vectory, "serve", "--dir", folder, *more], free_port()
        self.start()

    def start(self):
        self.process = subprocess.Popen([*self.args, "--port", str(self.port), "-q"])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for _ in range(400):
            try:
                return self.ask("GET", "/healthz", plain=True)
            except OSError:
                self.connection.close()
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise ConnectionError("nothing listens")

    def ask(self, method, path, body=None, plain=False):
        self.connection.request(method, path, None if body is None else json.dumps(body), {"content-type": "application/json"})
        answer = self.connection.getresponse()
        data = answer.read()
        return answer.status, data if plain else json.loads(data)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.terminate()
        self.process.wait()


def everything(server):
    found, offset = {}, None
    while True:
        status, page = server.ask("POST", "/collections/x/points/scroll", {"limit": 2000, "with_vector": True, "offset": offset})
        assert status == 200, page
        for point in page["result"]["points"]:
            assert point["vector"][0] == point["payload"]["round"], point["id"]
            found[point["id"]] = point["payload"]["round"]
        offset = page["result"]["next_page_offset"]
        if offset is None:
            return found


def main():
    a = argparse.ArgumentParser()
    a.add_argument("vectory")
    a.add_argument("folder")
    a.add_argument("--rounds", type=int, default=240)
    args = a.parse_args()
    if shutil.disk_usage(args.folder).total > 256 << 20:
        sys.exit(f"{args.folder} is on a large disk: this would fill it")
    random.seed(5)
    ballast = os.path.join(args.folder, "ballast")
    with open(ballast, "wb") as f:
        f.write(bytes(shutil.disk_usage(args.folder).free // 3))
    server = Server(args.vectory, os.path.join(args.folder, "collections"))
    server.ask("PUT", "/collections/x", {"vectors": {"size": DIM, "distance": "Dot"}})
    kept, statuses, said, kills = {}, {}, set(), 0
    for round in range(1, args.rounds + 1):
        ids = list(dict.fromkeys(random.randrange(IDS) for _ in range(BATCH)))
        row = lambda: [float(round), *(random.random() for _ in range(DIM - 1))]
        points = [{"id": i, "vector": row(), "payload": {"round": round, "text": "x" * 200}} for i in ids]
        status, answer = server.ask("PUT", "/collections/x/points?wait=true", {"points": points})
        statuses[status] = statuses.get(status, 0) + 1
        if status == 200:
            kept.update((i, round) for i in ids)
        else:
            said.add(answer["status"]["error"])
            if statuses[status] % 3 == 0 and os.path.exists(ballast):
                os.unlink(ballast)
        if round % 37 == 0 and server.ask("POST", "/collections/x/points/delete?wait=true", {"points": ids[:1]})[0] == 200:
            kept.pop(ids[0], None)
        if round % 50 == 0:
            server.kill()
            kills += 1
            server.start()
    found = everything(server)
    other = sum(found.get(i) != r for i, r in kept.items()) + sum(i not in kept for i in found)
    server.end()
    check = subprocess.run([args.vectory, "check", "--full", os.path.join(args.folder, "collections", "x.space")], capture_output=True)
    print(json.dumps({"answers": statuses, "said": sorted(said), "kills": kills, "points": len(found), "other_than_acknowledged": other, "check": check.returncode}))
    sys.exit(bool(other or check.returncode or 500 not in statuses))


if __name__ == "__main__":
    main()
