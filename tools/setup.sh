#!/usr/bin/env bash
# What this machine lacks to build, demonstrate, test and measure tarn: Debian 12 packages, libduckdb, and Python
# environments, in build/venv (with "test") and build/bench/venv (with "bench": the peers). Says nothing and takes a
# moment where all is there.
#
#   tools/setup.sh build | demo | test | fuzz | spark | bench
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(gcc make libc6-dev libzstd-dev zlib1g-dev libdeflate-dev libxxhash-dev libjansson-dev libyaml-dev
	libssl-dev libedit-dev)
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
	local missing=() package
	for package in "$@"; do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
	done
	[ ${#missing[@]} -eq 0 ] && return
	echo "setup: installing ${missing[*]}" >&2
	as_root apt-get update -qq
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# A tool that may come from elsewhere than Debian: its package only where there is none.
install_tool() {
	command -v "$1" >/dev/null || install_packages "$2"
}

# Of the clang that `clang` is, or will be.
clang_version() {
	apt-cache depends clang | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p'
}

python_tools() {
	install_tool python3 python3
	python3 -c 'import venv, ensurepip' 2>/dev/null || install_packages python3-venv python3-pip
}

# The packages of a list, in a folder.
python_environment() {
	local list=$1 folder=$2
	if ! cmp -s "$list" "$folder/.stamp" 2>/dev/null; then
		echo "setup: Python packages of $list" >&2
		python3 -m venv "$folder"
		"$folder/bin/pip" install -q --disable-pip-version-check -r "$list"
		cp "$list" "$folder/.stamp"
	fi
}

mkdir -p build
case "${1:-build}" in
build)
	install_packages "${build_packages[@]}"
	;;
demo)
	install_packages "${build_packages[@]}"
	install_tool python3 python3
	install_tool npm npm
	tools/duckdb.sh
	;;
test)
	install_packages "${build_packages[@]}" clang zstd procps
	python_tools
	install_tool npm npm
	tools/duckdb.sh
	python_environment tests/py/requirements.txt build/venv
	;;
bench)
	install_packages "${build_packages[@]}" g++ libsimdjson-dev
	python_tools
	python_environment tests/bench/requirements.txt build/bench/venv
	;;
fuzz)
	install_packages "${build_packages[@]}" clang "libclang-rt-$(clang_version)-dev"
	;;
spark)
	"$0" test
	install_tool java openjdk-17-jre-headless
	install_tool mvn maven
	build/venv/bin/pip install -q --disable-pip-version-check -r tests/py/requirements-spark.txt
	mvn -q -B dependency:copy -Dartifact=org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.12.0 -DoutputDirectory=build/spark
	;;
*)
	echo "usage: tools/setup.sh build|demo|test|fuzz|spark|bench" >&2
	exit 64
	;;
esac
