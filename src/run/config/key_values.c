// SPDX-License-Identifier: Apache-2.0
// What a key holds: read from a word or a text, checked, printed.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/config/keys.h"
#include "trm/base/text.h"

static void *field(const trm_config_row *k, trm_config *c) {
    return (char *)c + k->offset;
}

static const void *const_field(const trm_config_row *k, const trm_config *c) {
    return (const char *)c + k->offset;
}

static bool is_whole(const trm_config_row *k) {
    return k->type == KEY_I32 || k->type == KEY_I64;
}

bool trm_config_label_valid(const char *text, size_t size) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return text[0] != '.' && strlen(text) < size && text[strspn(text, allowed)] == '\0';
}

trm_config_value trm_config_key_read(const trm_config_row *k, const char *word) {
    trm_config_value v = {.kind = VALUE_STRING, .string = word, .word = true};
    if (k->type == KEY_BOOL && (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)) {
        v.kind = VALUE_BOOL;
        v.truth = word[0] == 't';
    } else if ((is_whole(k) || k->type == KEY_F32) && trm_text_to_f64(word, &v.number)) {
        v.kind = VALUE_NUMBER;
    } else if (k->optional && strcmp(word, "null") == 0) {
        v.kind = VALUE_NULL;
    }
    return v;
}

static void print_number(const trm_config_row *k, double x, trm_json_buffer *out) {
    char text[32];
    if (is_whole(k)) {
        trm_json_append(out, "%.0f", x);
    } else {
        trm_text_from_f64(text, x);
        trm_json_append(out, "%s", text);
    }
}

static void print_choices(const trm_config_row *k, trm_json_buffer *out) {
    for (int32_t i = 0; k->choice(i); i++)
        trm_json_append(out, "%s%s", i ? ", " : "", k->choice(i));
}

void trm_config_key_print_type(const trm_config_row *k, trm_json_buffer *out) {
    switch (k->type) {
    case KEY_LABEL:
        trm_json_append(out, "name");
        return;
    case KEY_TEXT:
        trm_json_append(out, "path");
        return;
    case KEY_CHOICE:
        print_choices(k, out);
        return;
    case KEY_BOOL:
        trm_json_append(out, "true, false");
        return;
    case KEY_I32:
    case KEY_I64:
    case KEY_F32:
        break;
    }
    print_number(k, k->min, out);
    trm_json_append(out, "..");
    print_number(k, k->max, out);
    if (k->unit)
        trm_json_append(out, " %s", k->unit);
    if (k->step > 1)
        trm_json_append(out, ", multiples of %d", (int)k->step);
    if (k->optional)
        trm_json_append(out, ", null");
}

static bool wrong_type(const trm_config_row *k, const char *expected, const trm_config_value *v,
                       trm_error *e) {
    static const char *const kinds[] = {"null",     "true or false", "a number",
                                        "a string", "an array",      "an object"};
    if (v->word)
        return trm_error_set(e, TRM_E_INPUT, "%s: expected %s, found \"%s\"", k->path, expected,
                             v->string);
    return trm_error_set(e, TRM_E_INPUT, "%s: expected %s, found %s", k->path, expected,
                         kinds[v->kind]);
}

static bool set_choice(const trm_config_row *k, trm_config *c, const char *value, trm_error *e) {
    if (trm_text_index(k->choice, value) >= 0)
        return trm_text_copy(field(k, c), k->size, value);
    const char *near = trm_text_nearest_of(k->choice, value);
    if (near)
        return trm_error_set(e, TRM_E_INPUT, "%s: unknown \"%s\" (did you mean %s?)", k->path,
                             value, near);
    trm_json_buffer list = {0};
    print_choices(k, &list);
    trm_error_set(e, TRM_E_INPUT, "%s: unknown \"%s\" (known: %s)", k->path, value, list.data);
    free(list.data);
    return false;
}

static bool out_of_range(const trm_config_row *k, double x, trm_error *e) {
    char found[32];
    trm_json_buffer range = {0};
    print_number(k, k->min, &range);
    trm_json_append(&range, "..");
    print_number(k, k->max, &range);
    trm_text_from_f64(found, x);
    trm_error_set(e, TRM_E_INPUT, "%s: %s is out of range %s", k->path,
                  isfinite(x) ? found : "a number too large to hold", range.data);
    free(range.data);
    return false;
}

static bool set_number(const trm_config_row *k, trm_config *c, double x, trm_error *e) {
    char found[32];
    if (!(x >= k->min && x <= k->max))
        return out_of_range(k, x, e);
    trm_text_from_f64(found, x);
    if (is_whole(k) && x != floor(x))
        return trm_error_set(e, TRM_E_INPUT, "%s: expected a whole number, found %s", k->path,
                             found);
    if (k->step > 1 && fmod(x, k->step) != 0)
        return trm_error_set(e, TRM_E_INPUT, "%s: expected a multiple of %d, found %s", k->path,
                             (int)k->step, found);
    if (k->type == KEY_I32)
        *(int32_t *)field(k, c) = (int32_t)x;
    else if (k->type == KEY_I64)
        *(int64_t *)field(k, c) = (int64_t)x;
    else
        *(float *)field(k, c) = (float)x;
    return true;
}

bool trm_config_key_set(const trm_config_row *k, trm_config *c, const trm_config_value *v,
                        trm_error *e) {
    switch (k->type) {
    case KEY_LABEL:
        if (v->kind != VALUE_STRING)
            return wrong_type(k, "a string", v, e);
        if (!trm_config_label_valid(v->string, k->size))
            return trm_error_set(e, TRM_E_INPUT,
                                 "%s: expected at most %d letters, digits, '.', '_' or '-' (no "
                                 "'.' first), found \"%s\"",
                                 k->path, (int)k->size - 1, v->string);
        return trm_text_copy(field(k, c), k->size, v->string);
    case KEY_TEXT:
        if (v->kind != VALUE_STRING)
            return wrong_type(k, "a string", v, e);
        if (strlen(v->string) >= k->size)
            return trm_error_set(e, TRM_E_INPUT, "%s: expected at most %d bytes, found %zu",
                                 k->path, (int)k->size - 1, strlen(v->string));
        // What stands in config.json must be read back from it.
        if (trm_utf8_check(v->string, strlen(v->string)) < strlen(v->string))
            return trm_error_set(e, TRM_E_INPUT, "%s: not UTF-8", k->path);
        return trm_text_copy(field(k, c), k->size, v->string);
    case KEY_CHOICE:
        if (v->kind != VALUE_STRING)
            return wrong_type(k, "a string", v, e);
        return set_choice(k, c, v->string, e);
    case KEY_BOOL:
        if (v->kind != VALUE_BOOL)
            return wrong_type(k, "true or false", v, e);
        *(bool *)field(k, c) = v->truth;
        return true;
    case KEY_I32:
    case KEY_I64:
    case KEY_F32:
        if (k->optional && v->kind == VALUE_NULL) {
            *(float *)field(k, c) = NAN;
            return true;
        }
        if (v->kind != VALUE_NUMBER)
            return wrong_type(k, is_whole(k) ? "a whole number" : "a number", v, e);
        return set_number(k, c, v->number, e);
    }
    return false;
}

// Reading goes through a double: a text that only a float's own reader would round right is
// written with the digits of the double instead.
static void print_float(float x, trm_json_buffer *out) {
    char text[32];
    double back;
    trm_text_from_f32(text, x);
    if (!trm_text_to_f64(text, &back) || (float)back != x)
        trm_text_from_f64(text, x);
    trm_json_append(out, "%s", text);
}

void trm_config_key_print(const trm_config_row *k, const trm_config *c, trm_json_buffer *out) {
    const void *f = const_field(k, c);
    switch (k->type) {
    case KEY_LABEL:
    case KEY_TEXT:
    case KEY_CHOICE:
        trm_json_append_string(out, f);
        return;
    case KEY_BOOL:
        trm_json_append(out, "%s", *(const bool *)f ? "true" : "false");
        return;
    case KEY_I32:
        trm_json_append(out, "%lld", (long long)*(const int32_t *)f);
        return;
    case KEY_I64:
        trm_json_append(out, "%lld", (long long)*(const int64_t *)f);
        return;
    case KEY_F32:
        print_float(*(const float *)f, out);
        return;
    }
}

bool trm_config_key_equal(const trm_config_row *k, const trm_config *a, const trm_config *b) {
    if (k->type == KEY_LABEL || k->type == KEY_TEXT || k->type == KEY_CHOICE)
        return strcmp(const_field(k, a), const_field(k, b)) == 0;
    if (k->optional && isnan(*(const float *)const_field(k, a)))
        return isnan(*(const float *)const_field(k, b));
    return memcmp(const_field(k, a), const_field(k, b), k->size) == 0;
}
