// SPDX-License-Identifier: Apache-2.0
#include "run/rundir/lines.h"

#include "run/json.h"

#include <string.h>

bool trm_metrics_line_next(FILE *in, trm_metrics_line *l) {
    int c;
    l->length = 0;
    while ((c = getc_unlocked(in)) != EOF) {
        l->end++;
        if (c == '\n') {
            l->text[l->length < METRICS_LINE ? l->length : METRICS_LINE] = '\0';
            return true;
        }
        if (l->length < METRICS_LINE)
            l->text[l->length++] = (char)c;
        else
            l->length = METRICS_LINE + 1;
    }
    return false;
}

cJSON *trm_metrics_line_parse(const trm_metrics_line *l) {
    const char *end;
    if (l->length > METRICS_LINE || memchr(l->text, '\0', l->length))
        return NULL;
    cJSON *root = trm_json_parse(l->text, l->length + 1, &end, true);
    if (cJSON_IsObject(root))
        return root;
    cJSON_Delete(root);
    return NULL;
}
