// SPDX-License-Identifier: Apache-2.0
// The first page and those of assets/doc: what they link to and the commands they name are there.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands.h"
#include "process.h"

enum { PAGES = 64, README_LINES = 150 };

// README.md, then every page of assets/doc.
static char pages[PAGES][288] = {"README.md"};
static int page_count = 1;

static int find_pages(void **state) {
    char folder[PATH_SIZE];
    (void)state;
    snprintf(folder, sizeof folder, "%s/../../assets/doc", getenv("TRM_FIXTURES_DEFAULT"));
    DIR *d = opendir(folder);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        const size_t n = strlen(e->d_name);
        if (n > 3 && strcmp(e->d_name + n - 3, ".md") == 0 && page_count < PAGES)
            snprintf(pages[page_count++], sizeof pages[0], "assets/doc/%s", e->d_name);
    }
    if (d != NULL)
        closedir(d);
    return page_count > 10 ? 0 : 1;
}

static char *page_text(const char *page, char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%s/../../%s", getenv("TRM_FIXTURES_DEFAULT"), page);
    char *text = file_text(path, NULL);
    if (text == NULL)
        fail_msg("%s is not there", page);
    return text;
}

// What a page links to within the project is there.
static void test_links_of_pages(void **state) {
    int links = 0;
    (void)state;
    for (int i = 0; i < page_count; i++) {
        char path[PATH_SIZE], target[2 * PATH_SIZE];
        char *text = page_text(pages[i], path);
        *strrchr(path, '/') = '\0';
        for (char *at = strstr(text, "]("); at != NULL; at = strstr(at, "](")) {
            at += 2;
            const int n = (int)strcspn(at, ")#");
            if (strncmp(at, "http", 4) == 0 || n == 0)
                continue;
            snprintf(target, sizeof target, "%s/%.*s", path, n, at);
            if (!file_is_there(target))
                fail_msg("%s: %.*s is not there", pages[i], n, at);
            links++;
        }
        free(text);
    }
    assert_true(links > 30);
}

// The contents list of assets/doc names every page.
static void test_contents(void **state) {
    char path[PATH_SIZE];
    (void)state;
    char *contents = page_text("assets/doc/README.md", path);
    for (int i = 1; i < page_count; i++) {
        const char *name = strrchr(pages[i], '/') + 1;
        if (strcmp(name, "README.md") != 0 && strstr(contents, name) == NULL)
            fail_msg("assets/doc/README.md does not name %s", name);
    }
    free(contents);
}

// A "trm WORD" in code is a command, and the first page is short.
static void test_commands_of_pages(void **state) {
    int commands = 0;
    (void)state;
    for (int i = 0; i < page_count; i++) {
        char path[PATH_SIZE], word[64];
        char *text = page_text(pages[i], path);
        if (i == 0)
            assert_in_range(line_count(text), 1, README_LINES);
        for (char *at = strstr(text, "trm "); at != NULL; at = strstr(at, "trm ")) {
            const bool code = at > text && (at[-1] == '`' || at[-1] == ' ') &&
                              (at[-1] == '`' || strncmp(at - 4, "    ", 4) == 0);
            at += 4;
            snprintf(word, sizeof word, "%.*s", (int)strcspn(at, " `\n"), at);
            if (!code || strcspn(word, "abcdefghijklmnopqrstuvwxyz") != 0)
                continue;
            if (trm_command_find(word) == NULL)
                fail_msg("%s: trm %s is no command", pages[i], word);
            commands++;
        }
        free(text);
    }
    assert_true(commands > 60);
}

// The first page names every command.
static void test_readme_mentions_every_command(void **state) {
    char path[PATH_SIZE];
    (void)state;
    char *readme = page_text(pages[0], path);
    const trm_command *c;
    for (int32_t i = 0; (c = trm_command_at(i)) != NULL; i++) {
        char words[64];
        snprintf(words, sizeof words, "trm %s", c->name);
        if (strstr(readme, words) == NULL)
            fail_msg("README.md says nothing of %s", words);
    }
    free(readme);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readme_mentions_every_command),
        cmocka_unit_test(test_links_of_pages),
        cmocka_unit_test(test_contents),
        cmocka_unit_test(test_commands_of_pages),
    };
    return cmocka_run_group_tests(tests, find_pages, NULL);
}
