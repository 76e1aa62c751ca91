# One Makefile, no configure step. What people type stands at the top; `make help` prints it.
#
#   make            build/tarn, optimised, asserts on
#   make demo       set up, build, a million events in, answers out
#   make test       set up what the tests need, run them all (address and undefined-behaviour sanitizers on), then make proof
#   make check      include floors, warnings under gcc and clang
#   make tsan       unit tests under the thread sanitizer
#   make test-large ten million events: balance, memory, speed of the second half
#   make bench      tarn beside DuckDB, ClickHouse and Polars, each with the best script we know: ONLY=steps SIZE=512MB RUNS=5
#                   THREADS="1 2" SCRIPTS=beginnings; tests/bench/bench.py says what steps there are
#   make bench-growth  what a commit, an apply and a start cost after 100 and after 10,000 commits
#   make bench-live    a million events an hour followed live for MINUTES=n: files, freshness, memory
#   make test-spark open the lake in Apache Spark (needs Java and Maven Central)
#   make fuzz       every parser of outside bytes under libFuzzer, MINUTES=n in all
#   make sim        whole worlds in one process, SEEDS=n SEED=first; make torture; make mutants (docs/exactly-once.md)
#   make soak       the real binary killed and starved under load for MINUTES=n, then counted
#   make proof      a fixed share of sim, torture, mutants and soak, in some five minutes
#   make bar        the figures of a release, each with its floor: SCALE=small|bar|full (some ten minutes, an hour, weeks)
#   make clean

MODE    ?= release
ifeq ($(origin CC),default)
CC       = gcc
endif
BUILD    = build/$(MODE)

# Floors, lowest first: a file includes its own folder and lower floors (tools/floors.py).
# Folders joined by / stand on one floor and do not see each other.
FLOORS   = base os/codec store/column parquet/iceberg catalog lake source ingest/query/upkeep/simulate app
FOLDERS  = $(foreach floor,$(FLOORS),$(subst /, ,$(floor)))
below    = $(if $(filter $(1),$(subst /, ,$(firstword $(2)))),$(1),$(subst /, ,$(firstword $(2))) $(call below,$(1),$(wordlist 2,99,$(2))))

WARN     = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
           -Wundef -Wwrite-strings -Wpointer-arith -Wimplicit-fallthrough
CPPFLAGS = -I. -Isrc -D_GNU_SOURCE -DTARN_VERSION='"$(VERSION)"'
CFLAGS_release = -O3 -Wno-maybe-uninitialized -g -fno-omit-frame-pointer -fstack-protector-strong -fPIE
CFLAGS_debug   = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -Werror
CFLAGS_tsan    = -O1 -g -fno-omit-frame-pointer -fsanitize=thread
CFLAGS_clang   = -O1 -Werror
LDFLAGS_release = -pie -Wl,-z,relro,-z,now
CFLAGS   = -std=gnu17 -pthread $(WARN) $(CFLAGS_$(MODE)) $(EXTRA_CFLAGS)
LDFLAGS  = -pthread $(LDFLAGS_$(MODE)) $(filter -fsanitize=%,$(CFLAGS_$(MODE)))
LDLIBS   = -lzstd -lz -ldeflate -lxxhash -ljansson -lyaml -lcrypto -ledit -ldl -lm
VERSION  = 0.1.0

sources  = $(wildcard src/$(1)/*.c)
objects  = $(patsubst src/%.c,$(BUILD)/src/%.o,$(call sources,$(1)))
ALL_OBJ  = $(foreach f,$(FOLDERS),$(call objects,$(f)))

.PHONY: all
all: build/tarn

build/tarn: $(BUILD)/tarn
	@mkdir -p build && cp -f $< $@.new && mv -f $@.new $@

$(BUILD)/tarn: $(ALL_OBJ)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c | tools-present
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find build -name '*.d' 2>/dev/null)

# --- unit tests: one program a folder, linked with that folder and the floors under it ---------
UNIT     = $(foreach f,$(FOLDERS),$(if $(wildcard tests/unit/$(f)/*_test.c),$(f)))
SEAM     = $(patsubst tests/seam/%_test.c,%,$(wildcard tests/seam/*_test.c))
UNIT_BIN = $(UNIT:%=$(BUILD)/unit_%) $(SEAM:%=$(BUILD)/seam_%)
TESTLIB  = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/lib/*.c))

define unit_program
$(BUILD)/unit_$(1): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/unit/$(1)/*.c)) $(TESTLIB) \
                    $(foreach f,$(call below,$(1),$(FLOORS)),$(call objects,$(f)))
	@echo "  LD $$@"
	@$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach f,$(UNIT),$(eval $(call unit_program,$(f))))

# A seam's contract test is linked with its folder (store, catalog, source) and those below.
define seam_program
$(BUILD)/seam_$(1): $(BUILD)/tests/seam/$(1)_test.o $(TESTLIB) \
                    $(foreach f,$(call below,$(1),$(FLOORS)),$(call objects,$(f)))
	@echo "  LD $$@"
	@$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach f,$(SEAM),$(eval $(call seam_program,$(f))))

.PHONY: unit unit-run
unit:
	@$(MAKE) --no-print-directory MODE=debug unit-run
unit-run: $(UNIT_BIN)
	@status=0; for t in $(UNIT_BIN); do $$t || status=1; done; exit $$status

.PHONY: tsan
tsan:
	@$(MAKE) --no-print-directory MODE=tsan unit-run

.PHONY: check
check:
	@python3 tools/floors.py
	@$(MAKE) --no-print-directory MODE=debug CC=gcc objects
	@$(MAKE) --no-print-directory MODE=clang CC=clang objects
.PHONY: objects
objects: $(ALL_OBJ)

-include tests/sim/sim.mk

# --- what this machine must have: checked once per change of the list ---------------------------
.PHONY: tools-present
tools-present: build/.setup-build
build/.setup-%: tools/setup.sh
	@tools/setup.sh $*
	@touch $@

.PHONY: duckdb
duckdb: build/libduckdb.so
build/libduckdb.so: tools/duckdb.sh
	@tools/duckdb.sh && touch $@

-include tests/fuzz/fuzz.mk
-include tests/soak/soak.mk
-include tests/bar/bar.mk

# --- what people type ---------------------------------------------------------------------------
.PHONY: demo
demo: build/.setup-demo build/libduckdb.so
	@$(MAKE) --no-print-directory build/tarn
	@python3 tools/demo.py

.PHONY: test test-programs test-spark test-large
test: build/.setup-test build/libduckdb.so
	@$(MAKE) --no-print-directory build/tarn
	@$(MAKE) --no-print-directory MODE=debug test-programs
test-programs: $(UNIT_BIN) $(FUZZ_REPLAY)
	@tools/test.sh $(UNIT_BIN) $(FUZZ_REPLAY)

test-large: build/.setup-test build/libduckdb.so
	@$(MAKE) --no-print-directory build/tarn
	build/venv/bin/python -m pytest -q -s -p no:cacheprovider -m large tests/py

test-spark: build/.setup-spark build/libduckdb.so
	@$(MAKE) --no-print-directory build/tarn
	build/venv/bin/python -m pytest -q -p no:cacheprovider -m spark tests/py

-include tests/bench/bench.mk

.PHONY: clean help
clean:
	rm -rf build
help:
	@sed -n '/^#   make/p; /^#                   /p' Makefile
