#!/bin/sh
# Each mutant of the commit protocol is run until the simulator notices. mutants.sh FIRST SEEDS MUTANT...
first=$1
seeds=$2
shift 2
killed=0
for m in "$@"; do
	if ! [ -x "build/sim/sim-mutant$m" ]; then
		echo "mutant $m: is not built: make mutants"
	elif out=$("build/sim/sim-mutant$m" --seeds "$seeds" --seed "$first" --no-shrink 2>&1); then
		echo "mutant $m: ALIVE after $seeds seeds from $first: make mutants SEEDS=$seeds SEED=$first"
	else
		killed=$((killed + 1))
		echo "mutant $m: $(echo "$out" | grep -aiE 'seed[ =][0-9]' | head -n 1 | cut -c1-200)"
	fi
done
echo "$killed/$# mutants killed"
[ $killed -eq $# ]
