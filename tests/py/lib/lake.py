"""A lake as engines that are not ours see it: nothing here knows more than Iceberg's and Parquet's rules."""
import functools
import pathlib

import pyarrow.parquet as pq
from pyiceberg.table import StaticTable


class Lake:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    def tables(self, space="events"):
        """Name -> table, as they are now."""
        hints = sorted(self.path.glob(f"{space}/*/metadata/version-hint.text"))
        return {hint.parents[1].name: Table(hint.parents[1]) for hint in hints}

    def table(self, name, space="events"):
        return self.tables(space)[name]


class Table:
    """A table at the moment it was first looked at."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.name = self.path.name

    def __repr__(self):
        return self.name

    @functools.cached_property
    def metadata_path(self):
        version = (self.path / "metadata/version-hint.text").read_text().strip()
        return self.path / f"metadata/v{version}.metadata.json"

    @functools.cached_property
    def static(self):
        return StaticTable.from_metadata(str(self.metadata_path))

    @functools.cached_property
    def arrow(self):
        """All rows, by PyIceberg."""
        return self.static.scan().to_arrow()

    def rows(self):
        return self.arrow.to_pylist()

    def ids(self):
        """One column does not want the whole table read."""
        return self.static.scan(selected_fields=("event_id",)).to_arrow()["event_id"].to_pylist()

    @functools.cached_property
    def entries(self):
        """Entries of the live manifests: data files as Iceberg knows them."""
        manifests = self.static.current_snapshot().manifests(self.static.io)
        return [entry for manifest in manifests for entry in manifest.fetch_manifest_entry(self.static.io)]

    @functools.cached_property
    def paths(self):
        """Of what lies in the data folder, whatever the metadata says."""
        return [str(path) for path in sorted(self.path.glob("data/**/*.parquet"))]

    def files(self, every=1):
        """(path, file) of each of these, or of every n-th, for pyarrow alone; open until the next."""
        for path in self.paths[::every]:
            with pq.ParquetFile(path) as file:
                yield path, file
