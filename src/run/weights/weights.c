// SPDX-License-Identifier: Apache-2.0
#include "trm/run/weights.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "run/torch/torch.h"
#include "trm/base/text.h"

enum { HEAD = 512, LONGEST = 1 << 30 };

// ---- what a file is -----------------------------------------------------------------------------

#define INSTEAD "take the PyTorch or safetensors file instead"
static const char onnx[] = "ONNX: " INSTEAD;

// What starts like this is no weights that can be read. Zero bytes count.
static const struct other {
    const char *start;
    size_t size;
    const char *what; // and what to do
} others[] = {
    {"version https://git-lfs", 23, "a pointer of Git LFS and not the file itself: `git lfs pull`"},
    {"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9", 9,
     "a PyTorch file of the form before 1.6: in Python, torch.save(torch.load(FILE), \"new.pt\")"},
    {"\x80", 1,
     "a pickle, which could run anything: in Python, torch.save(model.state_dict(), FILE)"},
    {"\x1f\x8b", 2, "packed by gzip: `gunzip` it first"},
    {"\x28\xb5\x2f\xfd", 4, "packed by zstd: `unzstd` it first"},
    {"\xfd"
     "7zXZ",
     5, "packed by xz: `unxz` it first"},
    {"BZh", 3, "packed by bzip2: `bunzip2` it first"},
    {"7z\xbc\xaf", 4, "packed by 7-Zip: `7z x` it first"},
    {"GGUF", 4, "GGUF, which holds language models: " INSTEAD},
    {"\x89HDF", 4, "HDF5 (Keras): " INSTEAD},
    {"\x93NUMPY", 6, "an array of NumPy, not weights with names: " INSTEAD},
    {"\x08\x03\x12", 3, onnx},
    {"\x08\x04\x12", 3, onnx},
    {"\x08\x06\x12", 3, onnx},
    {"\x08\x07\x12", 3, onnx},
    {"\x08\x08\x12", 3, onnx},
    {"\x08\x09\x12", 3, onnx},
    {"\x08\x0a\x12", 3, onnx},
};

static const char *web_page(const char *head, size_t size) {
    static const char *const starts[] = {"<!doctype", "<html", "<head", "<?xml"};
    while (size > 0 && strchr(" \t\r\n", *head) && *head)
        head++, size--;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (size >= strlen(starts[i]) && strncasecmp(head, starts[i], strlen(starts[i])) == 0)
            return "a web page and not the file itself: download it by its \"raw\" or \"resolve\" "
                   "address";
    return NULL;
}

// The length of a header, and the header: the length may look like the start of anything.
static bool is_safetensors(const char *head, size_t size) {
    static const char zeros[4] = "";
    return size > 8 && memcmp(head + 4, zeros, sizeof zeros) == 0 && head[8] &&
           strchr("{ \t\r\n", head[8]);
}

static const char *what_else(const char *head, size_t size) {
    if (is_safetensors(head, size))
        return NULL;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (size >= others[i].size && memcmp(head, others[i].start, others[i].size) == 0)
            return others[i].what;
    if (size >= 262 && memcmp(head + 257, "ustar", 5) == 0)
        return "a tar archive: `tar xf` it first";
    return web_page(head, size);
}

static bool is_zip(const char *head, size_t size) {
    return size >= 4 && head[0] == 'P' && head[1] == 'K' && (head[2] == 3 || head[2] == 5);
}

// ---- reading ------------------------------------------------------------------------------------

bool trm_weights_parse(trm_safetensors *s, const char *name, const void *bytes, size_t size,
                       trm_error *e) {
    *s = (trm_safetensors){0};
    if (is_zip(bytes, size))
        return trm_torch_parse(s, name, bytes, size, e);
    const char *other = what_else(bytes, size);
    if (other)
        return trm_error_set(e, TRM_E_INPUT, "%s: %s", name, other);
    return trm_safetensors_parse(s, name, bytes, size, e);
}

bool trm_weights_read(trm_safetensors *s, const char *path, trm_error *e) {
    char head[HEAD] = "";
    struct stat st;
    *s = (trm_safetensors){0};
    FILE *f = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rb") : NULL;
    if (!f) // the reader says why
        return trm_safetensors_read(s, path, e);
    size_t size = fread(head, 1, sizeof head, f);
    fclose(f);
    if (st.st_size > LONGEST)
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: larger than 1 GiB, and no model of boards is (a checkpoint of "
                             "ARC is, for it holds a vector of every puzzle)",
                             path);
    if (is_zip(head, size))
        return trm_torch_read(s, path, e);
    const char *other = what_else(head, size);
    if (other)
        return trm_error_set(e, TRM_E_INPUT, "%s: %s", path, other);
    return trm_safetensors_read(s, path, e);
}
