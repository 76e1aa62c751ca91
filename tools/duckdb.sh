#!/bin/sh
# Put DuckDB's library at build/libduckdb.so: the one in the npm package of its Node bindings, by its checksum.
# Does nothing where it is there already. The registry is npm's own setting.
set -eu

package=@duckdb/node-bindings-linux-x64@1.5.5-r.5
sum=fc23f12e376c47be520f75221288281906e7942e8fd6f6ce4849198ba60d0405

cd "$(dirname "$0")/.."
library=build/libduckdb.so
work=build/duckdb.part

is_good() {
	[ -f "$1" ] && echo "$sum  $1" | sha256sum --check --status
}

if is_good "$library"; then
	exit 0
fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
	echo "duckdb: this package is for Linux on x86-64; name another libduckdb.so (1.5) in TARN_DUCKDB" >&2
	exit 1
fi
command -v npm >/dev/null || {
	echo "duckdb: npm is not installed; install it, or name a libduckdb.so (1.5) in TARN_DUCKDB" >&2
	exit 1
}
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" "$package" >/dev/null
tar -xzf "$work"/*.tgz -C "$work"
is_good "$work/package/libduckdb.so" || {
	echo "duckdb: $package does not hold the library it should (sha256 $sum)" >&2
	exit 1
}
touch "$work/package/libduckdb.so"
mv -f "$work/package/libduckdb.so" "$library"
echo "  duckdb $library"
