// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/play.h"

#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/common/environment.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "cli/play/puzzle.h"
#include "run/rundir/files.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/assets.h"
#include "trm/run/checkpoint.h"

typedef struct play_options {
    const char *model, *puzzle;
    bool race;
    trm_display display;
} play_options;

static const trm_option options[] = {
    TRM_TEXT(play_options, model, "--model", "MODEL", "the model to ask and to race",
             "the one trained in RUN, or a bundled one for such boards"),
    TRM_TEXT(play_options, puzzle, "--puzzle", "PUZZLE",
             "play this sudoku or maze: its text (digits and dots; # and spaces with S and G), a "
             "file, or - for standard input",
             NULL),
    TRM_FLAG(play_options, race, "--race",
             "start a race: the model plays the same board beside you"),
    TRM_SHARED_DISPLAY(play_options),
    {0},
};

typedef struct table {
    trm_config config;  // of the board …
    trm_config trained; // … and of the model
    trm_env_config board;
    trm_env *env;
    trm_model *model;
    trm_dataset_source *boards; // NULL: those of the environment
    char model_path[RUN_PATH];  // "" where there is none
    trm_own_board own;          // a board of one's own …
    char *start;                // … and the state that begins with it
} table;

// Names of boards: environments, then presets.
static const char *name_at(const void *ctx, size_t i) {
    const size_t *environments = ctx;
    return i < *environments ? trm_env_name((int32_t)i)
                             : trm_preset_name((int32_t)(i - *environments));
}

static size_t count_names(const char *(*name)(int32_t i)) {
    size_t n = 0;
    while (name((int32_t)n) != NULL)
        n++;
    return n;
}

static bool is_environment(const char *word) {
    return trm_text_index(trm_env_name, word) >= 0;
}

static bool refuse_word(const char *word, trm_error *e) {
    size_t environments = count_names(trm_env_name);
    const char *near =
        trm_text_nearest(word, name_at, &environments, environments + count_names(trm_preset_name));
    return trm_error_set(e, TRM_E_INPUT, "there is no board called %s%s%s%s", word,
                         near != NULL ? "; did you mean " : " (`trm presets` lists presets)",
                         near != NULL ? near : "", near != NULL ? "?" : "");
}

// An environment by its name: of its usual size, or as the first preset has it that trains in it.
static void take_environment(trm_config *c, const char *name) {
    const int32_t usual = trm_env_usual_size(name);
    *c = trm_config_default();
    c->env.size = usual > 0 ? usual : c->env.size;
    for (int32_t i = 0; usual == 0 && trm_preset_name(i) != NULL; i++) {
        trm_config preset;
        trm_error e;
        if (trm_config_preset(&preset, trm_preset_name(i), &e) &&
            strcmp(preset.env.type, name) == 0 && !trm_config_supervised(&preset)) {
            c->env = preset.env;
            return;
        }
    }
    trm_text_copy(c->env.type, sizeof c->env.type, name);
}

// A preset by the name that it is listed with: "maze" is the environment.
static bool is_preset(const char *word) {
    return trm_text_index(trm_preset_name, word) >= 0;
}

// A model, a bundled one or a file, names the board that it plays on.
static bool is_model(const char *word) {
    return !trm_preset_exists(word) && !is_environment(word) && trm_model_named(word);
}

static bool has_own(const table *t) {
    return t->own.side > 0 || t->own.maze.geometry.rows > 0;
}

static bool choose(table *t, const char *word, bool has_model, trm_error *e) {
    trm_config *c = &t->config;
    word = word != NULL ? word : t->own.side > 0 ? "sudoku" : "maze";
    if (is_model(word)) {
        trm_model *model = trm_checkpoint_model(word, NULL, 0, c, e);
        trm_model_free(model);
        if (t->own.maze.geometry.rows > 0 && strcmp(c->env.type, "maze") == 0)
            trm_own_board_fit(&t->own, &c->env);
        return model != NULL;
    }
    bool path = strchr(word, '/') != NULL || trm_file_exists(word);
    // A model that was named was trained on the preset's board, perhaps by its old name.
    bool preset = is_preset(word) || (has_model && trm_preset_exists(word));
    if (!path && !preset && !is_environment(word))
        return refuse_word(word, e);
    if (path)
        return trm_config_load(c, word, e);
    if (!preset)
        take_environment(c, word);
    else if (!trm_config_load(c, word, e))
        return false;
    const bool same = t->own.side > 0 ? strcmp(c->env.type, "sudoku") == 0
                                      : strncmp(c->env.type, "maze", strlen("maze")) == 0;
    if (has_own(t) && same && !trm_config_supervised(c)) // the board is what counts
        trm_own_board_fit(&t->own, &c->env);
    return true;
}

static bool load_config(table *t, const char *word, const trm_words *words, bool has_model,
                        trm_error *e) {
    trm_config *c = &t->config;
    if (!choose(t, word, has_model, e))
        return false;
    if (!trm_config_override_all(c, words->overrides, words->override_count, e))
        return false;
    return trm_config_board(c, &t->board, e) || trm_error_prefix(e, "%s", word);
}

// The model, and the board as it knows it. On walled mazes it is loaded for their size: where cells
// see their neighbours alone, any will do.
static bool load_model(table *t, const char *path, const trm_words *words, trm_error *e) {
    char size[32], width[32];
    char **own = trm_alloc((size_t)words->override_count + 2, sizeof *own);
    int n = 0;
    const bool walled = strcmp(t->board.type, "maze") == 0;
    if (walled) {
        trm_text_format(size, sizeof size, "env.size=%d", t->board.size);
        trm_text_format(width, sizeof width, "env.width=%d", t->board.width);
        own[n++] = size;
        own[n++] = width;
    }
    for (int i = 0; i < words->override_count; i++)
        if (strncmp(words->overrides[i], "model.", 6) == 0 ||
            (walled && strncmp(words->overrides[i], "env.", 4) == 0))
            own[n++] = words->overrides[i];
    t->model = trm_checkpoint_model(path, own, n, &t->trained, e);
    free(own);
    if (t->model != NULL)
        t->env = trm_environment_shared(path, t->model, &t->trained, &t->board, e);
    trm_text_copy(t->model_path, sizeof t->model_path, path);
    return t->env != NULL;
}

// Without words the board is the model's.
static bool load_model_alone(table *t, const char *path, const trm_words *words, trm_error *e) {
    t->model = trm_checkpoint_model(path, words->overrides, words->override_count, &t->config, e);
    if (t->model != NULL) {
        t->trained = t->config;
        t->env = trm_environment_played(path, t->model, &t->config, e);
    }
    trm_text_copy(t->model_path, sizeof t->model_path, path);
    return t->env != NULL;
}

// A model that answers mazes is at home on those of its data set.
static bool has_boards(const trm_config *c) {
    trm_dataset shape;
    const trm_dataset_config data = trm_config_data(c);
    return trm_config_supervised(c) && trm_dataset_shape(&data, &shape, NULL) &&
           trm_dataset_is_maze(&shape);
}

// The board that the model of that name plays on, if it is of the type.
static bool board_of(const char *name, const char *type, trm_env_config *own) {
    trm_error e;
    trm_config c;
    trm_model *model = trm_checkpoint_model(name, NULL, 0, &c, &e);
    bool ok = model != NULL && trm_config_board(&c, own, &e) && !has_boards(&c) &&
              strcmp(own->type, type) == 0;
    trm_model_free(model);
    return ok;
}

// The first bundled model by name that plays on such boards; for walled mazes of another size that
// of the largest. False: there is none.
static bool load_shipped(table *t, const trm_words *words) {
    char(*names)[TRM_MODEL_ASSET_NAME] = trm_alloc(TRM_MODEL_ASSETS, sizeof *names);
    const int32_t n = trm_model_asset_names(names);
    int32_t same = -1, largest = -1, size = 0;
    trm_error e;
    for (int32_t i = 0; i < n && same < 0; i++) {
        trm_env_config own;
        if (!board_of(names[i], t->board.type, &own))
            continue;
        if (own.size == t->board.size && own.width == t->board.width)
            same = i;
        if (own.size > size) {
            largest = i;
            size = own.size;
        }
    }
    const bool any = strcmp(t->board.type, "maze") == 0 && t->board.size <= size;
    const int32_t i = same < 0 && any ? largest : same;
    const bool found = i >= 0 && load_model(t, names[i], words, &e);
    free(names);
    return found;
}

static bool has_checkpoint(const char *folder) {
    char path[RUN_PATH];
    return trm_file_is_folder(folder) && trm_files_join(path, folder, RUN_CHECKPOINT, NULL) &&
           trm_file_exists(path);
}

static bool load(table *t, const trm_words *words, const play_options *o, trm_error *e) {
    const char *word = words->plain_count > 0 ? words->plain[0] : NULL;
    const char *path = o->model;
    if (word == NULL && o->model != NULL)
        return load_model_alone(t, o->model, words, e);
    if (!load_config(t, word, words, o->model != NULL, e))
        return false;
    if (path == NULL && word != NULL && (has_checkpoint(word) || is_model(word)))
        path = word; // a run is played against what it has trained
    if (path != NULL)
        return load_model(t, path, words, e);
    if (load_shipped(t, words))
        return true;
    t->env = trm_env_new(&t->board, e);
    return t->env != NULL &&
           (!o->race || trm_error_set(e, TRM_E_INPUT, "--race needs a model: add --model MODEL"));
}

static bool load_boards(table *t, trm_error *e) {
    const trm_dataset_config data = trm_config_data(&t->trained);
    if (t->model == NULL || has_own(t) || !has_boards(&t->trained))
        return true;
    t->boards = trm_dataset_open(&data, e);
    return t->boards != NULL;
}

static bool load_puzzle(table *t, trm_error *e) {
    if (!has_own(t))
        return load_boards(t, e);
    t->start = trm_alloc(1, trm_env_state_size(t->env));
    return trm_own_board_set(&t->own, "--puzzle", t->env, t->start, e);
}

static bool check_words(const table *t, const trm_words *words, trm_error *e) {
    if (has_own(t) && trm_config_words_set(words->overrides, words->override_count, "seed"))
        return trm_error_set(e, TRM_E_INPUT,
                             "seed has no effect: it chooses a board, and --puzzle names one; "
                             "leave one of them out");
    const trm_config_asked asked[] = {{&t->config, TRM_USE_BOARD}, {&t->trained, TRM_USE_MODEL}};
    return trm_config_check_words(asked, t->model != NULL ? 2 : 1, words->overrides,
                                  words->override_count, e);
}

static bool load_all(table *t, const trm_words *words, const play_options *o, trm_error *e) {
    return (o->puzzle == NULL || trm_own_board_read("--puzzle", o->puzzle, &t->own, e)) &&
           load(t, words, o, e) && check_words(t, words, e) && load_puzzle(t, e);
}

// ---- a choice -----------------------------------------------------------------------------------

static bool can_be_played(const char *name) {
    trm_config c;
    trm_error e;
    trm_model *model = trm_checkpoint_model(name, NULL, 0, &c, &e);
    trm_env *env = model != NULL ? trm_environment_for(name, model, &c, &e) : NULL;
    const bool ok = env != NULL;
    trm_env_free(env);
    trm_model_free(model);
    return ok;
}

enum { BOARD_NAME = TRM_MODEL_ASSET_NAME + 2 };

// Asks which of the bundled models' boards it is to be. False: none was chosen.
static bool choose_board(char chosen[BOARD_NAME]) {
    char(*names)[TRM_MODEL_ASSET_NAME] = trm_alloc(TRM_MODEL_ASSETS, sizeof *names);
    char line[BOARD_NAME] = "";
    int32_t n = 0;
    const int32_t all = trm_model_asset_names(names);
    for (int32_t i = 0; i < all; i++)
        if (can_be_played(names[i]))
            memmove(names[n++], names[i], sizeof *names);
    for (int32_t i = 0; i < n; i++)
        printf("  %d  %s\n", (int)i + 1, names[i]);
    if (n > 0)
        printf("Which board, by number or name (Enter: %s)? ", names[n - 1]);
    fflush(stdout);
    chosen[0] = '\0';
    if (n > 0 && fgets(line, sizeof line, stdin) != NULL) {
        int64_t number = n;
        line[strcspn(line, "\n")] = '\0';
        const bool counted = line[0] == '\0' || trm_text_to_i64(line, &number);
        if (!counted)
            trm_text_copy(chosen, BOARD_NAME, line);
        else if (number >= 1 && number <= n)
            trm_text_copy(chosen, BOARD_NAME, names[number - 1]);
    }
    free(names);
    return chosen[0] != '\0';
}

static int show(const trm_words *words, const play_options *o) {
    trm_error e = {0};
    table t = {0};
    int status = TRM_EXIT_DONE;
    if (!load_all(&t, words, o, &e) || !trm_options_terminal(&trm_command_play, &e)) {
        status = trm_report_input_error(&e);
    } else {
        const trm_play_options view = {.env = t.env,
                                       .model = t.model,
                                       .model_name = t.model_path,
                                       .config = t.model ? &t.trained : NULL,
                                       .boards = t.boards,
                                       .board = t.config.seed,
                                       .start = t.start,
                                       .race = o->race,
                                       TRM_DISPLAY_FIELDS(o->display)};
        if (!trm_play_run(&view, &e))
            status = trm_report_error(&e);
    }
    free(t.start);
    trm_dataset_close(t.boards);
    trm_model_free(t.model);
    trm_env_free(t.env);
    return status;
}

static int run(const trm_words *words, void *given) {
    const play_options *o = given;
    trm_error e;
    if (words->plain_count > 0 || words->override_count > 0 || o->model != NULL ||
        o->puzzle != NULL || !trm_screens_possible(&e))
        return show(words, o);
    char name[BOARD_NAME], *board = name;
    if (!choose_board(name))
        return trm_report_usage("no board was chosen; `trm play BOARD` plays one, `trm models` "
                                "lists some");
    const trm_words chosen = {.plain = &board, .plain_count = 1};
    return show(&chosen, o);
}

const trm_command trm_command_play = {
    .name = "play",
    .summary = "play a board by hand, with a model to ask and to race",
    .words = "[ENV|PRESET|CONFIG|RUN|MODEL]",
    .about =
        "Opens a board to play by hand, by the rules of training: every move is a step of the "
        "environment, with its reward. Without a word you are asked which. seed=S chooses the "
        "board; equal numbers are equal boards. You can undo, pencil in marks, and ask for hints "
        "or for what the model would do; ? shows the keys. At the end you see your result beside "
        "the model's and "
        "the optimum. The best results are kept in the state folder, in scores.json.",
    .examples = (const char *const[]){"trm play maze --model runs/maze-3 --race",
                                      "trm play sudoku9 --race", "trm play sudoku-medium seed=7",
                                      "trm play sudoku-easy --puzzle 12..3412214343.1", NULL},
    .options = options,
    .options_size = sizeof(play_options),
    .words_max = 1,
    .overrides = true,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};
