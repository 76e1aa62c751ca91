"""docs/operating.md, followed to the letter: each command is run, and says what stands below it."""
import os
import pathlib
import re
import subprocess

DOC = pathlib.Path(__file__).resolve().parents[2] / "docs/operating.md"


def blocks(text):
    """(language, body) of each fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def steps(body):
    """(command, the lines it must say)"""
    found = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def plain(text):
    return " ".join(text.split())


def test_the_walk_through_is_true(tarn, tmp_path):
    environment = {**os.environ, "PATH": f"{tarn.path.parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
    run = 0
    for language, body in blocks(DOC.read_text()):
        if language == "yaml":
            (tmp_path / body.splitlines()[0].removeprefix("# ")).write_text(body)
            continue
        for command, lines in steps(body):
            done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True,
                                  timeout=120)
            said = plain(done.stdout + "\n" + done.stderr)
            assert done.returncode == 0, (command, said)
            for line in lines:
                assert plain(line) in said, (command, line, said)
            run += 1
    assert run > 15
