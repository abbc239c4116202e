# ras-permit.bash - ./pras takes a call as ./ras does, with permits in place of a secret. Loaded behind ras and permit.

setup_permits() {
	permit_keys
	sed 's/--secret-file secret/--permit-keys permit.pub --serial 4711 --permit-state state/' ras >pras
	chmod +x pras
}
eval "ras_$(declare -f setup_more)"
setup_more() { ras_setup_more && setup_permits; }
