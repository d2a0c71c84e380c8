# The two commands: `make demo` and `make test`. Each does its own set-up on a fresh machine.
# Builds go to a cache outside the clone, so that a second clone starts warm; set CARGO_TARGET_DIR to have them elsewhere.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/vectory/target
export VECTORY_DATA ?= $(CURDIR)/../shared/data
VECTORY := $(CARGO_TARGET_DIR)/release/vectory

.PHONY: demo test build setup lint doc bench reproduce assets crash fuzz web clean-demo

demo: build
	VECTORY="$(VECTORY)" bash examples/demo.sh

test: setup
	cargo test --release --locked --workspace

build: setup
	cargo build --release --locked -p vectory

setup:
	@bash tools/setup.sh

lint: setup
	cargo fmt --all -- --check
	cargo clippy --release --locked --workspace --all-targets -- -D warnings

doc: setup
	cargo doc --no-deps --workspace

# Figures beside the peers; see benches/README.md for the Python side.
bench: build
	bash benches/run.sh

# Every claim that is registered, on the data in $$VECTORY_DATA.
reproduce: build
	"$(VECTORY)" reproduce

# The shipped static encoder, made again from its teacher; see assets/README.md.
assets: build
	VECTORY="$(VECTORY)" bash assets/remake.sh

# The server killed 2,000 times while clients write to it: nothing acknowledged may be lost.
crash: setup
	VECTORY_CRASHES=2000 cargo test --release --locked -p vectory --test crash -- --nocapture

# Every reader fed with damaged input, a minute each; needs a C++ compiler.
fuzz: build
	VECTORY="$(VECTORY)" bash fuzz/run.sh 60

# The page, built again from web/ into the file that the server carries; needs Node.
web:
	cd web && npm ci && npm run build
