#!/usr/bin/env bash
# make test: include floors, unit and seam programs under sanitizers, pytest over the release build, and the fixed share of
# the proofs (make proof). Goes on after a failure, and ends with one line that counts all of it: "tarn: N passed, N failed,
# N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0

count() { # "N passed" etc. out of a line
	local n
	n=$(grep -oE "[0-9]+ $2" <<<"$1" | tail -1 | cut -d' ' -f1)
	echo "${n:-0}"
}

python3 tools/floors.py && passed=$((passed + 1)) || failed=$((failed + 1))

for program in "$@"; do
	output=$("$program" 2>&1)
	status=$?
	line=$(tail -1 <<<"$output")
	grep -vE "^$(basename "$program"): [0-9]+ passed, 0 failed$" <<<"$output"
	echo "$line"
	passed=$((passed + $(count "$line" passed)))
	failed=$((failed + $(count "$line" failed)))
	if [ $status -ne 0 ] && [ "$(count "$line" failed)" = 0 ]; then
		echo "$program ended with $status"
		failed=$((failed + 1))
	fi
done

follow() { # a command that is heard as it goes, and whose last line counts
	local report line
	report=$(mktemp)
	"$@" 2>&1 | tee "$report"
	line=$(tail -1 "$report")
	rm -f "$report"
	if ! grep -qE "[0-9]+ (passed|failed)" <<<"$line"; then
		failed=$((failed + 1))
	fi
	passed=$((passed + $(count "$line" passed)))
	failed=$((failed + $(count "$line" failed) + $(count "$line" "errors?")))
	skipped=$((skipped + $(count "$line" skipped)))
}

follow build/venv/bin/python -m pytest -q -p no:cacheprovider tests/py
follow tests/bar/bar.py --scale proof

echo
echo "tarn: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
