#!/bin/bash
# vj.sh - the rows of tests/bench/vj.c; the ratio is ours over the peer's.
vj
