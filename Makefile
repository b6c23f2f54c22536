# Builds, tests and installs numberpool. `make help` lists what can be asked for.

# The sources of the two C modules, in csrc/. numberpool.core does no I/O and doesn't link libcurl.
CORE_SOURCES = core.c pool.c operation.c request.c check.c value.c number.c numbering_plan.c priority.c message.c \
               answer.c json.c redact.c escape.c base64.c ascii.c utf8.c
CURL_SOURCES = curl.c session.c transfer.c failure.c details.c sockets.c buffer.c interrupt.c

# Debian packages. a/b is satisfied by either: nginx's Lua module brings its own LuaJIT, luajit2,
# which can't be installed beside luajit, and libcurl comes with one TLS library or another.
# program:package is satisfied by the program, wherever it came from.
BUILD_PACKAGES   = gcc libc6-dev pkg-config/pkgconf libcurl4-openssl-dev/libcurl4-gnutls-dev/libcurl4-nss-dev
LUA54_PACKAGES   = lua5.4 liblua5.4-dev
LUAS_PACKAGES    = lua5.3 liblua5.3-dev lua5.2 liblua5.2-dev lua5.1 liblua5.1-0-dev/liblua5.1-dev \
                   luajit2/luajit libluajit2-5.1-dev/libluajit-5.1-dev
RUN_PACKAGES     = lua-cjson lua-argparse ca-certificates
SANDBOX_PACKAGES = nginx libnginx-mod-http-lua lua-dbi-sqlite3 lua-socket openssl
TEST_PACKAGES    = lua-busted lua-check lua-ldoc lua-discount luarocks curl nghttp2-client binutils \
                   libasan8/libasan6 libubsan1 lua-sec zsh
BENCH_PACKAGES   = lua-curl
CONFORMANCE_PACKAGES = node:nodejs npm:npm
PAGES_PACKAGES   = chromium:chromium fonts-dejavu-core node:nodejs npm:npm
DEMO_PACKAGES    = $(BUILD_PACKAGES) $(LUA54_PACKAGES) $(RUN_PACKAGES) $(SANDBOX_PACKAGES)

# Which Lua to build for, and which ones `make test` runs on.
ABIS         := 5.4 5.3 5.2 5.1 jit
LUA_VERSIONS := $(or $(LUA_VERSIONS),$(LUA_VERSION),$(ABIS))
LUA_VERSION  ?= 5.4

ifneq ($(words $(LUA_VERSION)) $(filter-out $(ABIS),$(LUA_VERSION)),1 )
$(error LUA_VERSION: expected one of $(ABIS), got $(LUA_VERSION))
endif
ifneq ($(filter-out $(ABIS),$(LUA_VERSIONS)),)
$(error LUA_VERSIONS: expected some of $(ABIS), got $(LUA_VERSIONS))
endif

# LuaJIT reads the folders of Lua 5.1.
LUA_API     = $(LUA_VERSION:jit=5.1)
LUA         = $(if $(filter jit,$(LUA_VERSION)),luajit,lua$(LUA_VERSION))
LUA_PC      = $(LUA)
LUA_PACKAGE = $(if $(filter jit,$(LUA_VERSION)),libluajit2-5.1-dev or libluajit-5.1-dev,$\
              $(if $(filter 5.1,$(LUA_VERSION)),liblua5.1-0-dev,liblua$(LUA_VERSION)-dev))

PREFIX ?= /usr/local
LUADIR  = $(PREFIX)/share/lua/$(LUA_API)
LIBDIR  = $(PREFIX)/lib/lua/$(LUA_API)
BINDIR  = $(PREFIX)/bin
MANDIR  = $(PREFIX)/share/man

# What pkg-config says. Variables given to make as arguments reach recipes, but $(shell) only since GNU make 4.4.
PKG_CONFIG ?= pkg-config
quoted      = '$(subst ','\'',$1)'
arguments   = $(foreach name,$1,$(if $(findstring command,$(origin $(name))),$(name)=$(call quoted,$($(name)))))
pkg_config  = $(shell $(call arguments,PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR) $(PKG_CONFIG) $1 2>/dev/null)

# CFLAGS, CPPFLAGS and LDFLAGS are the packager's, and come last so that they win. WERROR=-Werror is for who works on
# the sources: other compilers warn of other things.
LUA_CFLAGS  = $(call pkg_config,--cflags $(LUA_PC))
CURL_CFLAGS = $(call pkg_config,--cflags libcurl)
CURL_LIBS   = $(call pkg_config,--libs libcurl)
WARNINGS    = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
WERROR     ?=
SANITIZERS  = $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all)

# Lua's own symbols stay undefined: the interpreter that loads a module has them. A module is never
# unloaded, since libcurl's threads may outlive the Lua state.
COMPILE = $(CC) -std=c11 -O2 -g -fPIC -fvisibility=hidden $(WARNINGS) $(SANITIZERS) \
          $(LUA_CFLAGS) $(CURL_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) -shared -Wl,-z,nodelete -Wl,-z,relro,-z,now $(SANITIZERS) $(CFLAGS) $(LDFLAGS)

BUILD   = build/$(LUA_VERSION)$(if $(SANITIZE),-sanitize)
MODULES = $(BUILD)/numberpool/core.so $(BUILD)/numberpool/curl.so

# What can't be in the name of a target. The checkout's own path may have it, since nothing here names that.
UNUSABLE := ' " ` \# $$ : ; % * ? [ ] \ ( ) & | < > ~ = !
ifneq ($(words $(BUILD)) $(strip $(foreach character,$(UNUSABLE),$(findstring $(character),$(BUILD)))),1 )
$(error BUILD: expected a folder without spaces and $(UNUSABLE) in its name, got $(BUILD))
endif

CORE_OBJECTS = $(CORE_SOURCES:%.c=$(BUILD)/obj/%.o)
CURL_OBJECTS = $(CURL_SOURCES:%.c=$(BUILD)/obj/%.o)

LUA_FILES     = $(shell find lua -name '*.lua' | LC_ALL=C sort)
SANDBOX_FILES = $(filter lua/numberpool/sandbox.lua lua/numberpool/sandbox/%,$(LUA_FILES))
CLIENT_FILES  = $(filter-out $(SANDBOX_FILES),$(LUA_FILES))

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:

.PHONY: modules
modules: $(MODULES)  ## build for one Lua: LUA_VERSION=5.4 (the default), 5.3, 5.2, 5.1 or jit

.PHONY: all-abis
all-abis: $(ABIS:%=abi-%)  ## build for every Lua, each into build/<abi>/

.PHONY: $(ABIS:%=abi-%)
$(ABIS:%=abi-%): abi-%:
	@$(MAKE) modules LUA_VERSION=$*

$(BUILD)/numberpool/core.so: $(CORE_OBJECTS)
	@mkdir -p $(@D)
	$(LINK) -o $@ $(CORE_OBJECTS)

$(BUILD)/numberpool/curl.so: $(CURL_OBJECTS)
	@mkdir -p $(@D)
	$(LINK) -o $@ $(CURL_OBJECTS) $(CURL_LIBS)

$(BUILD)/obj/%.o: csrc/%.c $(BUILD)/obj/flags
	$(COMPILE) $(WERROR) -MMD -MP -c -o $@ $<

-include $(CORE_OBJECTS:.o=.d) $(CURL_OBJECTS:.o=.d)

# Changes when the flags do, so that objects made with other ones are made again. Those that warnings would have stopped
# are as good without WERROR.
$(BUILD)/obj/flags: export NEEDED = $(if $(findstring command,$(origin LUA_CFLAGS)),,$(LUA_PC)) $\
                                    $(if $(findstring command,$(origin CURL_CFLAGS)),,libcurl)
$(BUILD)/obj/flags: export FLAGS = $(COMPILE) $(LINK) $(CURL_LIBS)
$(BUILD)/obj/flags: always
	@command -v $(firstword $(CC)) >/dev/null || { echo '$(CC): no C compiler: run `make deps`, or install gcc' >&2; exit 1; }
	@test -z "$${NEEDED# }" || command -v $(firstword $(PKG_CONFIG)) >/dev/null || \
	  { echo '$(PKG_CONFIG): not found: run `make deps`, or install pkg-config' >&2; exit 1; }
	@for name in $$NEEDED; do $(PKG_CONFIG) --exists "$$name" || { \
	  case $$name in libcurl) package=libcurl4-openssl-dev ;; *) package='$(LUA_PACKAGE)' ;; esac; \
	  echo "$$name: pkg-config finds no headers: run \`make deps\`, or install $$package" >&2; exit 1; }; done
	@{ mkdir -p $(@D) && test -w $(@D); } 2>/dev/null || \
	  { echo "$(@D): can't be written to, by $$(id -un): BUILD=/another/folder builds elsewhere" >&2; exit 1; }
	@case $$(cat $@ 2>/dev/null) in "$$FLAGS $(WERROR)" | "$$FLAGS -Werror") ;; \
	  *) printf '%s\n' "$$FLAGS $(WERROR)" >$@ ;; esac

.PHONY: always
always:

# Only exports go to standard output; or `false`, so that `eval "$(make -s env)" && …` ends where this fails. Lua 5.2 and
# later have variables of their own, so that what else is started from there, as nginx with LuaJIT, doesn't load the
# modules of another Lua.
SUFFIX = $(if $(filter 5.1 jit,$(LUA_VERSION)),,_$(subst .,_,$(LUA_VERSION)))

.PHONY: env
env:  ## print the exports that run the uninstalled build: eval "$(make -s env LUA_VERSION=5.4)"
	@$(MAKE) -s modules >&2 || { echo false; exit 1; }
	@quoted() { printf '%s\n' "$$1" | sed "s/'/'\\\\''/g; s/^/'/; s/$$/'/"; }; \
	root=$$(pwd -P); build=$(BUILD); \
	case $$build in /*) ;; *) build=$$root/$$build ;; esac; \
	case $$root in *[\;?]*) \
	  printf "%s: Lua can't search a folder with ; or ? in its name\n" "$$root" >&2; echo false; exit 1 ;; esac; \
	printf 'export %s=%s\n' LUA_PATH$(SUFFIX) "$$(quoted "$$root/lua/?.lua;$$root/lua/?/init.lua;;")" \
	  LUA_CPATH$(SUFFIX) "$$(quoted "$$build/?.so;;")"

.PHONY: deps
deps:  ## install what building, running and testing need (Debian, Ubuntu)
	@.ci/install-packages $(DEMO_PACKAGES) $(LUAS_PACKAGES) $(TEST_PACKAGES)

.PHONY: check-deps
check-deps: deps  ## install what .ci/run needs beside that
	@.ci/install-packages $(CONFORMANCE_PACKAGES) $(PAGES_PACKAGES)

.PHONY: install install-client install-sandbox
install: install-client install-sandbox  ## install for one Lua: PREFIX=/usr/local, DESTDIR, LUA_VERSION

install-client: modules  ## install without the sandbox
	install -d $(call quoted,$(DESTDIR)$(LIBDIR)/numberpool)
	install -m 755 $(MODULES) $(call quoted,$(DESTDIR)$(LIBDIR)/numberpool)
	$(call install_lua,$(CLIENT_FILES))
	$(if $(BINDIR),$(install_program))
	$(if $(MANDIR),$(install_manual))

install-sandbox:  ## install the sandbox alone
	$(call install_lua,$(SANDBOX_FILES))

# A line of a recipe for each file.
define install_lua
$(foreach file,$1,install -D -m 644 $(file) $(call quoted,$(DESTDIR)$(LUADIR)/$(file:lua/%=%))
)
endef

# The program's first line names the Lua that it is installed for, and the next ones where the modules are, unless that
# Lua looks there, or what starts the program tells it (WRAPPED=yes). Of several Luas the last one has the program.
WRAPPED  ?=
PROGRAM   = lua/numberpool/cli/numberpool
INSTALLED_PROGRAM = $(call quoted,$(DESTDIR)$(BINDIR)/numberpool)
INSTALLED_MANUAL  = $(call quoted,$(DESTDIR)$(MANDIR)/man1/numberpool.1)
PLAIN_LUA = env -u LUA_INIT -u LUA_INIT$(SUFFIX) -u LUA_PATH -u LUA_PATH$(SUFFIX) -u LUA_CPATH -u LUA_CPATH$(SUFFIX) $(LUA)

define install_program
install -d $(call quoted,$(DESTDIR)$(BINDIR))
@echo "install the program as "$(INSTALLED_PROGRAM)
@lua=$$(command -v $(LUA)) || lua='/usr/bin/env $(LUA)'; shared=$(call quoted,$(LUADIR)); modules=$(call quoted,$(LIBDIR)); \
  { printf '#!%s\n' "$$lua"; \
    case "$(WRAPPED)$$($(PLAIN_LUA) -e 'io.write(";", package.path, ";", package.cpath, ";")' 2>/dev/null)" in \
    yes* | *";$$shared/?.lua;"*";$$modules/?.so;"*) ;; \
    *) printf 'package.path = [==[%s/?.lua;%s/?/init.lua;]==] .. package.path\n' "$$shared" "$$shared"; \
      printf 'package.cpath = [==[%s/?.so;]==] .. package.cpath\n' "$$modules" ;; esac; \
    tail -n +2 $(PROGRAM); } >$(INSTALLED_PROGRAM)
@chmod 755 $(INSTALLED_PROGRAM)
endef

define install_manual
install -d $(call quoted,$(DESTDIR)$(MANDIR)/man1)
@echo "install the manual as "$(INSTALLED_MANUAL)
@LUA_INIT= LUA_INIT$(SUFFIX)= LUA_PATH$(SUFFIX)="lua/?.lua;lua/?/init.lua;;" LUA_CPATH$(SUFFIX)="$(BUILD)/?.so;;" \
  $(LUA) -e 'io.write(require("numberpool.cli.man").page())' >$(INSTALLED_MANUAL)
@chmod 644 $(INSTALLED_MANUAL)
endef

# Folders go only when nothing of anyone else's is left in them.
INSTALLED = $(foreach file,$(LUA_FILES),$(call quoted,$(DESTDIR)$(LUADIR)/$(file:lua/%=%))) \
            $(foreach file,$(MODULES),$(call quoted,$(DESTDIR)$(LIBDIR)/numberpool/$(notdir $(file))))

.PHONY: uninstall
uninstall:  ## remove what install put there
	@for file in $(INSTALLED); do test ! -e "$$file" || { echo "rm $$file"; rm -f "$$file" || exit 1; }; done
	@program=$(INSTALLED_PROGRAM); manual=$(INSTALLED_MANUAL); \
	if head -n 1 "$$program" 2>/dev/null | grep -q '[/ ]$(LUA)$$'; then \
	  for file in "$$program" "$$manual"; do test ! -e "$$file" || { echo "rm $$file"; rm -f "$$file"; }; done; fi
	@for folder in $(call quoted,$(DESTDIR)$(LUADIR)/numberpool) $(call quoted,$(DESTDIR)$(LIBDIR)/numberpool); do \
	  test ! -d "$$folder" || find "$$folder" -depth -type d -empty -delete; done

.PHONY: demo
demo:  ## every operation of the API, from Lua, against the sandbox (installs only what that needs)
	@.ci/install-packages $(DEMO_PACKAGES)
	@eval "$$($(MAKE) -s env LUA_VERSION=5.4)" && lua5.4 examples/tour.lua

.PHONY: test
test: deps  ## luacheck, C warnings, specs on every Lua (LUA_VERSIONS="5.4 jit"; SPEC=spec/foo_spec.lua; JOBS=8)
	@MAKE='$(MAKE)' SPEC='$(SPEC)' spec/support/run $(LUA_VERSIONS)

# The interpreter has to have the sanitizers' runtime in it, so one is made from Lua's library.
$(BUILD)/lua: spec/support/run_lua.c $(BUILD)/obj/flags
	$(COMPILE) $(WERROR) $(LDFLAGS) -o $@ $< $$($(PKG_CONFIG) --libs $(LUA_PC))

.PHONY: test-nginx
test-nginx: deps  ## the library's specs inside a real nginx
	@MAKE='$(MAKE)' SPEC='$(SPEC)' spec/support/run nginx

.PHONY: check-sanitizers
check-sanitizers: deps  ## the client's specs with address and undefined-behaviour sanitizers
	@MAKE='$(MAKE)' SANITIZE='$(or $(SANITIZE),address,undefined)' SPEC='$(SPEC)' spec/support/run 5.4 5.1

# ROWS="calls map" takes these alone.
ROW_NAMES = calls by_hand map pages bulk sdk nginx pings
rows      = $(filter $1,$(or $(ROWS),$(ROW_NAMES)))

.PHONY: bench bench-calls
bench:  ## the next, bench-jobs and bench-nginx without million; ROWS="calls by_hand map pages bulk sdk nginx pings"
	@$(if $(filter-out $(ROW_NAMES),$(ROWS)),$(error ROWS: expected some of $(ROW_NAMES), got $(ROWS)))
	@$(if $(call rows,calls),$(MAKE) bench-calls,:)
	@$(if $(call rows,by_hand map pages bulk sdk),$(MAKE) bench-jobs ROWS='$(call rows,by_hand map pages bulk sdk)',:)
	@$(if $(call rows,nginx pings),$(MAKE) bench-nginx ROWS='$(call rows,nginx pings)',:)

bench-calls:  ## calls: calls a second beside a plain C program on libcurl, memory, loading time, for one Lua
	@.ci/install-packages $(DEMO_PACKAGES) $(if $(filter 5.4,$(LUA_VERSION)),,$(LUAS_PACKAGES))
	@$(MAKE) -s $(BUILD)/bench/raw
	@eval "$$($(MAKE) -s env)" && $(LUA) spec/bench/run.lua $(BUILD)/bench/raw

# The library runs on LUA_VERSION, and on LuaJIT in by_hand.
.PHONY: bench-jobs
bench-jobs:  ## by_hand map pages bulk sdk: many calls in flight, beside lua-curl, curl_multi and the Node SDK
	@.ci/install-packages $(DEMO_PACKAGES) $(LUAS_PACKAGES) $(BENCH_PACKAGES) $(CONFORMANCE_PACKAGES)
	@$(MAKE) -s $(BUILD)/bench/raw_multi build/conformance/node_modules/plivo
	@$(MAKE) -s modules LUA_VERSION=jit
	@eval "$$($(MAKE) -s env)" && $(LUA) spec/bench/jobs.lua $(BUILD)/bench/raw_multi build/jit build/conformance $(ROWS)

$(BUILD)/bench/%: spec/bench/%.c $(BUILD)/obj/flags
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g $(WARNINGS) $(WERROR) $(CURL_CFLAGS) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LDFLAGS) $(CURL_LIBS)

# The sandbox alone, which needs nothing that is built.
SANDBOX_LUA = LUA_INIT= LUA_PATH_5_4="$$(pwd)/lua/?.lua;$$(pwd)/lua/?/init.lua;;" exec lua5.4

# Through the environment, so that no shell reads the quotes and dollars in the options.
.PHONY: sandbox
sandbox: export SANDBOX_OPTIONS = $(value SANDBOX)
sandbox:  ## a sandbox in the foreground: SANDBOX='port = 8080, tls = true' gives start its options
	@.ci/install-packages lua5.4 $(RUN_PACKAGES) $(SANDBOX_PACKAGES)
	@$(SANDBOX_LUA) -e 'options = assert(load("return {" .. os.getenv("SANDBOX_OPTIONS") .. "\n}", "=SANDBOX"))()' \
	  -e 'os.exit(require("numberpool.sandbox.terminal")(options), true)'

.PHONY: conformance
conformance:  ## drive the sandbox with the vendor's Node SDK
	@.ci/install-packages lua5.4 $(RUN_PACKAGES) $(SANDBOX_PACKAGES) $(CONFORMANCE_PACKAGES)
	@$(MAKE) -s build/conformance/node_modules/plivo
	@$(SANDBOX_LUA) spec/conformance/run.lua build/conformance

build/conformance/node_modules/plivo:
	npm install --loglevel=error --no-audit --no-fund --prefix build/conformance plivo@4

# SHOTS=folder leaves pictures of the pages there.
.PHONY: check-pages
check-pages: export SHOTS := $(SHOTS)
check-pages:  ## look at pages of reports in headless Chromium
	@.ci/install-packages $(DEMO_PACKAGES) $(PAGES_PACKAGES)
	@$(MAKE) -s build/pages/node_modules/playwright-core
	@eval "$$($(MAKE) -s env LUA_VERSION=5.4)" && lua5.4 spec/pages/run.lua build/pages

build/pages/node_modules/playwright-core:
	npm install --loglevel=error --no-audit --no-fund --prefix build/pages playwright-core@1 axe-core@4

.PHONY: bench-nginx
bench-nginx:  ## nginx pings million: calls inside nginx, an unrelated request meanwhile, a million calls
	@.ci/install-packages $(DEMO_PACKAGES) $(LUAS_PACKAGES) wrk curl
	@eval "$$($(MAKE) -s env LUA_VERSION=jit)" && luajit spec/bench/nginx.lua '$(ROWS)'

.PHONY: bench-sandbox
bench-sandbox:  ## measure the sandbox: pages and counts of large pools, GETs a second, time to ready
	@.ci/install-packages lua5.4 $(RUN_PACKAGES) $(SANDBOX_PACKAGES) wrk
	@$(SANDBOX_LUA) spec/bench/sandbox.lua

# SOAK="seed=7 concurrency=1 tls=yes share=0.5" asks for another run.
.PHONY: soak check-soak
soak:  ## thousands of calls, a fifth of the requests broken: the server must have what they reported
	@.ci/install-packages $(DEMO_PACKAGES)
	@eval "$$($(MAKE) -s env LUA_VERSION=5.4)" && lua5.4 spec/soak/run.lua $(SOAK)

check-soak:  ## a fifth of the soak
	@$(MAKE) soak SOAK='share=0.2 $(SOAK)'

# APPLY="changes=600 kills=5 seed=7" asks for another run.
.PHONY: soak-apply
soak-apply:  ## a plan of 10,000 changes, a tenth of the requests broken, killed three times: the pool must be as it says
	@.ci/install-packages $(DEMO_PACKAGES)
	@eval "$$($(MAKE) -s env LUA_VERSION=5.4)" && lua5.4 spec/soak/apply.lua $(APPLY)

# STARTS="count=400 loops=2" asks for another run.
.PHONY: soak-starts
soak-starts:  ## thousands of sandboxes started and stopped, eight at a time: none may fail or leave anything
	@.ci/install-packages lua5.4 $(RUN_PACKAGES) $(SANDBOX_PACKAGES)
	@$(SANDBOX_LUA) spec/soak/starts.lua $(STARTS)

.PHONY: bench-retry
bench-retry:  ## measure what retries and the limit cost, the pace kept, and how deadlines are overrun
	@.ci/install-packages $(DEMO_PACKAGES)
	@eval "$$($(MAKE) -s env LUA_VERSION=5.4)" && lua5.4 spec/bench/retry.lua

.PHONY: lint
lint:  ## luacheck, and cppcheck where it is installed
	luacheck --quiet $(wildcard lua spec examples .ci/*.lua rockspec/*.rockspec)
	@! command -v cppcheck >/dev/null || cppcheck --quiet --std=c11 --enable=warning,portability \
	  --error-exitcode=1 --inline-suppr $(LUA_CFLAGS) csrc

DOCUMENTED = $(addprefix lua/numberpool/,init.lua client/init.lua errors.lua sandbox/init.lua sandbox/annotations.lua) \
             $(wildcard lua/numberpool/annotations/*.lua)

.PHONY: docs
docs:  ## the reference, from the sources, into build/docs
	@rm -rf build/docs build/docs-sources
	@for file in $(DOCUMENTED); do \
	  mkdir -p "build/docs-sources/$${file%/*}" && \
	  lua5.4 .ci/to_ldoc.lua <"$$file" >"build/docs-sources/$$file" || exit 1; done
	ldoc --dir build/docs --project numberpool --title 'numberpool reference' --format discount build/docs-sources/lua

.PHONY: clean
clean:  ## remove build/
	rm -rf build

.PHONY: help
help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  %-16s %s\n' "$$name" "$$text"; done
