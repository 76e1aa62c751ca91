# Benchmarks that need the inside of the house. Included by the Makefile.

.PHONY: bench-growth
# What a commit, an apply and a start cost after GROWTH commits, beside what they cost after 100.
GROWTH  ?= 10000
bench-growth:
	@$(MAKE) --no-print-directory $(BUILD)/bench_growth
	@rm -rf $(BUILD)/growth
	@$(BUILD)/bench_growth $(GROWTH) $(BUILD)/growth

$(BUILD)/bench_growth: $(BUILD)/tests/bench/growth.o $(foreach f,$(call below,ingest,$(FLOORS)),$(call objects,$(f)))
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: bench-live
# A million events an hour followed live for MINUTES: files left, how soon rows are seen, memory.
bench-live: build/.setup-test build/libduckdb.so
	@$(MAKE) --no-print-directory build/tarn
	@build/venv/bin/python tests/bench/live.py --minutes $(or $(MINUTES),62)
