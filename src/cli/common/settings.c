// SPDX-License-Identifier: Apache-2.0
#include "cli/common/options.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "trm/base/file.h"
#include "trm/base/text.h"

enum { MOST_BYTES = 1 << 16 };

const char *const trm_display_themes[] = {"saved",
                                          [1 + TRM_THEME_DARK] = "dark",
                                          [1 + TRM_THEME_LIGHT] = "light",
                                          [1 + TRM_THEME_CONTRAST] = "contrast",
                                          [1 + TRM_THEME_BLIND] = "colour-blind",
                                          NULL};

static bool find_file(char out[PATH_MAX]) {
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config != NULL && config[0] == '/') // the standard wants relative ones ignored
        trm_text_format(out, PATH_MAX, "%s/trm/settings.json", config);
    else if (home != NULL && home[0] == '/')
        trm_text_format(out, PATH_MAX, "%s/.config/trm/settings.json", home);
    else
        return false;
    return trm_file_exists(out);
}

static bool take_theme(const cJSON *item, trm_screen_options *o) {
    for (int i = 1; cJSON_IsString(item) && trm_display_themes[i] != NULL; i++)
        if (strcmp(item->valuestring, trm_display_themes[i]) == 0) {
            o->theme = (trm_theme)(i - 1);
            return true;
        }
    return false;
}

static bool take(const cJSON *item, trm_screen_options *o) {
    const struct {
        const char *name;
        bool *field;
    } flags[] = {{"ascii", &o->ascii}, {"color", &o->color}, {"mouse", &o->mouse}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(item->string, flags[i].name) == 0 && cJSON_IsBool(item)) {
            *flags[i].field = cJSON_IsTrue(item);
            return true;
        }
    return strcmp(item->string, "theme") == 0 && take_theme(item, o);
}

static void read_file(trm_screen_options *o) {
    char path[PATH_MAX];
    char *text = NULL;
    size_t size = 0;
    trm_error e = {0};
    if (!find_file(path))
        return;
    if (!trm_file_read(path, MOST_BYTES, &text, &size, &e)) {
        fprintf(stderr, "trm: %s\n", e.message);
        return;
    }
    cJSON *all = cJSON_Parse(text);
    const cJSON *item;
    if (!cJSON_IsObject(all))
        fprintf(stderr, "trm: %s: expected a JSON object, as {\"theme\": \"light\"}\n", path);
    else
        cJSON_ArrayForEach(item, all) if (!take(item, o))
            fprintf(stderr,
                    "trm: %s: %s is not understood; theme is dark, light, contrast or "
                    "colour-blind, and ascii, color and mouse are true or false\n",
                    path, item->string);
    cJSON_Delete(all);
    free(text);
}

trm_screen_options trm_settings_screen(const trm_display *d) {
    trm_screen_options o = {.color = true, .mouse = true};
    read_file(&o);
    o.ascii = o.ascii || d->ascii;
    o.color = o.color && trm_options_color(d->no_color);
    o.mouse = o.mouse && !d->no_mouse;
    o.record = d->record;
    if (d->theme > 0)
        o.theme = (trm_theme)(d->theme - 1);
    return o;
}
