#pragma once

#include <stdbool.h>

/// Whether this build runs under the thread or the address sanitizer, where everything takes many times as long.
///
/// What is linked with this target also tells the thread sanitizer of what it can't see: see ThreadSanitizer.c.
bool isSanitized(void);
