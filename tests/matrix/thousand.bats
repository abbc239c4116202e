#!/usr/bin/env bats
# A router with a thousand calls at once, fifty of them to real systems in networks of their own, all
# with the same address; and two thousand calls that come to nothing.
load ../bats/common
load ../bats/thousand

setup_more() { thousand_up; }
teardown_more() { reals_down "$REAL"; }

@test "a thousand calls are up at once, each by its alias; one that floods takes nothing from another; all end, and nothing is left" {
	all_up 1000 50
	unhurried "$(alias_of 1)" 2 "$(alias_of 2)" to from both
	all_down 1000 50
}

@test "two thousand calls that come to nothing leave nothing: every line and every alias is good for another" { nothing_of_broken 400; }
