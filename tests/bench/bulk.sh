#!/bin/bash
# bulk.sh - the rows of tests/bench/bulk.c; the ratio is ours over the peer's. Needs root.
bulk
