# make soak MINUTES=n [SEED=n]: kills and starves the real binary under load, then counts (tests/soak/soak.py).
SOAK_PYTHON ?= build/venv/bin/python

.PHONY: soak
soak: build/.setup-test
	@$(MAKE) --no-print-directory build/tarn
	@$(SOAK_PYTHON) tests/soak/soak.py --minutes $(or $(MINUTES),1) $(SEED:%=--seed %)
