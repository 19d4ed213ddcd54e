#include "harness.h"
const struct test stream_tests[] = {{NULL, NULL}};
