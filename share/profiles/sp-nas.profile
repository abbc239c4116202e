# sp-nas.profile - how to talk to sp-nas(8). The form is described in sp-profile(5).
profile	sp-nas
start	username
hangup	hangup

# Answers and progress can come in any state.
any
	line "ERROR ([a-z]+) ([0-9]+) (.*)"	fail "\1" "\2" "\3"
	line "Progress: (state=down .*)"	fields "\1" progress down 326
	line "Progress: (.*)"			fields "\1" progress

# Within TLS the certificate says who it is: the group is asked for at once.
state username step 315 timeout 15
	prompt "Username: "			send "%{login}" -> password
	prompt "Group: " if group		send "%{group}" -> verdict
	prompt "Group: "			send "" -> verdict

state password step 316 timeout 15
	prompt "Password: "			send "%{password}" -> group

state group step 316 timeout 15
	prompt "Group: " if group		send "%{group}" -> verdict
	prompt "Group: "			send "" -> verdict

state verdict step 317 timeout 40
	line "Permission granted\."		note 323 granted set granted "yes" -> session
	line "Permission denied\."		fail denied 322 "permission denied"

state session step 324 timeout 15
	enter unless session			-> phone
	prompt "[^ ]+> "			send "session %{session}" -> phone

state phone step 324 timeout 15
	enter unless phone			-> secret
	prompt "[^ ]+> "			send "user-phone %{phone}" -> secret

state secret step 324 timeout 15
	enter unless secret			-> permit
	prompt "[^ ]+> "			send "secret %{secret}" -> permit

state permit step 324 timeout 15
	enter unless permit			-> dial
	prompt "[^ ]+> "			send "permit %{permit}" -> dial

state dial step 324 timeout 15
	prompt "[^ ]+> "			send "dial %{dial}" -> acknowledged

state acknowledged step 324 timeout 15
	line "OK Dial string acknowledged, line (.*) ready\."	set line "\1" set state "acknowledged" progress -> begin

state begin step 325 timeout 15
	prompt "[^ ]+> "			send "begin" -> calling

state calling step 325 timeout 75
	line "Progress: (state=up .*)"		fields "\1" progress ready -> up

state up step 326 timeout never
	renewed					send "permit %{permit}" -> renewing
	closed					fail peer 326 "the router closed the session"

# Refused, the call goes on until the permit that it has ends.
state renewing step 324 timeout 15
	line "OK permit set"			note 324 permit-renewed -> up
	line "ERROR .*"				note 324 permit-refused -> up
	timeout					-> up
	closed					fail peer 326 "the router closed the session"

# The call ends with the session; what is still said until then is of no interest.
state hangup step 326 timeout 2
	enter unless granted			done
	enter					send "quit"
	line "Progress: (state=down .*)"	fields "\1" progress
	line "ERROR .*"				done
	closed					done
	timeout					done
