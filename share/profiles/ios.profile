# ios.profile - how to talk to an access server with Cisco's IOS. The form is that of sp-profile(5).
# One asynchronous interface serves one call at a time, behind a static NAT that is in the server's
# configuration. What no command tells is told by profile_args= of the router:
#   interface=Async1          the interface: in-band dialer, modem chat script, PPP, in a dialer group
#   alias=10.200.1.1          the address that its static NAT gives to the service processor
#   ping=192.0.2.1            the service processor's own address: traffic to it makes the call
#   speed=33600               (if it is known) the line's speed
#   auth=code                 (if so) its RADIUS server wants a code in place of the user's password
# sp-dial --secret enable=FILE gives the secret of `enable`, where a login does not have that already.
profile	ios
start	login
hangup	hangup
settle	50
transport	plain
secret	enable
need	interface alias ping dial

any
	prompt " ?--More-- ?"			put " "
	line "% (.*)" unless undoing		set error "peer" set detail "the router says: \1" -> undo
	timeout unless undoing			set error "timeout" set detail "nothing that was expected; seen last: %{seen}" -> undo
	closed unless undoing			set error "peer" set detail "the router closed the session; seen last: %{seen}" down 326

state login step 315 timeout 20
	timeout					fail timeout 315 "no login: %{seen}"
	closed					fail peer 315 "the router closed the session; seen last: %{seen}"
	line "% (.*)"				fail denied 320 "the router says: \1"
	prompt "Username: ?"			send "%{login}" -> password
	prompt "Password: ?"			send "%{password}" -> verdict
	prompt "[^ ]+> ?" if enable		note 323 granted set granted "yes" send "enable" -> enable
	prompt "[^ ]+# ?"			note 323 granted set granted "yes" send "terminal length 0" -> length

state password step 316 timeout 20
	timeout					fail timeout 316 "no question for a password: %{seen}"
	closed					fail peer 316 "the router closed the session; seen last: %{seen}"
	line "% (.*)"				fail denied 320 "the router says: \1"
	prompt "Password: ?"			send "%{password}" -> verdict

state verdict step 317 timeout 30
	timeout					fail timeout 317 "neither let in nor refused: %{seen}"
	closed					fail denied 320 "the router closed the session; seen last: %{seen}"
	line "% (.*)"				fail denied 320 "the router says: \1"
	prompt "(Username|Password): ?"		fail denied 320 "the router asks again: the password is wrong"
	prompt "[^ ]+> ?" if enable		note 323 granted set granted "yes" send "enable" -> enable
	prompt "[^ ]+> ?"			fail denied 322 "no privileges, and no secret for enable"
	prompt "[^ ]+# ?"			note 323 granted set granted "yes" send "terminal length 0" -> length

state enable step 317 timeout 20
	timeout					fail timeout 317 "no answer to enable: %{seen}"
	closed					fail peer 317 "the router closed the session; seen last: %{seen}"
	line "% (.*)"				fail denied 322 "the router says: \1"
	prompt "Password: ?" unless asked	set asked "yes" send "%{enable}"
	prompt "Password: ?"			fail denied 322 "the router asks again: the secret for enable is wrong"
	prompt "[^ ]+> ?"			fail denied 322 "enable was refused"
	prompt "[^ ]+# ?"			send "terminal length 0" -> length

# Releases without one of these two page or wrap, which is no harm.
state length step 324 timeout 15
	enter					set step "324"
	line "% .*"				set paging "yes"
	prompt "[^ ]+# ?"			send "terminal width 0" -> width

state width step 324 timeout 15
	line "% .*"				set wrapping "yes"
	prompt "[^ ]+# ?"			send "show dialer interface %{interface}" -> free

# Nobody else's call is disturbed.
state free step 324 timeout 15
	line "Dialer state is idle.*"		set idle "yes"
	line "Dialer state is (.*)"		set error "busy" set detail "%{interface} is in use: \1" set reason "busy"
	prompt "[^ ]+# ?" if error		-> undo
	prompt "[^ ]+# ?" if idle		set idle "" send "configure terminal" -> configure
	prompt "[^ ]+# ?"			set error "peer" set detail "%{interface} is no dialer interface" -> undo

state configure step 324 timeout 15
	prompt "[^ ]+\(config\)# ?"		send "interface %{interface}" -> interface

state interface step 324 timeout 15
	enter					set configured "yes"
	prompt "[^ ]+\(config-if\)# ?" if secret	send "ppp chap hostname %{user}%%%{router}" -> name
	prompt "[^ ]+\(config-if\)# ?"		send "dialer string %{dial}" -> string

state name step 324 timeout 15
	prompt "[^ ]+\(config-if\)# ?"		send "ppp chap password 0 %{secret}" -> secret

state secret step 324 timeout 15
	prompt "[^ ]+\(config-if\)# ?"		send "dialer string %{dial}" -> string

state string step 324 timeout 15
	prompt "[^ ]+\(config-if\)# ?"		send "end" -> ready

state ready step 324 timeout 15
	prompt "[^ (]+# ?"			set line "%{interface}" set state "acknowledged" progress send "ping %{ping} repeat 1 timeout 1" -> ping

# Traffic makes the call; whether the one packet arrives does not matter.
state ping step 325 timeout 15
	enter					set step "325" set state "dialing" progress
	prompt "[^ (]+# ?"			send "show dialer interface %{interface}" -> look

state look step 325 timeout 15 tries 60
	enter					set idle "" set failed ""
	spent					set error "timeout" set reason "no-answer" set detail "the call does not come up" -> undo
	line "Dialer state is idle.*"		set idle "yes"
	line "Dialer state is data link layer up.*"	set linked "yes"
	line "Dialer state is physical layer up.*" unless carrier	set carrier "yes" set state "connected" progress
	line "[^ ]+ +[0-9]+ +[0-9]+ +[^ ]+ +failed.*"	set failed "yes"
	prompt "[^ (]+# ?" if linked		-> linked
	prompt "[^ (]+# ?" if failed		set error "peer" set reason "no-carrier" set detail "the call failed: no carrier" -> undo
	prompt "[^ (]+# ?" if idle		set error "peer" set reason "negotiation" set detail "the call ended before the link was up" -> undo
	prompt "[^ (]+# ?"			-> wait

state wait step 325 timeout 1
	timeout					send "show dialer interface %{interface}" -> look

state linked step 325 timeout 5
	enter if speed				set speed "%{speed}" -> told
	enter					-> told

state told step 325 timeout 5
	enter					set step "326" set alias "%{alias}" set sp_address "%{ping}" set state "up" progress ready -> up

# Nobody tells when the line goes down: it is looked at, and a message makes that sooner.
state up step 326 timeout 10
	timeout					send "show dialer interface %{interface}" -> watch
	line ".*%(LINK-3|LINEPROTO-5)-UPDOWN: .* down.*"	send "show dialer interface %{interface}" -> watch

state watch step 326 timeout 15
	enter					set idle ""
	line "Dialer state is idle.*"		set idle "yes"
	prompt "[^ (]+# ?" if idle		set error "peer" set reason "lost-carrier" set detail "the line went down" -> undo
	prompt "[^ (]+# ?"			-> up

state hangup step 326 timeout 2
	enter unless granted			done
	enter					-> undo

# The interface is left as it was found: without a call, a number, a name, a secret.
state undo step 326 timeout 3
	enter unless configured			set undoing "yes" send "exit" -> bye
	enter					set undoing "yes" send ""
	prompt "[^ ]+\(config.*\)# ?"		send "end" -> undo_end
	prompt "[^ (]+# ?"			send "clear interface %{interface}" -> clear
	timeout					-> bye
	closed					-> bye

state undo_end step 326 timeout 3
	prompt "[^ (]+# ?"			send "clear interface %{interface}" -> clear
	timeout					-> bye
	closed					-> bye

state clear step 326 timeout 3
	prompt "[^ (]+# ?"			send "configure terminal" -> undo_configure
	timeout					-> bye
	closed					-> bye

state undo_configure step 326 timeout 3
	prompt "[^ ]+\(config\)# ?"		send "interface %{interface}" -> undo_interface
	timeout					-> bye
	closed					-> bye

state undo_interface step 326 timeout 3
	prompt "[^ ]+\(config-if\)# ?" if secret	send "no ppp chap password" -> undo_secret
	prompt "[^ ]+\(config-if\)# ?"		send "no dialer string" -> undo_string
	timeout					-> bye
	closed					-> bye

state undo_secret step 326 timeout 3
	prompt "[^ ]+\(config-if\)# ?"		send "no ppp chap hostname" -> undo_name
	timeout					-> bye
	closed					-> bye

state undo_name step 326 timeout 3
	prompt "[^ ]+\(config-if\)# ?"		send "no dialer string" -> undo_string
	timeout					-> bye
	closed					-> bye

state undo_string step 326 timeout 3
	prompt "[^ ]+\(config-if\)# ?"		send "end" -> undone
	timeout					-> bye
	closed					-> bye

state undone step 326 timeout 3
	prompt "[^ (]+# ?"			send "exit" -> bye
	timeout					-> bye
	closed					-> bye

state bye step 326 timeout 1
	enter if error				down 326
	closed					done
	timeout					done
