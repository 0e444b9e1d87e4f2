// SPDX-License-Identifier: Apache-2.0
#include "target.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void must_hold(bool holds, const char *promise) {
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", promise);
        abort();
    }
}

void must_tell(const trm_error *e) {
    must(e->code != TRM_OK);
    must(e->message[0] != '\0');
    must(strchr(e->message, '\n') == NULL);
}

char *text_of(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static char folder[64], path[96];

static void remove_file(void) {
    unlink(path);
    rmdir(folder);
}

const char *file_of(const uint8_t *data, size_t size) {
    if (path[0] == '\0') {
        snprintf(folder, sizeof folder, "%s/trm-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        must(mkdtemp(folder) != NULL);
        snprintf(path, sizeof path, "%s/file", folder);
        atexit(remove_file);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0);
    must(size == 0 || write(fd, data, size) == (ssize_t)size);
    close(fd);
    return path;
}
