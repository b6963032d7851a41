# ResolutionFlow.  `make help` tells what there is; build/ mirrors the tree.

BUILD  ?= build
STATE  ?= var
PORT   ?= 8080
export BUILD STATE PORT

PKGS    := libpq json-c libsodium libjwt libcurl md4c libseccomp
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wvla -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef \
	-Wpointer-arith -Wswitch-enum -Wnull-dereference -Wduplicated-cond -Wlogical-op -Wjump-misses-init -Werror
HARDEN  := -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE
SAN     ?=
CFLAGS  ?=
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -Ifcgi -I$(BUILD) $(WARN) $(if $(SAN),$(SAN),$(HARDEN)) $(CFLAGS) \
	$(shell pkg-config --cflags $(PKGS) 2>/dev/null)
ALL_LDFLAGS = $(if $(SAN),$(SAN),-pie -Wl,-z,relro,-z,now) -Wl,--as-needed
LIBS    = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lfcgi

ROOM_C  := $(wildcard fcgi/*/*.c fcgi/kit/*/*.c)
MAIN_C  := fcgi/app/main.c
LIB_O   := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(MAIN_C),$(ROOM_C)))
SQL     := $(wildcard fcgi/*/store.sql fcgi/kit/*/store.sql)
SQL_H   := $(patsubst %,$(BUILD)/%.h,$(SQL))
TEST_C  := $(wildcard tests/*/test_*.c tests/kit/*/test_*.c)
SUPPORT := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
TESTS   := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_C))
BIN     := $(BUILD)/resolutionflow
LIB     := $(BUILD)/libresolutionflow.a

.PHONY: help all build run test asan bench fuzz faults lint format install clean deps deps-test tests-build
help: ## what can be made
	@echo "ResolutionFlow: make run, then open http://127.0.0.1:$(PORT)"; echo
	@grep -E '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

all: build
build: $(BIN) ## compile the program
$(BIN): $(BUILD)/fcgi/app/main.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(LIB): $(LIB_O)
	rm -f $@ && ar rcs $@ $^
$(BUILD)/%.o: %.c Makefile | $(SQL_H)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/%/store.sql.h: %/store.sql fcgi/kit/db/sql2h.awk
	@mkdir -p $(@D)
	awk -v room=$(notdir $*) -f fcgi/kit/db/sql2h.awk $< > $@
$(BUILD)/tests/%.o: ALL_CFLAGS += -Itests
$(BUILD)/tests/%: tests/%.c $(SUPPORT) $(LIB) Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(SUPPORT) $(LIB) $(LIBS) $$(pkg-config --libs check)
tests-build: $(BIN) $(TESTS)

-include $(wildcard $(BUILD)/fcgi/*/*.d $(BUILD)/fcgi/kit/*/*.d $(BUILD)/tests/*/*.d $(BUILD)/tests/kit/*/*.d)
