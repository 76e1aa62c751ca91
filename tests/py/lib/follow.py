"""`tarn run` beside a test that feeds it."""
import json
import signal
import subprocess
import time


class Follower:
    """Runs from `with` on; leaves with SIGINT, and must leave in good order, unless it was killed. `said` is then what it said."""

    def __init__(self, project, *args, environment=None):
        self.project = project
        self.args, self.environment = args, environment

    def __enter__(self):
        self.process = subprocess.Popen([self.project.tarn.path, "run", *self.args], cwd=self.project.folder, text=True,
                                        env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return self

    def __exit__(self, kind, *rest):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT if kind is None else signal.SIGKILL)
        self.said = self.process.communicate(timeout=60)[1]
        assert kind is not None or self.process.returncode in (0, -signal.SIGKILL), self.said

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=60)


def sql(project, text):
    """Rows as dicts."""
    return json.loads(project("sql", "--json", text).out)


def wait_until(true, what, seconds=60):
    """Ask again until it is so: how long it takes is not what is tested."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.1)
