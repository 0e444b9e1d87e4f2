// SPDX-License-Identifier: Apache-2.0
// Weights in whatever file people have them. What a file is, its first bytes tell, not its name.
#ifndef TRM_RUN_WEIGHTS_H
#define TRM_RUN_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/run/safetensors.h"

TRM_BEGIN_DECLS

// Reads safetensors, or a file of torch.save (its state_dict; nothing in it is run). Others are
// refused in a line that says what they are and what to do: an old or another pickle, a pointer of
// Git LFS, a web page, a packed file, ONNX, GGUF, Keras, NumPy. Errors name the path. On failure *s
// is empty.
bool trm_weights_read(trm_safetensors *s, const char *path, trm_error *e);

// The same from memory; for tests and fuzzing.
bool trm_weights_parse(trm_safetensors *s, const char *name, const void *bytes, size_t size,
                       trm_error *e);

// Makes of other people's tensors what a model here takes, where their names are those of the
// paper's Tiny Recursive Model, of HRM or of nano-trm: prefixes of wrappers (_orig_mod., module.,
// model., inner., in any number) become TRM_PAPER_PREFIX, F64 becomes F32, and whole numbers, empty
// tensors and single numbers go; of nano-trm's sudokus the token "end" goes, too. Of other models a
// prefix of these that all names have is taken off, and numbers are treated alike. Models of that
// kin that cannot be run here are refused by name, and so are names that become the same.
bool trm_weights_adapt(trm_safetensors *s, trm_error *e);

// Does a file of that kin, adapted, have what every model of it has? Others are fine.
bool trm_weights_whole(const trm_safetensors *s, trm_error *e);

TRM_END_DECLS

#endif
