// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/run/assets.h"
#include "trm/run/checkpoint.h"

typedef struct models_options {
    bool json;
} models_options;

static const trm_option options[] = {
    TRM_SHARED_JSON(models_options),
    {0},
};

typedef struct model_row {
    char name[TRM_MODEL_ASSET_NAME], board[32], type[32], score[TRM_MODEL_CARD_TEXT];
    int64_t parameters;
} model_row;

// "sudoku 9x9", "maze 11x11", "open field 5x5".
static bool name_board(const trm_config *c, char *out, size_t size, trm_error *e) {
    trm_env_config board;
    trm_dataset set;
    if (trm_config_supervised(c)) {
        if (!trm_dataset_shape(&c->data, &set, e))
            return false;
        trm_text_format(out, size, "%s %dx%d", trm_dataset_is_sudoku(&set) ? "sudoku" : "maze",
                        set.geometry.rows, set.geometry.cols);
        return true;
    }
    if (!trm_config_board(c, &board, e))
        return false;
    const bool open = strcmp(board.type, "maze-open") == 0 || strcmp(board.type, "maze-plain") == 0;
    trm_text_format(out, size, "%s %dx%d", open ? "open field" : board.type, board.size,
                    board.width > 0 ? board.width : board.size);
    return true;
}

static bool read_row(const char *name, model_row *out, trm_error *e) {
    trm_config c;
    trm_model *m = trm_checkpoint_model(name, NULL, 0, &c, e);
    if (m == NULL)
        return false;
    trm_text_copy(out->name, sizeof out->name, name);
    trm_text_copy(out->type, sizeof out->type, c.model.type);
    out->parameters = trm_model_params_const(m)->total;
    trm_model_free(m);
    if (!trm_model_asset_card(name, "score", out->score))
        trm_text_format(out->score, sizeof out->score, "see %s.md beside it", name);
    return name_board(&c, out->board, sizeof out->board, e);
}

static void print_json(const model_row *rows, int32_t n) {
    for (int32_t i = 0; i < n; i++) {
        fputs(i == 0 ? "[{" : ",\n {", stdout);
        trm_json_text_member(stdout, true, "name", rows[i].name);
        trm_json_text_member(stdout, false, "board", rows[i].board);
        trm_json_text_member(stdout, false, "model", rows[i].type);
        trm_json_member(stdout, false, "parameters", (double)rows[i].parameters);
        trm_json_text_member(stdout, false, "score", rows[i].score);
        putchar('}');
    }
    puts(n > 0 ? "]" : "[]");
}

static void print_list(const model_row *rows, int32_t n) {
    int width = (int)strlen("name"), board = (int)strlen("board");
    for (int32_t i = 0; i < n; i++) {
        width = (int)strlen(rows[i].name) > width ? (int)strlen(rows[i].name) : width;
        board = (int)strlen(rows[i].board) > board ? (int)strlen(rows[i].board) : board;
    }
    printf("%-*s  %-*s  %-9s %10s  %s\n", width, "name", board, "board", "model", "parameters",
           "score");
    for (int32_t i = 0; i < n; i++) {
        char count[32];
        printf("%-*s  %-*s  %-9s %10s  %s\n", width, rows[i].name, board, rows[i].board,
               rows[i].type, trm_text_thousands(count, rows[i].parameters), rows[i].score);
    }
    if (n > 0)
        printf("\n`trm watch %s` shows one at work, `trm play %s` plays its boards with it.\n",
               rows[n - 1].name, rows[n - 1].name);
}

static bool matches(const model_row *x, const trm_words *words) {
    for (int i = 0; i < words->plain_count; i++)
        if (!strcasestr(x->name, words->plain[i]) && !strcasestr(x->board, words->plain[i]) &&
            !strcasestr(x->type, words->plain[i]))
            return false;
    return true;
}

static int run(const trm_words *words, void *given) {
    const models_options *o = given;
    char(*names)[TRM_MODEL_ASSET_NAME] = trm_alloc(TRM_MODEL_ASSETS, sizeof *names);
    model_row *rows = trm_alloc(TRM_MODEL_ASSETS, sizeof *rows);
    trm_error e = {0};
    int status = TRM_EXIT_DONE;
    const int32_t all = trm_model_asset_names(names);
    int32_t n = 0;
    for (int32_t i = 0; i < all && status == TRM_EXIT_DONE; i++)
        if (!read_row(names[i], &rows[n], &e))
            status = trm_report_error(&e);
        else
            n += matches(&rows[n], words);
    if (all == 0)
        status = trm_report_usage("no models are beside this program: install it whole, or run it "
                                  "from its source tree");
    else if (status == TRM_EXIT_DONE && n == 0 && !o->json)
        status = trm_report_usage("no bundled model has all of these words; `trm models` lists "
                                  "them all");
    else if (status == TRM_EXIT_DONE)
        (o->json ? print_json : print_list)(rows, n);
    free(rows);
    free(names);
    return trm_report_finish(status);
}

const trm_command trm_command_models = {
    .name = "models",
    .summary = "list the bundled models: board, size, score",
    .words = "[WORD...]",
    .about = "Lists the trained models that come with the program, or those with all the WORDs in "
             "name, board or architecture: the board each was trained for, "
             "its architecture, how many parameters it has, and how well it does on boards it has "
             "never seen. The scores are from the models' cards, NAME.md beside the weights, which "
             "say how each was measured. A name stands wherever a MODEL does.",
    .examples = (const char *const[]){"trm models", "trm models sudoku", "trm watch maze11",
                                      "trm eval sudoku9", NULL},
    .options = options,
    .options_size = sizeof(models_options),
    .words_max = 8,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};
