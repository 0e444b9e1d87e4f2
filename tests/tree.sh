#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the tree promises about itself, as TAP: who may include what, banned calls, licence lines,
# formatting.
set -u
cd -- "$(dirname -- "$0")/.." || exit 1

number=0

# check NAME OUTPUT: passes if OUTPUT, the list of offenders, is empty
check() {
    number=$((number + 1))
    if [ -z "$2" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
    fi
}

sources() {
    find "$@" -name '*.[ch]'
}

# includes LAYER PATTERN: lines of src/LAYER or include/trm/LAYER that include trm/ or src/ headers
# of the layers in PATTERN
includes() {
    grep -rnE "#include \"(trm/)?($2)/" "src/$1" "include/trm/$1" 2>/dev/null
}

check "only src/tui includes curses" \
    "$(grep -rnE '#include [<"]n?curses' src include | grep -v '^src/tui/')"
check "only src/plot includes cairo" \
    "$(grep -rnE '#include [<"]cairo' src include | grep -v '^src/plot/')"
check "only src/nn includes cblas" \
    "$(grep -rniE '#include [<"](openblas/)?(cblas|openblas_config)' src include | grep -v '^src/nn/')"
check "only src/run includes protobuf-c" \
    "$(grep -rnE '#include [<"].*(protobuf-c/|pb-c)' src include | grep -v '^src/run/')"
check "base knows nothing above" "$(includes base 'nn|model|env|agent|train|run|plot|tui|cli')"
check "nn knows base" "$(includes nn 'model|env|agent|train|run|plot|tui|cli')"
check "model knows nn" "$(includes model 'env|agent|train|run|plot|tui|cli')"
check "env knows base" "$(includes env 'nn|model|agent|train|run|plot|tui|cli')"
check "agent knows model and env" "$(includes agent 'train|run|plot|tui|cli')"
check "train knows agent" "$(includes train 'run|plot|tui|cli')"
check "run knows train" "$(includes run 'plot|tui|cli')"
check "plot knows run, and never nn" "$(includes plot 'nn|tui|cli')"
check "tui knows run, and never nn" "$(includes tui 'nn|plot|cli')"
check "only agents, learners and the bench run a model" \
    "$(grep -rn 'trm_model_forward(' src --include='*.c' | grep -vE '^src/(model|agent|train)/')"
check "only agents mask actions" \
    "$(grep -rnE '(->|\.)mask_actions|TRM_MASKED' src include --include='*.[ch]' |
        grep -vE '^src/(agent|run/config)/|^include/trm/agent/|^include/trm/env/env\.h' |
        grep -vE '^src/cli/common/environment\.c')"
check "widgets know no screen" \
    "$(grep -rnE '#include "tui/(app|screen|train|compare|micro|play|replay|versus)\b' src/tui/widgets)"
check "banned calls are not used" \
    "$(sources src include tests | xargs grep -nE \
        '\b(strcpy|strcat|sprintf|gets|atoi|atof|rand|srand)\(')"
check "nothing runs before main or after it (but what gives the terminal back)" \
    "$(grep -rnE '\b((con|de)structor\b|(at|on_)exit *\()' src --include='*.[ch]' |
        grep -v '^src/tui/terminal/crash\.c')"
check "random streams come from their table (a sample's own dropout seed aside)" \
    "$(grep -rn 'trm_rng_seed(' src --include='*.c' -A1 | grep -vE 'src/base/|src/model/transformer' |
        tr '\n' ' ' | sed 's/trm_rng_seed(/\n&/g' | grep '^trm_rng_seed(' | grep -v 'TRM_STREAM_')"
check "exit is called in src/cli only" \
    "$(grep -rnE '\b(exit|_exit|quick_exit)\(' src --include='*.c' | grep -v '^src/cli/')"
check "help tells of every environment variable that is read" \
    "$(grep -rhoE 'getenv\("[A-Z_]+"\)' src include | sed 's/.*"\(.*\)".*/\1/' | sort -u |
        while read -r name; do
            grep -q "{\"$name\"," src/cli/help/tables.c || echo "$name"
        done)"
check "the list of screens has every table of keys" \
    "$(grep -rhoE '^const trm_action trm_[a-z_]+_actions\[' src/tui | sed 's/.* //; s/\[//' |
        while read -r name; do
            grep -qw "$name" src/tui/screens.c || echo "$name"
        done)"
check "tests do not sleep" \
    "$(sources tests | xargs grep -nE '\b(u|nano|clock_nano)?sleep\(')"
check "every source names its licence" \
    "$(sources src include tests assets | xargs grep -L 'SPDX-License-Identifier: Apache-2.0')"

# Other versions of clang-format want other spaces.
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
    check "formatted" \
        "$(sources src include tests assets | xargs clang-format --dry-run 2>&1 | grep -E 'warning:|error:')"
else
    number=$((number + 1))
    echo "ok $number - formatted # SKIP clang-format 14 is not here"
fi
echo "1..$number"
