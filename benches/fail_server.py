"""Every system call by which a running server writes or maps files, failed in turn: a request that meets it is refused with a reason or is done, what
was acknowledged is there when the folder is opened again, no point is in between, and the same requests then succeed.

Usage: fail_server.py VECTORY [--step 1] [--kinds fsync …]. Needs strace, and root for a namespace. Prints a JSON line for each call.
"""
import json, os, shutil, signal, subprocess, sys, tempfile, time
from fail_points import KINDS, STRACE, arguments, by_thread
from full_disk import Server, everything

DIM = 8


def points(ids, round):
    vector = lambda i: [float(round), *(((i * 31 + j * 17) % 97) / 97 for j in range(DIM - 1))]
    return {"points": [{"id": i, "vector": vector(i), "payload": {"round": round, "kind": f"k{i % 3}"}} for i in ids]}


# Method, path, body, and what a point (its id, its round or None) is once this is done.
CHANGES = [
    ("PUT", "/collections/x/points?wait=true", points(range(80, 160), 2), lambda i, was: 2 if 80 <= i < 160 else was),
    ("PUT", "/collections/x/index?wait=true", {"field_name": "kind", "field_schema": "keyword"}, None),
    ("POST", "/collections/x/points/delete?wait=true", {"points": list(range(40))}, lambda i, was: None if i < 40 else was),
    ("PUT", "/collections/y", {"vectors": {"size": DIM, "distance": "Dot"}}, None),
    ("PUT", "/collections/x/points?wait=true", points(range(20, 60), 3), lambda i, was: 3 if 20 <= i < 60 else was),
    ("POST", "/collections/x/snapshots", {}, None),
    ("DELETE", "/collections/y", None, None),
]


def leaf(pid):
    """The program at the end of a chain of unshare and strace."""
    while True:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            children = f.read().split()
        if not children:
            return pid
        pid = int(children[0])


class Trial:
    def __init__(self, vectory, folder):
        self.vectory, self.base, self.work, self.log = vectory, f"{folder}/base", f"{folder}/work", f"{folder}/log"
        server = Server(vectory, self.base, more=["--threads", "1"])
        assert server.ask("PUT", "/collections/x", {"vectors": {"size": DIM, "distance": "Dot"}})[0] == 200
        assert server.ask("PUT", "/collections/x/points?wait=true", points(range(120), 1))[0] == 200
        server.end()

    def traced(self, what):
        """What the requests answered, what each point may be afterwards, and how the server ended."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.base, self.work)
        may, answers = {i: {1 if i < 120 else None} for i in range(160)}, []
        try:
            server = Server(self.vectory, self.work, more=["--threads", "1"], before=[*STRACE, self.log, *what])
        except ConnectionError as e:
            return ["did not start"], may, str(e)
        for method, path, body, becomes in CHANGES:
            try:
                status, answer = server.ask(method, path, body)
            except OSError as e:
                status, answer = 0, str(e)
                server.connection.close()
            answers.append(status if status < 500 or answer.get("status", {}).get("error") else 0)
            if becomes:
                for i, was in may.items():
                    new = {becomes(i, w) for w in was}
                    may[i] = new if status == 200 else was | new
        time.sleep(0.3)  # merging in the background begins a tenth of a second after the last change
        end = server.process.poll()
        if end is None:
            os.kill(leaf(server.process.pid), signal.SIGTERM)
            end = server.process.wait(timeout=60)
        return answers, may, end

    def lines(self):
        with open(self.log, errors="replace") as f:
            return f.read().splitlines()

    def files(self):
        answers, _, end = self.traced(["-e", "trace=openat,mkdir,rename"])
        assert set(answers) == {200} and end == 0, (answers, end)
        return [x for path in sorted({p for line in self.lines() for p in line.split('"')[1::2] if p.startswith(self.work)}) for x in ("-P", path)]

    def calls(self, kind, only):
        self.traced(["-e", f"trace={kind}", *only])
        return by_thread(self.lines(), kind)

    def fail(self, kind, error, n, only):
        answers, may, end = self.traced(["-e", f"trace={kind}", "-e", f"inject={kind}:error={error}:when={n}", *only])
        failed, wrong = sum("(INJECTED)" in line for line in self.lines()), []
        if answers != ["did not start"] and (end not in (0, 1) or 0 in answers):
            wrong.append(f"answers {answers}, ended with {end}")
        wrong += self.opened(may)
        return failed, "not started" if answers == ["did not start"] else "all done" if set(answers) == {200} else "refused", wrong

    def opened(self, may):
        try:
            server = Server(self.vectory, self.work, more=["--threads", "1"])
        except ConnectionError as e:
            return [f"does not open: {e}"]
        found, wrong = everything(server), []
        other = [(i, found.get(i), sorted(map(str, allowed))) for i, allowed in may.items() if found.get(i) not in allowed]
        if other or not set(found) <= set(may):
            wrong.append(f"points are not as acknowledged: {other[:3]}")
        again = [server.ask(method, path, body) for method, path, body, _ in CHANGES]
        # A collection that was made, or deleted, before its failure was told is there, or not, already.
        refused = [a for a in again if a[0] not in (200, 404, 409) and "already exists" not in str(a)]
        now = everything(server)
        if refused or any(now.get(i) != (None if i < 20 else 3 if i < 60 else 1 if i < 80 else 2) for i in may):
            wrong.append(f"cannot go on: {refused[:2]}")
        server.end()
        check = subprocess.run([self.vectory, "check", "--full", os.path.join(self.work, "x.space")], capture_output=True, text=True)
        if check.returncode:
            wrong.append(f"check: {check.stderr[-300:]}")
        return wrong


def main():
    args = arguments().parse_args()
    folder = os.path.realpath(tempfile.mkdtemp())
    trial, bad = Trial(args.vectory, folder), False
    only = trial.files()
    for kind, error in KINDS:
        if kind not in args.kinds:
            continue
        ends, wrong, failed, runs = {}, [], 0, 0
        count, most = trial.calls(kind, only)
        for n in range(1, most + 1, args.step):
            met, end, found = trial.fail(kind, error, n, only)
            ends[end], failed, runs = ends.get(end, 0) + 1, failed + met, runs + 1
            wrong += [f"{n}: {w}" for w in found]
        bad |= bool(wrong)
        print(json.dumps({"call": kind, "error": error, "calls": count, "failed": failed, "runs": runs, "ended": ends, "wrongs": len(wrong), "wrong": wrong[:4]}), flush=True)
    shutil.rmtree(folder)
    sys.exit(bad)


if __name__ == "__main__":
    main()
