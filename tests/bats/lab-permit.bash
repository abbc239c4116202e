# lab-permit.bash - sessions of the laboratory and the permits that they are had by. Loaded beside lab and permit.
# shellcheck disable=SC2154

alices() { session "$1" sp connect --user alice --password-file "$(secret alice)" "${@:2}" --serial 0123; }
hang_up() { kill "$READER"; wait "$SESSION_PID" || :; nothing_left; }
# shown NAME LINE: what is in the permit of that record in NAME.rec
shown() {
	local p
	p=$(field permit <"$1.rec" | sed -n "$2p")
	"$BUILD/tests/tool/mkpermit" show "$LAB/keys/permit.pub" "$p" user=alice router=router1 serial=000187260123
}
lasting() { field sequence <"$LAB/permits/sp1"; }
with_session() { grep "session=$(field session <"$1.rec" | head -n 1)" "$2"; }
