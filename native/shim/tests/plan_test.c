#include "harness.h"
const struct test plan_tests[] = {{NULL, NULL}};
