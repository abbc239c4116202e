# nobody.bash - a user without any privilege, and our programs where he can run them. Loaded beside common.
# shellcheck disable=SC2034

# nobody_setup: $T can be walked through; bin, lua, recipes, share are his copies. his FILE...: are his to read.
nobody_setup() {
	chmod 711 "$T"
	mkdir -p bin share/sp
	cp "$BUILD"/bin/sp "$BUILD"/bin/sp-{ticket,login,search,alloc,dial,addr,route,record,tls} bin
	cp -r "$SP_TOP/lua" "$SP_TOP/recipes" .
	cp -r "$SP_TOP/share/profiles" share/sp
	chmod -R go+rX bin lua recipes share
	NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all --no-new-privs
		env "PATH=$T/bin:$PATH" "SP_LUA=$T" "XDG_RUNTIME_DIR=$T/his" "HOME=$T/his" "SP_CONFIG=$SP_CONFIG")
	mkdir -m 700 his
	his his
}
his() { chown 65534:65534 "$@"; }
