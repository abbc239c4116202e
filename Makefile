# sp - reach the service processor of a storage system at a customer's site.
#   make demo   the whole handshake in a laboratory on this machine
#   make test   everything that is checked before a change is taken
# Both install what is missing (Debian 12). See README.md for the others.

VERSION = 0.1
PREFIX ?= /usr/local
BUILD ?= build
CC ?= gcc

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual -Wformat=2 -Wvla \
       -Wmissing-prototypes -Wstrict-prototypes -Wundef -Werror
HARDEN = -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
OPT ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -Ilib -isystem /usr/include/lua5.4 \
            -DSP_VERSION='"$(VERSION)"' -DSP_LIBDIR='"$(PREFIX)/lib/sp"' -DSP_SHAREDIR='"$(PREFIX)/share/sp"'
ALLCFLAGS = -std=c11 $(OPT) $(WARN) $(HARDEN) -MMD -MP $(CFLAGS)
LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,--as-needed
# Small ones are linked in: each library to be loaded costs 0.1 ms. libcrypto is the first of the others, because
# it asks for 4000 names of its own, and the loader looks for each in what is named before it.
LIBS = -l:libjansson.a -l:libinih.a -l:libtelnet.a -lcrypto -lssl -lz -lsqlite3 -lradcli -lnettle -lnetsnmp -lnftables -llua5.4 -lm -lpthread

# Under the sanitizers gcc's -Wconversion sees conversions that are not in the source.
SANITIZED = OPT='-O1 -g -U_FORTIFY_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=undefined \
            -fno-omit-frame-pointer' HARDEN= CFLAGS='$(CFLAGS) -Wno-conversion'

# One archive a layer, linked in the one direction includes may point:
# bin -> lua -> tool -> engine -> sys, wire -> base.
LAYERS = lua tool engine sys wire base
archive = $(BUILD)/lib/$(1).a
ARCHIVES = $(foreach l,$(LAYERS),$(if $(wildcard lib/$(l)/*.c),$(call archive,$(l))))

PROGRAMS = $(patsubst bin/%.c,$(BUILD)/bin/%,$(wildcard bin/*.c))
UNITS = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*.c))
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(filter-out tests/fuzz/driver.c,$(wildcard tests/fuzz/*.c)))
BENCHES = $(patsubst tests/bench/%.c,$(BUILD)/tests/bench/%,$(wildcard tests/bench/*.c))
ATTACKERS = $(addprefix $(BUILD)/tests/tool/,mkpermit ppp-call ppp-skip radius-forger)
HELPERS = $(patsubst tests/tool/%.c,$(BUILD)/tests/tool/%,$(wildcard tests/tool/*.c))

.DEFAULT_GOAL := all
V ?= 0
say = $(if $(filter 0,$(V)),@printf "  %s\n" "$(1) $(patsubst $(BUILD)/%,%,$@)";,)
.PHONY: all demo test check asan fuzz matrix bench install deps tests clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAMS)

define layer_rules
$(BUILD)/lib/$(1).a: $(patsubst lib/%.c,$(BUILD)/obj/%.o,$(wildcard lib/$(1)/*.c))
	@mkdir -p $$(@D) && rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rules,$(l))))

$(BUILD)/obj/%.o: lib/%.c
	@mkdir -p $(@D)
	$(call say,cc)$(CC) $(CPPFLAGS) $(ALLCFLAGS) -c -o $@ $<

$(BUILD)/obj/bin/%.o: bin/%.c
	@mkdir -p $(@D)
	$(call say,cc)$(CC) $(CPPFLAGS) $(ALLCFLAGS) -c -o $@ $<

$(BUILD)/obj/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(call say,cc)$(CC) $(CPPFLAGS) -Itests $(ALLCFLAGS) -c -o $@ $<

$(BUILD)/bin/%: $(BUILD)/obj/bin/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,ld)$(CC) $(ALLCFLAGS) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS)

$(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/driver.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,ld)$(CC) $(ALLCFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/obj/tests/fuzz/driver.o $(ARCHIVES) $(LIBS)

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,ld)$(CC) $(ALLCFLAGS) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS)

# What is missing on the machine is installed first, then make runs again, so
# that a bare Debian needs no third command.
deps:
	@share/install-deps

tests: all $(UNITS) $(FUZZERS) $(HELPERS)

demo: deps
	@$(MAKE) --no-print-directory -j2 all $(ATTACKERS)
	@BUILD=$(BUILD) tests/demo

test: deps
	@$(MAKE) --no-print-directory -j2 tests
	@BUILD=$(BUILD) tests/run

check: deps
	@tests/check

asan: deps
	@$(MAKE) --no-print-directory -j2 tests BUILD=build/asan $(SANITIZED)
	@TEST_JOBS=$$(($$(nproc) + 1)) BUILD=build/asan tests/run # each takes more of a processor

fuzz: deps
	@$(MAKE) --no-print-directory -j2 $(patsubst $(BUILD)/%,build/asan/%,$(FUZZERS)) BUILD=build/asan $(SANITIZED)
	@BUILD=build/asan tests/fuzz/all 2000000

matrix: deps
	@$(MAKE) --no-print-directory -j2 tests
	@BUILD=$(BUILD) tests/run --matrix

bench:
	@share/install-deps bench
	@$(MAKE) --no-print-directory -j2 tests $(BENCHES)
	@BUILD=$(BUILD) tests/bench/all

install: all
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' BUILD='$(BUILD)' share/install

clean:
	rm -rf build

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
