# Benchmarks. Included by the Makefile.

.PHONY: bench
# tarn beside its peers. ONLY, SIZE, RUNS, THREADS, SCRIPTS and KEYS are handed on (tests/bench/bench.py).
BENCH_WORDS = $(if $(ONLY),--only "$(ONLY)") $(if $(SIZE),--size "$(SIZE)") $(if $(RUNS),--runs "$(RUNS)") \
              $(if $(THREADS),--threads "$(THREADS)") $(if $(SCRIPTS),--scripts "$(SCRIPTS)") $(if $(KEYS),--keys "$(KEYS)")
bench: build/.setup-bench
	@$(MAKE) --no-print-directory build/tarn $(BUILD)/bench_dedupe $(BUILD)/bench_roofline
	@build/bench/venv/bin/python tests/bench/bench.py --programs $(BUILD) $(BENCH_WORDS)

$(BUILD)/bench_dedupe: $(BUILD)/tests/bench/dedupe.o $(foreach f,$(call below,ingest,$(FLOORS)),$(call objects,$(f)))
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# For this very machine: the kernel of the roofline is chosen when it is compiled.
$(BUILD)/bench_roofline: tests/bench/roofline.cc
	@mkdir -p $(@D)
	@echo "  CXX $<"
	@$(CXX) -O3 -march=native -std=c++17 -Wall -Wextra -o $@ $< -lsimdjson

.PHONY: bench-growth
# What a commit, an apply and a start cost after GROWTH commits, beside what they cost after 100.
GROWTH  ?= 10000
bench-growth:
	@$(MAKE) --no-print-directory $(BUILD)/bench_growth
	@rm -rf $(BUILD)/growth
	@$(BUILD)/bench_growth $(GROWTH) $(BUILD)/growth

$(BUILD)/bench_growth: $(BUILD)/tests/bench/growth.o $(foreach f,$(call below,ingest,$(FLOORS)),$(call objects,$(f)))
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: bench-live
# A million events an hour followed live for MINUTES: files left, how soon rows are seen, memory.
bench-live: build/.setup-test build/libduckdb.so
	@$(MAKE) --no-print-directory build/tarn
	@build/venv/bin/python tests/bench/live.py --minutes $(or $(MINUTES),62)
