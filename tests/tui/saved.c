// SPDX-License-Identifier: Apache-2.0
#include "saved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CTRL_U "\x15"

bool saved_line_with(screen *s, const char *text, char line[SCREEN_LINE]) {
    for (int row = 0; row < screen_rows(s); row++) {
        screen_line(s, row, line);
        if (strstr(line, text) != NULL)
            return true;
    }
    return false;
}

outcome saved_probe(const char *dir, screen *s, const char *folder, const char *more) {
    char text[64], line[SCREEN_LINE], model[64], file[64];
    screen_keys(s, "s");
    SEE(s, "for trm probe to the new directory");
    snprintf(text, sizeof text, CTRL_U "%s\r", folder);
    screen_keys(s, text);
    snprintf(text, sizeof text, "trm probe %s/", folder);
    SEE(s, text);
    assert_true(saved_line_with(s, text, line));
    snprintf(model, sizeof model, "%s/model.safetensors", folder);
    snprintf(file, sizeof file, "%s/state.json", folder);
    const char *args[16] = {"probe", model, "--state", file, "--json"};
    int n = 5;
    // Words after the state's file, up to the gap before the keys.
    char *at = strstr(line, "state.json") + strlen("state.json");
    char *end = strstr(at, "   ");
    if (end != NULL)
        *end = '\0';
    for (char *word = strtok(at, " "); word != NULL && n < 14; word = strtok(NULL, " "))
        args[n++] = word;
    args[n] = more;
    outcome o = process_run(dir, NULL, args);
    if (o.status != 0)
        fail_msg("%s", o.err);
    return o;
}
