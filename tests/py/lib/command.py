"""The program as a person or a script runs it."""
import json
import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHARED = (ROOT.parent / "shared" / "data").resolve()  # positions name real paths


class Result:
    """What one run of a command came to."""

    def __init__(self, words, done):
        self.words = words
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        """The object on the last line of stdout."""
        return json.loads(self.out.splitlines()[-1])

    def __repr__(self):
        return f"`{' '.join(self.words)}` exited {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Tarn:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    def __call__(self, *args, cwd=None, check=True, timeout=120, input=None):
        """Run to the end. `check`: an exit code other than 0 fails the test with all that was said."""
        words = [str(self.path), *map(str, args)]
        done = subprocess.run(words, cwd=cwd, input=input, text=True, capture_output=True, timeout=timeout,
                              env={**os.environ, "NO_COLOR": "1"})
        result = Result(words, done)
        assert done.returncode == 0 or not check, result
        return result

    def bytes(self, *args, cwd=None):
        """What it says on stdout, byte for byte."""
        return subprocess.run([str(self.path), *map(str, args)], cwd=cwd, capture_output=True, check=True).stdout

    def killed(self, *args, cwd, after):
        """Run and SIGKILL after so many seconds; False where it was faster than that."""
        with subprocess.Popen([self.path, *map(str, args)], cwd=cwd, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as process:
            time.sleep(after)
            process.kill()
            _, said = process.communicate(timeout=60)
        assert process.returncode in (0, -signal.SIGKILL), said
        return process.returncode != 0
