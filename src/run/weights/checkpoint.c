// SPDX-License-Identifier: Apache-2.0
#include "trm/run/checkpoint.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/config/keys.h"
#include "run/weights/checkpoint_parts.h"
#include "run/weights/safetensors_header.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/safetensors.h"

#define FORMAT "trm-checkpoint-1"

// ---- saving -------------------------------------------------------------------------------------

// The course's own list, malloc'd.
static trm_tensor *list_tensors(trm_course *course, int32_t *count) {
    *count = trm_course_tensors(course, NULL, 0);
    trm_tensor *tensors = trm_alloc((size_t)*count + 1, sizeof *tensors);
    int32_t again = trm_course_tensors(course, tensors, *count);
    assert(again == *count);
    (void)again;
    return tensors;
}

char *trm_checkpoint_print(const trm_tensor *tensors, int32_t count, const trm_config *c,
                           size_t *size) {
    trm_config saved = *c;
    // What changes no result must change no byte.
    saved.train.threads = trm_train_config_default().threads;
    saved.record_mib = trm_config_default().record_mib;
    char *config = trm_config_print(&saved);
    char keys[][8] = {"format", "config"}, format[] = FORMAT;
    const struct trm_metadata metadata[] = {{keys[0], format}, {keys[1], config}};
    char *bytes = trm_safetensors_print(tensors, count, metadata, 2, size);
    free(config);
    return bytes;
}

static bool write_tensors(const char *path, const trm_tensor *tensors, int32_t count,
                          const trm_config *c, trm_error *e) {
    size_t size;
    char *bytes = trm_checkpoint_print(tensors, count, c, &size);
    bool ok = trm_file_write(path, bytes, size, e);
    free(bytes);
    return ok;
}

bool trm_checkpoint_save(const char *path, trm_course *course, const trm_config *c, trm_error *e) {
    int32_t count;
    trm_tensor *tensors = list_tensors(course, &count);
    bool ok = write_tensors(path, tensors, count, c, e);
    free(tensors);
    return ok;
}

trm_tensor *trm_checkpoint_parameters(const trm_params *p, float *slab) {
    trm_tensor *tensors = trm_alloc((size_t)p->count + 1, sizeof *tensors);
    for (int32_t i = 0; i < p->count; i++) {
        trm_tensor *t = &tensors[i];
        trm_text_copy(t->name, sizeof t->name, p->items[i].name);
        t->dtype = TRM_F32;
        t->ndim = p->items[i].ndim;
        for (int32_t d = 0; d < t->ndim; d++)
            t->shape[d] = p->items[i].shape[d];
        t->data = trm_params_at(p, slab, i);
    }
    return tensors;
}

bool trm_checkpoint_export(const char *path, const trm_model *m, const trm_config *c,
                           trm_error *e) {
    const trm_params *p = trm_model_params_const(m);
    trm_tensor *weights = trm_checkpoint_parameters(p, p->values);
    trm_config portable = *c;
    trm_config_leave_paths_out(&portable);
    bool ok = write_tensors(path, weights, p->count, &portable, e);
    free(weights);
    return ok;
}

// ---- checks -------------------------------------------------------------------------------------

static void print_shape(char *out, size_t size, const trm_tensor *t) {
    size_t n = trm_text_format(out, size, "[");
    for (int32_t i = 0; i < t->ndim; i++)
        n += trm_text_format(out + n, size - n, "%s%lld", i ? ", " : "", (long long)t->shape[i]);
    trm_text_format(out + n, size - n, "]");
}

static bool same_form(const trm_tensor *found, const trm_tensor *wanted, trm_error *e) {
    char have[128], want[128];
    bool same = found->ndim == wanted->ndim;
    for (int32_t i = 0; same && i < wanted->ndim; i++)
        same = found->shape[i] == wanted->shape[i];
    if (found->dtype != wanted->dtype)
        return trm_error_set(e, TRM_E_INPUT, "tensor %s: %s found, %s expected", wanted->name,
                             trm_header_dtype_name(found->dtype),
                             trm_header_dtype_name(wanted->dtype));
    if (same)
        return true;
    print_shape(have, sizeof have, found);
    print_shape(want, sizeof want, wanted);
    return trm_error_set(e, TRM_E_INPUT, "tensor %s: shape %s found, %s expected", wanted->name,
                         have, want);
}

static bool all_finite(const trm_tensor *t, trm_error *e) {
    int64_t n = trm_tensor_count(t);
    for (int64_t i = 0; i < n; i++) {
        bool finite = t->dtype == TRM_F32   ? isfinite(((const float *)t->data)[i])
                      : t->dtype == TRM_F64 ? isfinite(((const double *)t->data)[i])
                                            : true;
        if (!finite)
            return trm_error_set(
                e, TRM_E_INPUT,
                "tensor %s: element %lld is not a finite number: take an earlier checkpoint",
                t->name, (long long)i);
    }
    return true;
}

bool trm_checkpoint_resumes(const char *name) {
    return strncmp(name, "optim.", 6) == 0 || strncmp(name, "state.", 6) == 0;
}

bool trm_checkpoint_copy(const trm_safetensors *s, const trm_tensor *wanted, int32_t count,
                         bool strict, trm_error *e) {
    for (int32_t i = 0; i < count; i++) {
        const trm_tensor *found = trm_safetensors_find(s, wanted[i].name);
        if (!found)
            return trm_error_set(e, TRM_E_INPUT, "tensor %s is missing", wanted[i].name);
        if (!same_form(found, &wanted[i], e))
            return false;
        if (strncmp(found->name, "state.", 6) != 0 && !all_finite(found, e))
            return false;
    }
    for (int32_t i = 0; i < s->count; i++) {
        const char *name = s->tensors[i].name;
        bool known = !strict && trm_checkpoint_resumes(name);
        for (int32_t j = 0; j < count && !known; j++)
            known = strcmp(wanted[j].name, name) == 0;
        if (!known)
            return trm_error_set(e, TRM_E_INPUT, "tensor %s is unexpected", name);
    }
    for (int32_t i = 0; i < count; i++) {
        const trm_tensor *found = trm_safetensors_find(s, wanted[i].name);
        size_t size = trm_tensor_bytes(found);
        if (size)
            memcpy(wanted[i].data, found->data, size);
    }
    return true;
}

bool trm_checkpoint_same_keys(const trm_config *have, const trm_config *want, const char *section,
                              const char *format, trm_error *e) {
    const trm_config_row *k;
    size_t length = strlen(section);
    for (size_t i = 0; (k = trm_config_row_at(i)); i++) {
        if (strncmp(k->path, section, length) != 0 || trm_config_key_equal(k, have, want))
            continue;
        trm_json_buffer a = {0}, b = {0};
        trm_config_key_print(k, have, &a);
        trm_config_key_print(k, want, &b);
        trm_error_set(e, TRM_E_INPUT, "%s: %s %s, %s expected", k->path, a.data, format, b.data);
        free(a.data);
        free(b.data);
        return false;
    }
    return true;
}

bool trm_checkpoint_is(const trm_safetensors *s, bool *ok, trm_error *e) {
    const char *format = trm_safetensors_meta(s, "format");
    *ok = true;
    if (!format || strncmp(format, "trm-checkpoint", strlen("trm-checkpoint")) != 0)
        return false;
    if (strcmp(format, FORMAT) != 0)
        *ok = trm_error_set(e, TRM_E_INPUT,
                            "format %.40s, only %s can be read: another version of trm wrote it",
                            format, FORMAT);
    else if (!trm_safetensors_meta(s, "config"))
        *ok = trm_error_set(e, TRM_E_INPUT,
                            "its metadata has no config: it is not a checkpoint of trm");
    return true;
}

// ---- restoring ----------------------------------------------------------------------------------

static bool read_back(const trm_safetensors *s, const trm_config *mine, const trm_tensor *wanted,
                      int32_t count, trm_error *e) {
    bool ok;
    trm_config saved = trm_config_default();
    if (!trm_checkpoint_is(s, &ok, e))
        return trm_error_set(e, TRM_E_INPUT,
                             "bare weights, without the state of a training: start one from them "
                             "with train.from=FILE");
    return ok && trm_config_parse(&saved, "config", trm_safetensors_meta(s, "config"), e) &&
           trm_checkpoint_same_keys(&saved, mine, "env.", "in the checkpoint", e) &&
           trm_checkpoint_same_keys(&saved, mine, "data.", "in the checkpoint", e) &&
           trm_checkpoint_same_keys(&saved, mine, "model.", "in the checkpoint", e) &&
           trm_checkpoint_copy(s, wanted, count, true, e);
}

bool trm_checkpoint_fill_model(const trm_safetensors *s, trm_course *course, const trm_config *c,
                               trm_error *e) {
    int32_t count;
    trm_tensor *wanted = list_tensors(course, &count);
    bool ok = read_back(s, c, wanted, count, e);
    free(wanted);
    return ok && trm_course_restored(course, e);
}

bool trm_checkpoint_restore(const char *path, trm_course *course, const trm_config *c,
                            trm_error *e) {
    trm_safetensors s;
    if (!trm_safetensors_read(&s, path, e))
        return false;
    bool ok = trm_checkpoint_fill_model(&s, course, c, e) || trm_error_prefix(e, "%s", path);
    trm_safetensors_free(&s);
    return ok;
}
