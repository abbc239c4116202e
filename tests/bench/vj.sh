#!/bin/bash
# vj.sh - the rows of tests/bench/vj.c, whose peer is none: the same segments with plain headers.
vj
