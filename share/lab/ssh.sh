#!/bin/sh
# ssh.sh keys DIR NAME=SERIAL... - for an ssh server at each service processor NAME: host keys, known
# to DIR/config by serial number, since each system has the same address, and every address is
# another system's next time; one key that lets in who has DIR/id. ssh.sh serve DIR NAME runs one.
set -eu
verb=$1 dir=$2; shift 2

keys() {
	umask 077
	mkdir "$dir"
	ssh-keygen -q -t ed25519 -N '' -C laboratory -f "$dir/id"
	for arg; do
		ssh-keygen -q -t ed25519 -N '' -C "${arg%%=*}" -f "$dir/${arg%%=*}"
		echo "${arg#*=} $(cut -d ' ' -f 1,2 "$dir/${arg%%=*}.pub")" >>"$dir/known_hosts"
		cat >"$dir/${arg%%=*}.conf" <<-X
			HostKey $dir/${arg%%=*}
			AuthorizedKeysFile $dir/id.pub
			AuthenticationMethods publickey
			StrictModes no
			UsePAM no
			PidFile none
			PrintMotd no
			PrintLastLog no
			SetEnv SP_SYSTEM=${arg#*=}
		X
	done
	cat >"$dir/config" <<-X
		User root
		IdentityFile $dir/id
		IdentitiesOnly yes
		UserKnownHostsFile $dir/known_hosts
		StrictHostKeyChecking yes
		LogLevel ERROR
	X
}

case $verb in
keys) keys "$@" ;;
serve) # sshd wants an empty folder in /run: it gets a /run of its own, with ours in it if that is there
	exec unshare --mount sh -c 'exec 9<"$1" && mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/sshd "$1" &&
		mount -c --bind /proc/self/fd/9 "$1" && exec 9<&- /usr/sbin/sshd -D -e -f "$1/$2.conf"' - "$dir" "$1" ;;
esac
