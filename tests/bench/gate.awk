# gate.awk - rows of gate.sh: its lines ROUND WHAT NAME VALUE, where a trip is also of NAME direct.
function median(list,    v, n, i, j, t) {
	n = split(list, v, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	return n % 2 ? v[(n + 1) / 2] + 0 : (v[n / 2] + v[n / 2 + 1]) / 2
}
# Of all rounds: its value, or its value over that of another.
function all(name, what,    r, list) {
	for (r = 1; r <= rounds[what]; r++)
		list = list " " got[r, name, what]
	return median(list)
}
function over(a, b, what,    r, list) {
	for (r = 1; r <= rounds[what]; r++)
		list = list " " (got[r, b, what] > 0 ? got[r, a, what] / got[r, b, what] : 0)
	return median(list)
}
{ rounds[$2] = $1 }
$3 == "direct" { direct = $4; next }
# What a tunnel adds may be nothing that can be measured.
$2 == "trip" { $4 = $4 > direct ? $4 - direct : 0.1 }
{ got[$1, $3, $2] = $4 }
END {
	n = split(others, other, " ")
	title["there"] = "TCP through a tunnel, to the router"
	title["back"] = "TCP through a tunnel, from the router"
	for (w = 1; w <= 2; w++) {
		what = w == 1 ? "there" : "back"
		printf "%s, beside a relay, Mbit/s\t%d\t-\t%d\t%.2f\n", title[what], all("sp", what), all("relay", what), over("sp", "relay", what)
		for (i = 2; i <= n; i++)
			printf "%s, peer %s, Mbit/s\t%d\t%d\t%d\t%.2f\n", title[what], other[i], all("sp", what), all(other[i], what), all("relay", what), over("sp", other[i], what)
	}
	printf "processor time of a tunnel's two ends, s for 1 GB\t%.2f\t-\t%.2f\t%.2f\n", all("sp", "processor"), all("relay", "processor"), over("relay", "sp", "processor")
	printf "round trip more by a tunnel, beside a relay, us\t%.1f\t-\t%.1f\t%.2f\n", all("sp", "trip"), all("relay", "trip"), over("relay", "sp", "trip")
	for (i = 2; i <= n; i++)
		printf "round trip more by a tunnel, peer %s, us\t%.1f\t%.1f\t%.1f\t%.2f\n", other[i], all("sp", "trip"), all(other[i], "trip"), all("relay", "trip"), over(other[i], "sp", "trip")
}
