#!/bin/bash
# hdlc.sh - the rows of tests/bench/hdlc.c; the ratio is ours over the peer.
hdlc
