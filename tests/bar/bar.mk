# make bar [SCALE=small|bar|full] [ONLY="sim soak"] [SEED=n]   the figures of a release, each with its floor (tests/bar/bar.py)
# make proof [ONLY=..] [SEED=n]                                the fixed share of them that `make test` ends with
SCALE ?= bar
# SEED has a default for other targets: only one that was given counts here.
BAR_OPTIONS = $(if $(filter command environment,$(firstword $(origin SEED))),--seed $(SEED)) $(if $(ONLY),--only "$(ONLY)")

.PHONY: bar proof
bar: build/.setup-test
	@tests/bar/bar.py --scale $(SCALE) $(BAR_OPTIONS)

proof: build/.setup-test
	@tests/bar/bar.py --scale proof $(BAR_OPTIONS)
