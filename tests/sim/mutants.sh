#!/bin/sh
# Each mutant of the commit protocol is run until the simulator notices. mutants.sh FIRST SEEDS
first=$1
seeds=$2
killed=0
for m in 1 2 3 4 5 6 7 8 9; do
	out=$(build/sim/sim-mutant$m --seeds "$seeds" --seed "$first" --no-shrink 2>&1)
	status=$?
	if [ $status -ne 0 ]; then
		killed=$((killed + 1))
		echo "mutant $m: $(echo "$out" | grep -a 'seed [0-9]' | tail -n 1 | cut -c1-200)"
	else
		echo "mutant $m: ALIVE after $seeds seeds"
	fi
done
echo "$killed/9 mutants killed"
[ $killed -eq 9 ]
