# device.bash - a router that does what a real one never would. Loaded beside common.

device() { # <SHELL-SCRIPT: says what the script does, at 127.0.0.1:$PORT
	cat >device.sh
	: >device.log
	socat -d -d tcp-listen:0,bind=127.0.0.1,fork,reuseaddr "exec:bash $T/device.sh" 2>device.log 3>&- &
	PIDS+=($!)
	until_true 5 grep -q 'listening on' device.log
	PORT=$(sed -n 's/.*listening on.*:\([0-9]*\)$/\1/p' device.log)
}
