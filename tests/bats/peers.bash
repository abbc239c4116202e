# peers.bash - answering sides that behave badly, on unix sockets, for those who ask. Loaded beside
# common.

# peer NAME silent|garbage|cut|noid: listens at unix:$T/NAME.
peer() {
	local act
	case $2 in
	silent) act='cat >/dev/null' ;;
	garbage) act='echo garbage; cat >/dev/null' ;;
	cut) act='head -n 1 >/dev/null' ;;
	noid) act='echo done=0; cat >/dev/null' ;;
	esac
	socat "UNIX-LISTEN:$T/$1,fork" "SYSTEM:$act" 2>/dev/null 3>&- & PIDS+=($!)
	until_true 5 test -S "$T/$1"
}
