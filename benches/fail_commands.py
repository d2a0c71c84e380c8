"""Every system call by which `snapshot`, `restore`, `export`, `import`, `merge` and `reembed` read, write or map files, failed in turn: the
command says why and ends with 1 (or with 0 and the whole result), the space that it reads stays as it was, nothing that is half made can
be taken for whole, and the same command then succeeds.

Usage: fail_commands.py VECTORY [--step 1] [--commands snapshot …] [--kinds fsync …]. Needs strace, and root for a namespace. Prints a JSON line for each command and call.
"""
import json, os, shutil, subprocess, sys, tempfile
from fail_points import KINDS, RECIPE, STRACE, arguments, by_thread, documents, texts


class Bench:
    def __init__(self, vectory, folder):
        self.vectory, self.folder = vectory, folder
        source, recipe = self.at("s.jsonl"), self.at("r.toml")
        with open(recipe, "w") as f:
            f.write(RECIPE)
        for name, ids in [("base", range(120)), ("other", range(200, 260))]:
            documents(source, ids, 0)
            self.do("build", source, "-o", self.at(f"{name}.space"), "--recipe", recipe)
        with open(source) as f, open(self.at("t.txt"), "w") as out:
            out.writelines(json.loads(line)["text"] + "\n" for line in f)
        self.do("learn", "sent2vec", self.at("t.txt"), "--dim", "16", "--min-count", "1", "--epochs", "1", "-o", self.at("m.safetensors"))
        self.do("snapshot", self.at("base.space"), "-o", self.at("s.snapshot"))
        self.do("export", self.at("base.space"), "-o", self.at("e"))
        self.before = texts(vectory, self.at("base.space"))
        self.both = sorted(self.before + texts(vectory, self.at("other.space")))

    def at(self, name):
        return os.path.join(self.folder, name)

    def run(self, *args, strace=()):
        return subprocess.run([*strace, self.vectory, *args, "-q", "--threads", "1"], capture_output=True, text=True)

    def do(self, *args):
        done = self.run(*args)
        assert done.returncode == 0, (args, done.stderr)

    def commands(self):
        """Name: arguments, what they make, what it holds (None: it cannot be taken for whole)."""
        base, out = self.at("base.space"), self.at("out")
        space = lambda: texts(self.vectory, out)
        return {
            "snapshot": (["snapshot", base, "-o", out], self.before, self.restored),
            "restore": (["restore", self.at("s.snapshot"), "-o", out], self.before, space),
            "export": (["export", base, "-o", out], self.before, self.exported),
            "import": (["import", self.at("e"), "-o", out], self.before, space),
            "merge": (["merge", base, self.at("other.space"), "-o", out], self.both, space),
            "reembed": (["reembed", out, "--model", self.at("m.safetensors")], (self.before, 16), self.reembedded),
        }

    def restored(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run("restore", self.at("out"), "-o", f"{folder}/x.space")
            return texts(self.vectory, f"{folder}/x.space") if done.returncode == 0 else None

    def exported(self):
        if not os.path.exists(self.at("out/export.json")):
            return None  # `import` refuses it
        with open(self.at("out/items.jsonl")) as f:
            return sorted((r.get("id"), r.get("text")) for r in map(json.loads, f))

    def reembedded(self):
        """Before or after, with the size of the vectors."""
        with tempfile.TemporaryDirectory() as folder:
            done = self.run("export", self.at("out"), "-o", f"{folder}/e")
            if done.returncode:
                return done.stderr
            import numpy as np
            return texts(self.vectory, self.at("out")), np.load(f"{folder}/e/meaning.npy").shape[1]

    def fresh(self, name):
        out = self.at("out")
        shutil.rmtree(out, ignore_errors=True)
        if os.path.isfile(out):
            os.unlink(out)
        if name == "reembed":
            shutil.copytree(self.at("base.space"), out)

    def traced(self, name, args, what):
        self.fresh(name)
        done = self.run(*args, strace=[*STRACE, self.at("log"), *what])
        with open(self.at("log"), errors="replace") as f:
            return done, f.read().splitlines()

    def files(self, name, args):
        _, lines = self.traced(name, args, ["-e", "trace=openat,mkdir,rename"])
        paths = {p for line in lines for p in line.split('"')[1::2] if p.startswith(self.folder)}
        return [x for path in sorted(paths) for x in ("-P", path)]

    def calls(self, name, args, kind, only):
        """Of the thread that makes most of them."""
        return by_thread(self.traced(name, args, ["-e", f"trace={kind}", *only])[1], kind)[1]

    def fail(self, name, kind, error, n, only):
        args, wanted, holds = self.commands()[name]
        done, lines = self.traced(name, args, ["-e", f"trace={kind}", "-e", f"inject={kind}:error={error}:when={n}", *only])
        wrong = []
        if done.returncode not in (0, 1) or (done.returncode == 1 and not done.stderr.strip()):
            wrong.append(f"ended with {done.returncode}: {done.stderr[-300:]!r}")
        found = holds() if os.path.exists(self.at("out")) else None
        allowed = [wanted] if done.returncode == 0 else [wanted, None, (self.before, 256)] if name == "reembed" else [wanted, None]
        if found not in allowed:
            # A space that does not open is refused by its name: it cannot be taken for whole.
            if done.returncode == 0 or not isinstance(found, str):
                wrong.append(f"ended with {done.returncode} and holds {str(found)[:200]}")
        if done.returncode == 1:
            # A step after the commit can fail as well: `reembed` then says that it is done already.
            again = self.run(*args)
            done_before = name == "reembed" and found == wanted and "already" in again.stderr
            if (again.returncode and not done_before) or holds() != wanted:
                wrong.append(f"cannot be done again: {again.stderr[-300:]}")
        return sum("(INJECTED)" in line for line in lines), done.returncode, wrong


def main():
    a = arguments()
    a.add_argument("--commands", nargs="*")
    args = a.parse_args()
    bench = Bench(args.vectory, os.path.realpath(tempfile.mkdtemp()))
    bad = False
    for name, (words, _, _) in bench.commands().items():
        if args.commands and name not in args.commands:
            continue
        only = bench.files(name, words)
        for kind, error in KINDS:
            if kind not in args.kinds:
                continue
            ends, wrong, failed = {}, [], 0
            calls = bench.calls(name, words, kind, only)
            for n in range(1, calls + 1, args.step):
                met, end, found = bench.fail(name, kind, error, n, only)
                ends[end], failed = ends.get(end, 0) + 1, failed + met
                wrong += [f"{n}: {w}" for w in found]
            bad |= bool(wrong)
            print(json.dumps({"command": name, "call": kind, "error": error, "calls": calls, "failed": failed, "ended": ends, "wrongs": len(wrong), "wrong": wrong[:4]}), flush=True)
    if texts(args.vectory, bench.at("base.space")) != bench.before or bench.run("check", "--full", bench.at("base.space")).returncode:
        bad = True
        print(json.dumps({"wrong": "the space that was read is another now"}))
    shutil.rmtree(bench.folder)
    sys.exit(bad)


if __name__ == "__main__":
    main()
