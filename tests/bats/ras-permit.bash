# ras-permit.bash - ./pras takes a call as ./ras does, with permits in place of a secret. Loaded behind ras and permit.

setup_permits() {
	permit_keys
	sed 's/--secret-file secret/--permit-keys permit.pub --serial 4711 --permit-state state/' ras >pras
	chmod +x pras
}
eval "ras_$(declare -f setup_more)"
setup_more() { ras_setup_more && setup_permits; }

# try RAS-SCRIPT PERMIT: one call with it; the one before is over.
try() {
	rm -f line status out call
	(umask 077; echo "$2" >given)
	answer "$1"
	dial --secret-file given
}
# taken PERMIT: it comes up, and is hung up.
taken() { try ./pras "$1"; up; kill "$CALLER"; ended; status_is 0; }
# refused PERMIT WHY
refused() {
	try ./pras "$1"
	ended
	status_is 4
	[ "$(cat out)" = "$(rec error=denied step=333 "detail=$2")" ]
	grep -q 'event=failed	text=refused' call
	never grep -q event=up call
}
