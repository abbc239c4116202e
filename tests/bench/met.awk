# met.awk - tests/bench/goals, then rows of bench.tsv: each row whose WHAT begins as a goal's, against it.
function value(of) {
	return of == "ours" ? $2 : of == "ratio" ? $5 : of == "ours/peer" ? $2 / $3 : $2 / $4
}
NR == FNR && /^[^#]/ { what[++n] = $1; of[n] = $2; how[n] = $3; goal[n] = $4 }
NR == FNR || FNR == 1 { next }
{
	for (i = 1; i <= n; i++) {
		if (index($1, what[i]) != 1)
			continue
		v = value(of[i])
		if (how[i] == ">=" ? v >= goal[i] : v <= goal[i])
			met++
		else
			printf "# missed: %s: %s is %.3g, should be %s %s\n", $1, of[i], v, how[i], goal[i]
	}
}
END { printf "# %d goals are met\n", met }
