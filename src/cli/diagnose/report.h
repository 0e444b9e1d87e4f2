// SPDX-License-Identifier: Apache-2.0
// A diagnosis on standard output: sections to read, at 80 columns, or one JSON object.
#ifndef TRM_CLI_DIAGNOSE_REPORT_H
#define TRM_CLI_DIAGNOSE_REPORT_H

#include "trm/run/config.h"
#include "trm/train/diagnose.h"

// What was examined, and all that was measured. Of the two kinds one is there.
typedef struct trm_diagnosis {
    const char *name; // as the command line called it
    trm_config config;
    bool trained;       // weights were read from a file
    bool has_data;      // a data set was examined, and not a policy
    bool has_training;  // a short training was made
    const trm_env *env; // NULL with a data set
    int64_t parameters;
    trm_environment_diagnosis environment;
    trm_policy_diagnosis policy;
    trm_unit_diagnosis units;
    trm_gradient_diagnosis gradient;
    trm_signal_diagnosis signal;
    trm_training_diagnosis training;
    trm_data_diagnosis data;
    bool has_answers; // beside the data
    trm_answer_diagnosis answers;
    trm_findings findings;
} trm_diagnosis;

void trm_diagnosis_print(const trm_diagnosis *d);
void trm_diagnosis_print_json(const trm_diagnosis *d); // on one line

#endif
