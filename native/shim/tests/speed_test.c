#include "harness.h"
const struct test speed_tests[] = {{NULL, NULL}};
