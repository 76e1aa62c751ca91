# The simulator of tests/sim: whole worlds in one process (docs/exactly-once.md). Built apart, under build/sim.
#
#   make sim SEEDS=n SEED=first   worlds by the number: exit 1 at the first broken invariant, with how to repeat it
#   make torture                  each call of a small run fails in each way, then PAIRS pairs; each allocation fails
#                                 (one in EVERY of them, from one that SEED says)
#   make mutants                  each of the ten mutants of the commit (base/mutant.h) must be killed by sim
#
# `make sim` has the sanitizers on; PLAIN=1 leaves them out, for more worlds in less time. `make torture` has them with SAN=1.

SEEDS    ?= 1000
SEED     ?= 1
PAIRS    ?= 2000
EVERY    ?= 1
SIM_WRAP = -Wl,--wrap=pthread_create,--wrap=pthread_join,--wrap=journal_commit,--wrap=source_settle \
           -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=abort
SIM_SRC  = $(foreach f,$(filter-out app query simulate,$(FOLDERS)),$(call sources,$(f))) $(wildcard tests/sim/*.c)
SIM_CFLAGS       = -std=gnu17 -pthread -O2 -g -fno-omit-frame-pointer $(WARN) -Werror
SIM_CFLAGS_san   = -fsanitize=address,undefined -fno-sanitize-recover=undefined
SIM_CFLAGS_plain =
SIM_MUTANTS      = 1 2 3 4 5 6 7 8 9 10
SIM_MUTANT_SRC   = $(shell grep -l 'MUTANT' $(SIM_SRC))

# One kind of build: its objects, of the sources given, lie in a folder of their own. (kind, further flags)
define sim_objects
build/sim/$(1)/%.o: %.c | tools-present
	@mkdir -p $$(@D)
	@echo "  CC $$< ($(1))"
	@$$(CC) $$(CPPFLAGS) $$(SIM_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
endef
sim_of = $(patsubst %.c,build/sim/$(1)/%.o,$(2))

$(eval $(call sim_objects,san,$(SIM_CFLAGS_san)))
$(eval $(call sim_objects,plain,$(SIM_CFLAGS_plain)))
$(foreach m,$(SIM_MUTANTS),$(eval $(call sim_objects,mutant$(m),$(SIM_CFLAGS_plain) -DMUTANT=$(m))))

build/sim/sim-san: $(call sim_of,san,$(SIM_SRC))
	@$(CC) -pthread $(SIM_CFLAGS_san) $(SIM_WRAP) -o $@ $^ $(LDLIBS)
build/sim/sim-plain: $(call sim_of,plain,$(SIM_SRC))
	@$(CC) -pthread $(SIM_WRAP) -o $@ $^ $(LDLIBS)

# Of a mutant only what it changes is built again.
define sim_mutant
build/sim/sim-mutant$(1): $(call sim_of,plain,$(filter-out $(SIM_MUTANT_SRC),$(SIM_SRC))) $(call sim_of,mutant$(1),$(SIM_MUTANT_SRC))
	@$$(CC) -pthread $$(SIM_WRAP) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach m,$(SIM_MUTANTS),$(eval $(call sim_mutant,$(m))))

SIM_BIN = build/sim/sim-$(if $(PLAIN),plain,san)
TORTURE_BIN = build/sim/sim-$(if $(SAN),san,plain)

.PHONY: sim torture mutants
sim: $(SIM_BIN)
	@$(SIM_BIN) --seeds $(SEEDS) --seed $(SEED)

torture: $(TORTURE_BIN) build/sim/sim-plain
	@$(TORTURE_BIN) --torture --pairs $(PAIRS) --seed $(SEED) --every $(EVERY)
	@build/sim/sim-plain --torture-memory --seed $(SEED) --every $(EVERY)

mutants: $(SIM_MUTANTS:%=build/sim/sim-mutant%)
	@tests/sim/mutants.sh $(SEED) $(SEEDS) $(SIM_MUTANTS)
