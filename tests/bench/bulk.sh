#!/bin/bash
# bulk.sh - the rows of tests/bench/bulk.c. They have no peer: pppd is in a guest whose processor is emulated
# (tests/rig/pppd.bash), and would be measured by that. Needs root.
bulk
