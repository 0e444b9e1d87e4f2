// SPDX-License-Identifier: Apache-2.0
#include "run/torch/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "run/weights/tensor.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"

// Far above what any model here needs; what a hostile file can make us take is a few MiB.
enum { MOST_STACK = 8192, MOST_MEMO = 65536, MOST_ITEMS = 1 << 18, MOST_THINGS = 16384 };

typedef enum kind {
    NOTHING, // a number with a fraction, None, a list: read, and of no use
    BOOLEAN,
    INTEGER, // number
    TEXT,    // number: where in the pickle; size
    MARK,
    GLOBAL,  // number: which
    TUPLE,   // number: first of its items; size
    DICT,    // number: which
    STORAGE, // number: which
    TENSOR,  // number: which
    KINDS,
} kind;

typedef struct value {
    uint32_t kind, size;
    int64_t number;
} value;

typedef struct list {
    void *items;
    int32_t count, capacity;
} list;

typedef struct storage {
    trm_dtype dtype;
    value key;
    int64_t elements;
} storage;

typedef struct made {
    int32_t storage, ndim;
    int64_t offset, shape[TRM_PARAM_DIMS];
} made;

typedef struct entry {
    int32_t dict;
    value key, value;
} entry;

typedef struct machine {
    const unsigned char *bytes;
    size_t size, at, start; // start: of the opcode that runs
    list stack, memo, items, storages, tensors, entries;
    int32_t dicts;
    bool stopped;
    trm_error *e;
} machine;

static bool fail(machine *m, const char *what) {
    trm_error_set(m->e, TRM_E_INPUT, "its pickle, byte %zu: %s", m->start, what);
    return false; // said here, so that the compiler sees it
}

// ---- lists --------------------------------------------------------------------------------------

// Room for one more at the end; NULL where there may be no more.
static void *append(machine *m, list *l, size_t width, int32_t most) {
    if (l->count == most) {
        fail(m, "too large for weights");
        return NULL;
    }
    l->items = trm_grow(l->items, l->count, &l->capacity, width);
    return (char *)l->items + (size_t)l->count++ * width;
}

static bool append_value(machine *m, list *l, int32_t most, value v) {
    value *out = append(m, l, sizeof v, most);
    if (out)
        *out = v;
    return out != NULL;
}

static value *values(const list *l) {
    return l->items;
}

static bool push(machine *m, kind k, int64_t number, uint32_t size) {
    return append_value(m, &m->stack, MOST_STACK, (value){k, size, number});
}

static bool pop(machine *m, value *out) {
    if (m->stack.count == 0)
        return fail(m, "nothing is on the stack");
    *out = values(&m->stack)[--m->stack.count];
    return out->kind != MARK || fail(m, "a mark where a value should be");
}

// How many values lie above the newest mark, which goes; they stay above the stack's end.
static bool pop_mark(machine *m, const value **first, int32_t *count) {
    int32_t at = m->stack.count;
    while (at > 0 && values(&m->stack)[at - 1].kind != MARK)
        at--;
    if (at == 0)
        return fail(m, "no mark is on the stack");
    *first = values(&m->stack) + at;
    *count = m->stack.count - at;
    m->stack.count = at - 1;
    return true;
}

// ---- operands -----------------------------------------------------------------------------------

static bool take(machine *m, size_t n, const unsigned char **out) {
    if (n > m->size - m->at)
        return fail(m, "cut short");
    *out = m->bytes + m->at;
    m->at += n;
    return true;
}

// A whole number of n bytes, least first.
static bool take_number(machine *m, size_t n, bool is_signed, int64_t *out) {
    const unsigned char *bytes;
    uint64_t sum = 0;
    if (!take(m, n, &bytes))
        return false;
    for (size_t i = 0; i < n; i++)
        sum |= (uint64_t)bytes[i] << 8 * i;
    if (is_signed && n > 0 && n < 8 && bytes[n - 1] & 0x80)
        sum |= ~UINT64_C(0) << 8 * n;
    memcpy(out, &sum, sizeof sum);
    return true;
}

static bool take_line(machine *m, const char **out, int *size) {
    const unsigned char *end = memchr(m->bytes + m->at, '\n', m->size - m->at);
    if (!end || end - (m->bytes + m->at) > 256)
        return fail(m, "a line that does not end");
    *out = (const char *)m->bytes + m->at;
    *size = (int)(end - (m->bytes + m->at));
    m->at += (size_t)*size + 1;
    return true;
}

static bool is_text(const machine *m, value v, const char *text) {
    size_t n = strlen(text);
    return v.kind == TEXT && v.size == n && memcmp(m->bytes + v.number, text, n) == 0;
}

// ---- globals ------------------------------------------------------------------------------------

enum { ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER, FIRST_STORAGE };

static const struct global {
    const char *module, *name;
    trm_dtype dtype; // of storages
} globals[] = {
    [ORDERED_DICT] = {"collections", "OrderedDict", 0},
    [REBUILD_TENSOR] = {"torch._utils", "_rebuild_tensor_v2", 0},
    [REBUILD_PARAMETER] = {"torch._utils", "_rebuild_parameter", 0},
    [FIRST_STORAGE] = {"torch", "FloatStorage", TRM_F32},
    {"torch", "BFloat16Storage", TRM_BF16},
    {"torch", "HalfStorage", TRM_F16},
    {"torch", "DoubleStorage", TRM_F64},
    {"torch", "LongStorage", TRM_I64},
    {"torch", "IntStorage", TRM_I32},
};

static bool op_global(machine *m, int64_t unused) {
    const char *module, *name;
    int module_size, name_size;
    (void)unused;
    if (!take_line(m, &module, &module_size) || !take_line(m, &name, &name_size))
        return false;
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
        if (strlen(globals[i].module) == (size_t)module_size &&
            strlen(globals[i].name) == (size_t)name_size &&
            memcmp(globals[i].module, module, (size_t)module_size) == 0 &&
            memcmp(globals[i].name, name, (size_t)name_size) == 0)
            return push(m, GLOBAL, (int64_t)i, 0);
    return trm_error_set(m->e, TRM_E_INPUT,
                         "its pickle wants %.*s.%.*s, and nothing but tensors is read (nothing was "
                         "run): in Python, torch.save(model.state_dict(), FILE)",
                         module_size < 60 ? module_size : 60, module,
                         name_size < 60 ? name_size : 60, name);
}

// ---- tensors ------------------------------------------------------------------------------------

static bool is_items(value v, uint32_t size) {
    return v.kind == TUPLE && v.size == size;
}

static const value *items_of(const machine *m, value tuple) {
    return values(&m->items) + tuple.number;
}

// ("storage", type, key, where it was, elements)
static bool op_persistent_id(machine *m, int64_t unused) {
    value v;
    (void)unused;
    if (!pop(m, &v))
        return false;
    const value *id = is_items(v, 5) ? items_of(m, v) : NULL;
    if (!id || !is_text(m, id[0], "storage") || id[1].kind != GLOBAL ||
        id[1].number < FIRST_STORAGE || id[2].kind != TEXT || id[4].kind != INTEGER ||
        id[4].number < 0)
        return fail(m, "a storage that is not told as PyTorch tells it");
    const storage s = {globals[id[1].number].dtype, id[2], id[4].number};
    storage *out = append(m, &m->storages, sizeof s, MOST_THINGS);
    if (!out)
        return false;
    *out = s;
    return push(m, STORAGE, m->storages.count - 1, 0);
}

// Sizes and strides of a tensor whose elements lie one behind the other; *count of them.
static bool take_shape(machine *m, made *t, value sizes, value strides, int64_t *count) {
    if (sizes.kind != TUPLE || !is_items(strides, sizes.size))
        return fail(m, "a tensor without sizes and strides");
    if (sizes.size > TRM_PARAM_DIMS)
        return fail(m, "a tensor of more than 4 dimensions");
    t->ndim = (int32_t)sizes.size;
    *count = 1;
    bool overflow = false, dense = true, empty = false;
    for (int32_t i = t->ndim - 1; i >= 0; i--) {
        const value *size = items_of(m, sizes) + i, *stride = items_of(m, strides) + i;
        if (size->kind != INTEGER || size->number < 0 || stride->kind != INTEGER)
            return fail(m, "a tensor without sizes and strides");
        dense &= size->number <= 1 || stride->number == *count;
        empty |= size->number == 0;
        t->shape[i] = size->number;
        overflow |= __builtin_mul_overflow(*count, size->number > 0 ? size->number : 1, count);
    }
    if (overflow)
        return fail(m, "a tensor whose shape overflows");
    if (empty)
        *count = 0;
    return dense || empty ||
           fail(m, "a tensor that does not lie in order: in Python, save tensor.contiguous()");
}

// (storage, offset, sizes, strides, requires_grad, hooks)
static bool rebuild_tensor(machine *m, value args) {
    const value *a = args.size == 6 ? items_of(m, args) : NULL;
    int64_t count = 0, end;
    made t = {0};
    if (!a || a[0].kind != STORAGE || a[1].kind != INTEGER || a[1].number < 0)
        return fail(m, "a tensor that is not told as PyTorch tells it");
    t.storage = (int32_t)a[0].number;
    t.offset = a[1].number;
    if (!take_shape(m, &t, a[2], a[3], &count))
        return false;
    const storage *s = (const storage *)m->storages.items + t.storage;
    if (__builtin_add_overflow(t.offset, count, &end) || end > s->elements)
        return fail(m, "a tensor that reaches beyond its storage");
    made *out = append(m, &m->tensors, sizeof t, MOST_THINGS);
    if (!out)
        return false;
    *out = t;
    return push(m, TENSOR, m->tensors.count - 1, 0);
}

static bool op_reduce(machine *m, int64_t unused) {
    value args, f;
    (void)unused;
    if (!pop(m, &args) || !pop(m, &f))
        return false;
    if (f.kind != GLOBAL || args.kind != TUPLE)
        return fail(m, "a call of something that is no function");
    if (f.number == ORDERED_DICT && args.size == 0)
        return push(m, DICT, m->dicts++, 0);
    if (f.number == REBUILD_TENSOR)
        return rebuild_tensor(m, args);
    if (f.number == REBUILD_PARAMETER && args.size >= 1 && items_of(m, args)->kind == TENSOR)
        return push(m, TENSOR, items_of(m, args)->number, 0);
    return fail(m, "a call that weights do not need");
}

// ---- the other opcodes --------------------------------------------------------------------------

static bool op_proto(machine *m, int64_t unused) {
    int64_t version;
    (void)unused;
    return take_number(m, 1, false, &version) &&
           (version == 2 || fail(m, "not of protocol 2, which torch.save writes"));
}

static bool op_int(machine *m, int64_t width) {
    int64_t x;
    return take_number(m, (size_t)width, width == 4, &x) && push(m, INTEGER, x, 0);
}

static bool op_long(machine *m, int64_t unused) {
    int64_t width, x;
    (void)unused;
    return take_number(m, 1, false, &width) && (width <= 8 || fail(m, "a number too large")) &&
           take_number(m, (size_t)width, true, &x) && push(m, INTEGER, x, 0);
}

static bool op_float(machine *m, int64_t unused) {
    const unsigned char *bytes;
    (void)unused;
    return take(m, 8, &bytes) && push(m, NOTHING, 0, 0);
}

static bool op_text(machine *m, int64_t unused) {
    int64_t size;
    const unsigned char *bytes;
    (void)unused;
    return take_number(m, 4, false, &size) && take(m, (size_t)size, &bytes) &&
           push(m, TEXT, bytes - m->bytes, (uint32_t)size);
}

static bool op_push(machine *m, int64_t what) {
    return push(m, (kind)what, 0, 0);
}

static bool op_dict(machine *m, int64_t unused) {
    (void)unused;
    return push(m, DICT, m->dicts++, 0);
}

// A tuple of n values from the top, or (n < 0) of those above the mark.
static bool op_tuple(machine *m, int64_t n) {
    const value *first;
    int32_t count = (int32_t)n;
    if (n < 0) {
        if (!pop_mark(m, &first, &count))
            return false;
    } else if (m->stack.count < n) {
        return fail(m, "nothing is on the stack");
    } else {
        m->stack.count -= count;
        first = values(&m->stack) + m->stack.count;
    }
    int32_t at = m->items.count;
    for (int32_t i = 0; i < count; i++)
        if (first[i].kind == MARK)
            return fail(m, "a mark where a value should be");
        else if (!append_value(m, &m->items, MOST_ITEMS, first[i]))
            return false;
    return push(m, TUPLE, at, (uint32_t)count);
}

static bool op_put(machine *m, int64_t width) {
    int64_t at;
    if (!take_number(m, (size_t)width, false, &at))
        return false;
    if (m->stack.count == 0 || values(&m->stack)[m->stack.count - 1].kind == MARK)
        return fail(m, "nothing is on the stack");
    const value top = values(&m->stack)[m->stack.count - 1];
    if (at > m->memo.count) // a pickler numbers them in order
        return fail(m, "its memo has holes");
    if (at == m->memo.count)
        return append_value(m, &m->memo, MOST_MEMO, top);
    values(&m->memo)[at] = top;
    return true;
}

static bool op_get(machine *m, int64_t width) {
    int64_t at;
    if (!take_number(m, (size_t)width, false, &at))
        return false;
    if (at >= m->memo.count)
        return fail(m, "it asks for what it has not kept");
    return append_value(m, &m->stack, MOST_STACK, values(&m->memo)[at]);
}

// Only what may matter is kept: weights, and dicts that may hold them.
static bool set_item(machine *m, value dict, value key, value v) {
    if (dict.kind != DICT || key.kind == MARK || v.kind == MARK)
        return fail(m, "an item that goes into no dict");
    if (key.kind != TEXT || (v.kind != TENSOR && v.kind != DICT))
        return true;
    entry *out = append(m, &m->entries, sizeof *out, MOST_THINGS);
    if (out)
        *out = (entry){(int32_t)dict.number, key, v};
    return out != NULL;
}

static bool op_set_item(machine *m, int64_t unused) {
    value key, v;
    (void)unused;
    if (!pop(m, &v) || !pop(m, &key))
        return false;
    if (m->stack.count == 0)
        return fail(m, "nothing is on the stack");
    return set_item(m, values(&m->stack)[m->stack.count - 1], key, v);
}

static bool op_set_items(machine *m, int64_t unused) {
    const value *first;
    int32_t count;
    (void)unused;
    if (!pop_mark(m, &first, &count))
        return false;
    if (count % 2 != 0 || m->stack.count == 0)
        return fail(m, "a key without a value");
    for (int32_t i = 0; i < count; i += 2)
        if (!set_item(m, values(&m->stack)[m->stack.count - 1], first[i], first[i + 1]))
            return false;
    return true;
}

// What is built upon is left as it is: attributes such as _metadata do not matter.
static bool op_build(machine *m, int64_t unused) {
    value state;
    (void)unused;
    if (!pop(m, &state))
        return false;
    return (m->stack.count > 0 && values(&m->stack)[m->stack.count - 1].kind == DICT) ||
           fail(m, "attributes of something that is no dict");
}

static bool op_append(machine *m, int64_t unused) {
    value v;
    (void)unused;
    return pop(m, &v);
}

static bool op_appends(machine *m, int64_t unused) {
    const value *first;
    int32_t count;
    (void)unused;
    return pop_mark(m, &first, &count);
}

static bool op_stop(machine *m, int64_t unused) {
    (void)unused;
    m->stopped = true;
    return true;
}

static const struct opcode {
    bool (*run)(machine *m, int64_t arg);
    int64_t arg;
} opcodes[256] = {
    [0x80] = {op_proto, 0},      ['c'] = {op_global, 0},        ['q'] = {op_put, 1},
    ['r'] = {op_put, 4},         ['h'] = {op_get, 1},           ['j'] = {op_get, 4},
    ['('] = {op_push, MARK},     [')'] = {op_tuple, 0},         ['t'] = {op_tuple, -1},
    [0x85] = {op_tuple, 1},      [0x86] = {op_tuple, 2},        [0x87] = {op_tuple, 3},
    ['}'] = {op_dict, 0},        ['X'] = {op_text, 0},          ['J'] = {op_int, 4},
    ['K'] = {op_int, 1},         ['M'] = {op_int, 2},           [0x89] = {op_push, BOOLEAN},
    [0x88] = {op_push, BOOLEAN}, ['Q'] = {op_persistent_id, 0}, ['R'] = {op_reduce, 0},
    ['s'] = {op_set_item, 0},    ['u'] = {op_set_items, 0},     ['b'] = {op_build, 0},
    ['.'] = {op_stop, 0},        [0x8a] = {op_long, 0},         ['N'] = {op_push, NOTHING},
    ['G'] = {op_float, 0},       [']'] = {op_push, NOTHING},    ['a'] = {op_append, 0},
    ['e'] = {op_appends, 0},
};

static bool run(machine *m) {
    char what[64];
    while (!m->stopped) {
        m->start = m->at;
        if (m->at == m->size)
            return fail(m, "cut short");
        const struct opcode *op = &opcodes[m->bytes[m->at++]];
        if (!op->run) {
            trm_text_format(what, sizeof what, "opcode 0x%02x, which weights do not need",
                            m->bytes[m->start]);
            return fail(m, what);
        }
        if (!op->run(m, op->arg))
            return false;
    }
    return m->at == m->size || fail(m, "something follows its end");
}

// ---- the state_dict -----------------------------------------------------------------------------

static bool name_tensor(machine *m, trm_tensor *t, value key) {
    const char *text = (const char *)m->bytes + key.number;
    if (key.size >= sizeof t->name)
        return trm_error_set(m->e, TRM_E_INPUT, "tensor \"%.60s...\": the name is too long (%d)",
                             text, TRM_TENSOR_NAME - 1);
    if (memchr(text, '\0', key.size) || trm_utf8_check(text, key.size) < key.size)
        return fail(m, "a name that is no text");
    memcpy(t->name, text, key.size);
    t->name[key.size] = '\0';
    return true;
}

static bool take_tensor(machine *m, trm_pickle_tensor *out, const entry *from) {
    const made *t = (const made *)m->tensors.items + from->value.number;
    const storage *s = (const storage *)m->storages.items + t->storage;
    *out = (trm_pickle_tensor){.storage = {(const char *)m->bytes + s->key.number, s->key.size},
                               .storage_elements = s->elements,
                               .offset = t->offset};
    out->tensor.dtype = s->dtype;
    out->tensor.ndim = t->ndim;
    memcpy(out->tensor.shape, t->shape, sizeof t->shape);
    return name_tensor(m, &out->tensor, from->key);
}

static bool take_state(machine *m, trm_pickle_state *s) {
    const entry *entries = m->entries.items;
    if (m->stack.count != 1 || values(&m->stack)->kind != DICT)
        return trm_error_set(m->e, TRM_E_INPUT,
                             "holds no dict of tensors: in Python, torch.save(model.state_dict(), "
                             "FILE)");
    int64_t dict = values(&m->stack)->number;
    s->tensors = trm_alloc((size_t)m->entries.count + 1, sizeof *s->tensors);
    for (int32_t i = 0; i < m->entries.count; i++) {
        if (entries[i].dict != dict)
            continue;
        if (entries[i].value.kind == DICT)
            return trm_error_set(m->e, TRM_E_INPUT,
                                 "its weights are in a dict of their own, \"%.*s\": in Python, "
                                 "torch.save(torch.load(FILE)[\"%.*s\"], \"weights.pt\")",
                                 (int)(entries[i].key.size < 40 ? entries[i].key.size : 40),
                                 (const char *)m->bytes + entries[i].key.number,
                                 (int)(entries[i].key.size < 40 ? entries[i].key.size : 40),
                                 (const char *)m->bytes + entries[i].key.number);
        if (!take_tensor(m, &s->tensors[s->count++], &entries[i]))
            return false;
    }
    const char *twice = trm_tensor_named_twice(s->tensors, s->count, sizeof *s->tensors);
    return !twice || trm_error_set(m->e, TRM_E_INPUT, "tensor \"%s\" appears twice", twice);
}

bool trm_pickle_read(trm_pickle_state *s, const char *bytes, size_t size, trm_error *e) {
    *s = (trm_pickle_state){0};
    machine m = {.bytes = (const unsigned char *)bytes, .size = size, .e = e};
    bool ok = run(&m) && take_state(&m, s);
    list *all[] = {&m.stack, &m.memo, &m.items, &m.storages, &m.tensors, &m.entries};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]->items);
    return ok;
}

void trm_pickle_free(trm_pickle_state *s) {
    free(s->tensors);
    *s = (trm_pickle_state){0};
}
