#include "harness.h"
const struct test fuzz_tests[] = {{NULL, NULL}};
