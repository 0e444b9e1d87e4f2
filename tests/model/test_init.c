// SPDX-License-Identifier: Apache-2.0
// trm_init and trm_done: counted, undone, and no model before them. support/init.c has called
// trm_init once.
#include "trm/nn/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "nn/openblas.h"
#include "trm/model/model.h"

static trm_model *make(trm_error *e) {
    trm_model_config c = trm_model_config_default();
    c.state_dim = 4;
    c.action_dim = 2;
    c.positions = 1;
    return trm_model_new(&c, e);
}

static void test_counted(void **state) {
    (void)state;
    trm_done();
    assert_false(trm_initialised());
    openblas_set_num_threads(3);
    const int before = openblas_get_num_threads(); // 1 where OpenBLAS has no threads
    trm_init();
    trm_init();
    assert_int_equal(openblas_get_num_threads(), 1);
    trm_done();
    assert_true(trm_initialised());
    assert_int_equal(openblas_get_num_threads(), 1);
    trm_done();
    assert_false(trm_initialised());
    assert_int_equal(openblas_get_num_threads(), before);
    trm_init();
}

static void test_no_model_before(void **state) {
    (void)state;
    trm_error e = {0};
    trm_done();
    assert_null(make(&e));
    assert_int_equal(e.code, TRM_E_INPUT);
    assert_non_null(strstr(e.message, "trm_init()"));
    trm_init();
    trm_model *m = make(&e);
    assert_non_null(m);
    trm_model_free(m);
}

static void test_version(void **state) {
    (void)state;
    assert_string_equal(trm_library_version(), TRM_VERSION);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counted),
        cmocka_unit_test(test_no_model_before),
        cmocka_unit_test(test_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
