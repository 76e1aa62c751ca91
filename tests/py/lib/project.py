"""A folder with a tarn.yaml and the lake it makes."""
import json
import pathlib

from lib.lake import Lake


class Project:
    def __init__(self, tarn, folder, pipelines, **more):
        """`pipelines`: name -> mapping, as in the YAML; `more`: other keys of the file."""
        self.tarn = tarn
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lake = Lake(self.folder / "lake")
        config = {"version": 1, "lake": "./lake", "pipelines": pipelines, **more}
        (self.folder / "tarn.yaml").write_text(json.dumps(config, indent=2) + "\n")  # JSON is YAML

    def __call__(self, *args, **options):
        return self.tarn(*args, cwd=self.folder, **options)

    def ingest(self, *files):
        """The report. It always adds up."""
        report = self("ingest", "--json", *files).json
        assert report["records"] == sum(report[k] for k in ("rows", "duplicates", "conflicts", "quarantined"))
        assert report["rows"] == sum(rows_of(report).values())
        return report

    def kill_ingest(self, *files, after):
        return self.tarn.killed("ingest", "--json", *files, cwd=self.folder, after=after)

    def audit(self):
        return self("audit")


def rows_of(report):
    return {name: table["rows"] for name, table in report["tables"].items()}
