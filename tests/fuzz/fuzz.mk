# Fuzzing: one harness a parser of outside bytes (tests/fuzz/<target>_fuzz.c).
#
#   make fuzz MINUTES=n [TARGETS="json frame"] [JOBS=n]   each target for its share of the time, under libFuzzer
#   build/debug/fuzz_<target> FILE                        look at one finding again
#
# `make test` runs each over its seeds: FUZZ_REPLAY holds those programs.

FUZZ_TARGETS  = $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_REPLAY   = $(FUZZ_TARGETS:%=$(BUILD)/fuzz_%)
CFLAGS_fuzz   = -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
                -fno-sanitize-recover=undefined -fno-sanitize=pointer-overflow # NULL + 0, as C2y has it

# The topmost folder that a target needs, where it is not codec.
FUZZ_FLOOR_frame      = source
FUZZ_FLOOR_config     = app
FUZZ_FLOOR_checkpoint = lake
FUZZ_FLOOR_entry      = lake
FUZZ_FLOOR_manifest   = iceberg
FUZZ_FLOOR_metadata   = iceberg
FUZZ_FLOOR_footer     = parquet
FUZZ_FLOOR_idrun      = ingest
FUZZ_FLOOR_name       = ingest
FUZZ_FLOOR_shred      = app
# And what else it is made of. Of app only the configuration: the rest needs main's world.
FUZZ_MORE_json      = tests/unit/codec/json_lib.c tests/unit/codec/json_peer.c
FUZZ_APP            = $(wildcard src/app/config*.c src/app/yaml.c src/app/preset*.c)

fuzz_floor    = $(or $(FUZZ_FLOOR_$(1)),codec)
fuzz_folders  = $(call below,$(patsubst app,ingest,$(call fuzz_floor,$(1))),$(FLOORS))
fuzz_objects  = $(patsubst %.c,$(BUILD)/%.o,tests/fuzz/$(1)_fuzz.c tests/fuzz/fuzz.c $(FUZZ_MORE_$(1)) \
                $(if $(filter app,$(call fuzz_floor,$(1))),$(FUZZ_APP))) \
                $(foreach f,os $(call fuzz_folders,$(1)),$(call objects,$(f)))

define fuzz_program
$(BUILD)/fuzz_$(1): $(sort $(call fuzz_objects,$(1))) $(if $(filter fuzz,$(MODE)),,$(BUILD)/tests/fuzz/replay.o)
	@echo "  LD $$@"
	@$$(CC) $$(LDFLAGS) $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_program,$(t))))

.PHONY: fuzz fuzz-programs fuzz-replay
fuzz-programs: $(FUZZ_REPLAY)

fuzz: build/.setup-fuzz
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang fuzz-programs
	@python3 tests/fuzz/run.py --minutes $(or $(MINUTES),5) $(JOBS:%=--jobs %) $(or $(TARGETS),$(FUZZ_TARGETS))

fuzz-replay: $(FUZZ_REPLAY)
	@status=0; for t in $(FUZZ_REPLAY); do $$t || status=1; done; exit $$status
