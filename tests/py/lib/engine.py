"""Another engine at work on a table of the lake: PyIceberg, with the rules of a catalog that is a folder."""
import json

from pyiceberg.catalog import CommitTableResponse, update_table_metadata
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io import load_file_io
from pyiceberg.manifest import write_manifest, write_manifest_list
from pyiceberg.serializers import FromInputFile, ToOutputFile
from pyiceberg.table import Table


def version_of(path):
    return int(path.name[1:].split(".")[0])


class Folder(NoopCatalog):
    """Commits as Hadoop's catalog does: the next v<N>.metadata.json, then the hint."""

    def __init__(self, path):
        super().__init__("folder")
        self.metadata = path / "metadata"

    def newest(self):
        return max(self.metadata.glob("v*.metadata.json"), key=version_of)

    def put(self, version, write):
        """`write` gets the path of the new version."""
        target = self.metadata / f"v{version}.metadata.json"
        assert not target.exists()
        write(target)
        (self.metadata / "version-hint.text").write_text(str(version))
        return target

    def commit_table(self, table, requirements, updates):
        for requirement in requirements:
            requirement.validate(table.metadata)
        changed = update_table_metadata(table.metadata, updates, metadata_location=table.metadata_location)
        path = self.put(version_of(self.newest()) + 1,
                        lambda target: ToOutputFile.table_metadata(changed, table.io.new_output(str(target))))
        return CommitTableResponse(metadata=changed, metadata_location=str(path))


def open_table(path):
    """The table in this folder, to be changed with all that PyIceberg can do."""
    catalog = Folder(path)
    newest, io = str(catalog.newest()), load_file_io()
    return Table(("events", path.name), FromInputFile.table_metadata(io.new_input(newest)), newest, io, catalog)


def restore(path, version):
    """Older metadata put back under the next number, as from a backup."""
    catalog = Folder(path)
    text = (catalog.metadata / f"v{version}.metadata.json").read_text()
    catalog.put(version_of(catalog.newest()) + 1, lambda target: target.write_text(text))


def surgery(path, change):
    """A new current snapshot, in place of the present one, over the manifests that `change(manifests, rewrite)` gives;
    rewrite(name, manifest, entries) makes one of these entries like that one."""
    table = open_table(path)
    snapshot = table.current_snapshot()

    def rewrite(name, manifest, entries):
        with write_manifest(2, table.spec(), table.schema(), table.io.new_output(f"{path}/metadata/{name}.avro"),
                            snapshot.snapshot_id, "null") as writer:
            for entry in entries:
                writer.existing(entry)
        return writer.to_manifest_file()

    manifests = change(snapshot.manifests(table.io), rewrite)
    place = f"{path}/metadata/by-hand-{version_of(Folder(path).newest())}.avro"
    with write_manifest_list(2, table.io.new_output(place), snapshot.snapshot_id, snapshot.parent_snapshot_id,
                             snapshot.sequence_number, "null") as writer:
        writer.add_manifests(manifests)
    document = json.loads(Folder(path).newest().read_text())
    for one in document["snapshots"]:
        if one["snapshot-id"] == snapshot.snapshot_id:
            one["manifest-list"] = place
    catalog = Folder(path)
    catalog.put(version_of(catalog.newest()) + 1, lambda target: target.write_text(json.dumps(document)))


def entries_of(path, manifest):
    return manifest.fetch_manifest_entry(open_table(path).io)
