#include "harness.h"
const struct test exec_tests[] = {{NULL, NULL}};
