#include "harness.h"
const struct test log_tests[] = {{NULL, NULL}};
