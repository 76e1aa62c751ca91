# make soak MINUTES=n [SEED=n]: kills, starves and fails the real binary under load, then counts (tests/soak/soak.py).
SOAK_PYTHON ?= build/venv/bin/python

.PHONY: soak
soak: build/.setup-test build/shim.so
	@$(MAKE) --no-print-directory build/tarn
	@$(SOAK_PYTHON) tests/soak/soak.py --minutes $(or $(MINUTES),1) $(SEED:%=--seed %)

# The fault layer that is preloaded into some of the writers.
build/shim.so: tests/soak/shim.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) -Werror -O1 -g -fPIC -shared -o $@ $< -ldl
