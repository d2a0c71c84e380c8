"""Every system call by which a space is written or mapped, failed in turn, in the real binary: what was acknowledged must be there, the
space must open, every byte must check, and the same change must succeed when it is made again.

Usage: fail_points.py VECTORY [--step 1]. Needs strace, and root for a namespace. A space of 300 documents is brought up to 330 (some changed, some gone) by
`vectory build`, which commits, merges and builds a graph; each run has the N-th call of one kind fail (of each thread; syncs and mappings
file by file, for threads share them), for every N (every STEP-th).
Prints a JSON line for each kind: calls, runs, how they ended, and what was other than it must be.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile

# The call and the error; only calls on files of the space count.
KINDS = [
    ("fsync", "EIO"), ("fdatasync", "EIO"), ("rename", "EIO"), ("mkdir", "ENOSPC"), ("ftruncate", "ENOSPC"), ("fallocate", "ENOSPC"),
    ("write", "ENOSPC"), ("pwrite64", "ENOSPC"), ("openat", "EMFILE"), ("mmap", "ENOMEM"), ("unlink", "EIO"), ("rmdir", "EIO"), ("unlinkat", "EIO"),
]
# In a namespace of its own every run has the same process number, and so the same names of its temporary files.
STRACE = ["unshare", "-pf", "strace", "-f", "-qq", "-o"]
RECIPE = """
[[view]]
name = "words"
kind = "sparse"
[[view]]
name = "meaning"
kind = "dense"
encode = { model = "default" }
index = { graph_from = 50 }
"""


def documents(path, ids, version):
    word = lambda i: f"word{(i * i + i // 3) % 997}"
    with open(path, "w") as f:
        for i in ids:
            text = " ".join(word(i * 41 + j * 7 + version) for j in range(12))
            f.write(json.dumps({"id": f"d{i}", "text": text}) + "\n")


def texts(vectory, space):
    folder = tempfile.mkdtemp()
    out = os.path.join(folder, "out")
    done = subprocess.run([vectory, "export", space, "-o", out, "-q"], capture_output=True, text=True)
    if done.returncode:
        return done.stderr
    with open(os.path.join(out, "items.jsonl")) as f:
        found = sorted((r.get("id"), r.get("text")) for r in map(json.loads, f))
    shutil.rmtree(folder)
    return found


def by_thread(lines, kind):
    """Calls of a kind in a log: all of them, and those of the thread that has most."""
    threads = {}
    for line in lines:
        if f" {kind}(" in line:
            threads[line.split()[0]] = threads.get(line.split()[0], 0) + 1
    return sum(threads.values()), max(threads.values(), default=0)


def arguments():
    a = argparse.ArgumentParser()
    a.add_argument("vectory")
    a.add_argument("--step", type=int, default=1)
    a.add_argument("--kinds", nargs="*", default=[kind for kind, _ in KINDS])
    return a


class Trial:
    def __init__(self, vectory, folder):
        self.vectory, self.base, self.work = vectory, f"{folder}/base.space", f"{folder}/work.space"
        self.source, self.log = f"{folder}/new.jsonl", f"{folder}/log"
        recipe = f"{folder}/r.toml"
        with open(recipe, "w") as f:
            f.write(RECIPE)
        documents(self.source, range(300), 0)
        self.build(self.base, [], ["--recipe", recipe])
        self.before = texts(vectory, self.base)
        documents(self.source, list(range(20, 200)) + list(range(300, 430)), 1)

    def build(self, space, strace, more=()):
        return subprocess.run([*strace, self.vectory, "build", self.source, "-o", space, "-q", "--threads", "1", *more], capture_output=True, text=True)

    def fresh(self):
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.base, self.work)

    def files(self):
        """Paths that a run touches, so that only calls on them are failed."""
        self.fresh()
        done = self.build(self.work, [*STRACE, self.log, "-e", "trace=openat,mkdir,rename"])
        assert done.returncode == 0, done.stderr
        self.after = texts(self.vectory, self.work)
        assert self.after != self.before
        found = set()
        with open(self.log, errors="replace") as f:
            for line in f:
                found.update(p for p in line.split('"')[1::2] if p.startswith(self.work))
        return sorted(found)

    def calls(self, kind, only):
        """All of them, and those of the thread that has most."""
        self.fresh()
        self.build(self.work, [*STRACE, self.log, "-e", f"trace={kind}", *only])
        with open(self.log, errors="replace") as f:
            return by_thread(f, kind)

    def fail(self, kind, error, n, only):
        self.fresh()
        done = self.build(self.work, [*STRACE, self.log, "-e", f"trace={kind}", "-e", f"inject={kind}:error={error}:when={n}", *only])
        wrong = []
        with open(self.log, errors="replace") as f:
            failed = f.read().count("(INJECTED)")
        if done.returncode not in (0, 1):
            wrong.append(f"ended with {done.returncode}: {done.stderr[-300:]}")
        if done.returncode == 1 and not done.stderr.strip():
            wrong.append("said nothing")
        now = texts(self.vectory, self.work)
        if done.returncode == 0 and now != self.after:
            wrong.append(f"was acknowledged and is not there: {str(now)[:200]}")
        # A build makes several commits: each document is as before or as it is to be, and none is missing that is in both.
        known = set(self.before) | set(self.after)
        both = {i for i, _ in self.before} & {i for i, _ in self.after}
        if isinstance(now, str) or not set(now) <= known or both - {i for i, _ in now}:
            wrong.append(f"holds what was neither before nor to come: {str(now)[:200]}")
        check = subprocess.run([self.vectory, "check", "--full", self.work], capture_output=True, text=True)
        if check.returncode:
            wrong.append(f"check: {check.stderr[-300:]}")
        again = self.build(self.work, [])
        if again.returncode or texts(self.vectory, self.work) != self.after:
            wrong.append(f"cannot go on: {again.stderr[-300:]}")
        return failed, done.returncode, wrong


def main():
    args = arguments().parse_args()
    folder = os.path.realpath(tempfile.mkdtemp())
    trial = Trial(args.vectory, folder)
    files = [["-P", path] for path in trial.files()]
    together = [x for path in files for x in path]
    bad = False
    for kind, error in KINDS:
        if kind not in args.kinds:
            continue
        ends, wrong, calls, failed, runs = {}, [], 0, 0, 0
        for only in files if kind in ("fsync", "mmap") else [together]:
            count, most = trial.calls(kind, only)
            calls += count
            for n in range(1, most + 1, args.step):
                met, end, found = trial.fail(kind, error, n, only)
                ends[end] = ends.get(end, 0) + 1
                failed, runs = failed + met, runs + 1
                wrong += [f"{kind} {n}: {w}" for w in found]
        bad |= bool(wrong)
        said = {"call": kind, "error": error, "calls": calls, "failed": failed, "runs": runs, "ended": ends, "wrongs": len(wrong), "wrong": wrong[:5]}
        print(json.dumps(said), flush=True)
    shutil.rmtree(folder)
    sys.exit(bad)


if __name__ == "__main__":
    main()
