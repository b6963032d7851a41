# ResolutionFlow.  `make help` tells what there is; build/ mirrors the tree.

BUILD   ?= build
STATE   ?= var
ADDRESS ?= 127.0.0.1
PORT    ?= 8080
PREFIX  ?= /usr/local
FUZZ_SECONDS ?= 10
# As CHANGELOG.md names it.
VERSION := 0.1.0
export BUILD STATE ADDRESS PORT PREFIX FUZZ_SECONDS

PKGS    := libpq libcrypto json-c libsodium libjwt libcurl libseccomp libpcre2-8 liboath libqrencode libarchive
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wvla -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef \
	-Wpointer-arith -Wswitch-enum -Wnull-dereference -Wduplicated-cond -Wlogical-op -Wjump-misses-init -Werror
HARDEN  := -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g
SAN     ?=
CFLAGS  ?=
BASE_CFLAGS = -std=gnu17 -D_GNU_SOURCE -DRF_VERSION=$(VERSION) -Ifcgi -I$(BUILD) $(PKG_CFLAGS)
ALL_CFLAGS = $(BASE_CFLAGS) $(WARN) $(if $(SAN),$(SAN),$(HARDEN)) $(CFLAGS)
ALL_LDFLAGS = $(if $(SAN),$(SAN),-pie -Wl,-z,relro,-z,now) -Wl,--as-needed
LIBS    = $(PKG_LIBS) -lfcgi -lzxcvbn -lm

ROOM_C  := $(wildcard fcgi/*/*.c fcgi/kit/*/*.c)
MAIN_C  := fcgi/app/main.c
LIB_O   := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(MAIN_C),$(ROOM_C))) $(BUILD)/fcgi/app/demo_flows.o $(BUILD)/fcgi/app/demo_sessions.o
SQL     := $(wildcard fcgi/*/*.sql fcgi/kit/*/*.sql tests/bench/room/*.sql)
SQL_H   := $(patsubst %,$(BUILD)/%.h,$(SQL))
TEST_C  := $(wildcard tests/*/test_*.c tests/kit/*/test_*.c)
SUPPORT := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
TESTS   := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_C))
DRAW    := $(BUILD)/tests/flows/draw $(BUILD)/tests/reports/print
FUZZ    := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH   := $(BUILD)/bench
BENCH_O := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/room/*.c)) $(BENCH)/features.o
BIN     := $(BUILD)/resolutionflow
LIB     := $(BUILD)/libresolutionflow.a

# A goal that comes after the packages starts make anew, for pkg-config may be one of them.
JOBS    := $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
AGAIN   = +@$(MAKE) --no-print-directory $(JOBS)

.DELETE_ON_ERROR:
.SECONDARY: $(SQL_H) $(SUPPORT)
.PHONY: always help all build public run test asan fuzz bench bench-search bench-history bench-streams faults lint format install sbom clean tests-build bench-build
help: ## this list
	@echo "ResolutionFlow. Start it: make run, then open http://$(ADDRESS):$(PORT)"; echo
	@grep -E '^[a-z][a-z-]*:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12; echo
	@echo "Settings: PORT=$(PORT) ADDRESS=$(ADDRESS) STATE=$(STATE) BUILD=$(BUILD) PREFIX=$(PREFIX) DESTDIR="
	@echo "          DATABASE_URL= (another server than the private one)  TLS_CERT= TLS_KEY= (files)"

run: ## install what is missing, build, and serve in the foreground until Ctrl-C
	@bin/run check
	@bin/deps run
	$(AGAIN) build public
	@exec bin/run

test: ## all tests; T=http/skeleton for those whose path has it
	@bin/deps test
	$(AGAIN) tests-build public
	@node tests/run.mjs $(T)

asan: ## all tests under the address and undefined behaviour sanitizers
	@bin/deps test
	$(AGAIN) BUILD=build/asan SAN="$(SANITIZE)" tests-build public
	@BUILD=build/asan TEST_PATIENCE=4 node tests/run.mjs $(T)

fuzz: ## each fuzz target for FUZZ_SECONDS
	@bin/deps fuzz
	$(AGAIN) BUILD=build/clang CC=clang SAN="-fsanitize=fuzzer-no-link,address -O1 -g" WARN= fuzz-build
	@bin/fuzz build/clang/fuzz
fuzz-build: $(FUZZ)

bench: ## requests, latency, CPU and memory beside a FastAPI application and the bounds; BENCH_SECONDS=, BENCH_ROUNDS=
	@bin/deps bench
	$(AGAIN) bench-build public
	@node tests/bench/bench.mjs
bench-search: ## search over 50,000 flows: SEARCH_FLOWS=; seeding takes two minutes
	$(AGAIN) bench-build public
	@node tests/bench/search.mjs
bench-history: ## the list of sessions in an account of a million: HISTORY_SESSIONS=; seeding takes some minutes
	$(AGAIN) bench-build public
	@node tests/bench/history.mjs
bench-streams: ## event streams through nginx: STREAMS=10000, STREAMS_RATE=20 events a second
	@bin/deps bench
	$(AGAIN) bench-build public
	@node tests/bench/streams.mjs
bench-build: $(BENCH)/resolutionflow $(BENCH)/hello $(BENCH)/counted $(BENCH)/streams
faults: ## crashes, hangs, restarts, outages and overload, held against a ledger; F="F1 F7" for some
	@bin/deps test
	$(AGAIN) build public
	@tests/faults/run $(F)

lint: ## formatting, clang-tidy, cppcheck, layers, limits, styles
	@bin/deps lint
	$(AGAIN) $(SQL_H) $(BUILD)/commit.h
	@BASE_CFLAGS="$(BASE_CFLAGS)" bin/lint

format: ## put the C sources into the house format
	@bin/deps lint
	clang-format -i $$(git ls-files '*.c' '*.h')

install: ## into $(DESTDIR)$(PREFIX), with nginx's site and systemd's units; SERVER_NAME=, TLS_CERT=, TLS_KEY=
	@bin/deps build
	$(AGAIN) build public
	@bin/install

sbom: build ## build/sbom.json: what the program is made of, as CycloneDX
	@bin/sbom $(BIN) $(BUILD)/sbom.json && echo $(BUILD)/sbom.json

clean: ## remove build/ (var/ with its data stays)
	rm -rf build

all: build public ## compile the program and prepare the static files
build: $(BIN) ; @: ## compile the program
public: $(BUILD)/public/manifest ; @: ## static files under names with a content hash
tests-build: $(BIN) $(TESTS) $(DRAW) ; @:

$(BIN): $(BUILD)/fcgi/app/main.o $(LIB)
	@echo "LINK $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(LIB): $(LIB_O)
	@echo "AR   $@"
	@rm -f $@ && ar rcs $@ $^
$(BUILD)/%.o: %.c Makefile | $(SQL_H)
	@mkdir -p $(@D); echo "CC   $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -c -o $@ $<
# The demo account's flows and sessions, each one list within the program: _binary_demo_flows_start to _end.
$(BUILD)/fcgi/app/demo_flows.o: $(sort $(wildcard fcgi/app/demo/*.json))
$(BUILD)/fcgi/app/demo_sessions.o: $(sort $(wildcard fcgi/app/demo/sessions/*.json))
$(BUILD)/fcgi/app/demo_%.o:
	@mkdir -p $(@D); echo "LD   $@"
	@awk 'BEGIN { print "[" } FNR == 1 && NR > 1 { print "," } 1; END { print "]" }' $^ > $(@:.o=)
	@cd $(@D) && ld -r -z noexecstack -b binary -o $(@F) $(basename $(@F))
# Written only when it is another one: "-dirty" behind it says that there are changes beside it.
$(BUILD)/commit.h: always
	@mkdir -p $(@D); echo "#define RF_COMMIT \"$$(git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null)\"" > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(BUILD)/fcgi/app/ctl_version.o: $(BUILD)/commit.h
$(BUILD)/%.sql.h: %.sql fcgi/kit/db/sql2h.awk
	@mkdir -p $(@D); echo "SQL  $<"
	@awk -v room=$(notdir $(patsubst %/store,%,$*)) -f fcgi/kit/db/sql2h.awk $< > $@
$(BUILD)/tests/%.o: ALL_CFLAGS += -Itests
$(BUILD)/tests/%: tests/%.c $(SUPPORT) $(LIB) Makefile
	@mkdir -p $(@D); echo "CC   $<"
	@$(CC) $(ALL_CFLAGS) -Itests -MMD -MP -MF $@.d -MT $@ $(ALL_LDFLAGS) -o $@ $< $(SUPPORT) $(LIB) $(LIBS) $$(pkg-config --libs check)
# The product's own library with one room more: the longer list of rooms comes first, so the library's is not taken.
$(BENCH)/features.c: tests/bench/room/features.awk fcgi/app/features.c
	@mkdir -p $(@D); echo "AWK  $@"
	@awk -f $^ > $@
$(BENCH)/features.o: $(BENCH)/features.c
	@echo "CC   $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -c -o $@ $<
$(BENCH_O): ALL_CFLAGS += -Itests/bench
$(BENCH)/resolutionflow: $(BUILD)/fcgi/app/main.o $(BENCH_O) $(LIB)
	@mkdir -p $(@D); echo "LINK $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BENCH)/counted: $(BUILD)/fcgi/app/main.o $(BUILD)/tests/bench/open.o $(BENCH_O) $(LIB)
	@mkdir -p $(@D); echo "LINK $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BENCH)/hello: $(BUILD)/tests/bench/hello.o $(LIB)
	@mkdir -p $(@D); echo "LINK $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BENCH)/streams: tests/bench/streams.c
	@mkdir -p $(@D); echo "LINK $@"
	@$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<
$(BUILD)/fuzz/%: tests/fuzz/%.c $(LIB)
	@mkdir -p $(@D); echo "FUZZ $<"
	@$(CC) $(BASE_CFLAGS) -Itests -fsanitize=fuzzer,address -O1 -g -o $@ $< $(LIB) $(LIBS)
$(BUILD)/public/manifest: $(wildcard public/* public/*/*) bin/public
	@bin/public public $(@D)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
