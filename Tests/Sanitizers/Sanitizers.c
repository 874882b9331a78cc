#include "CSanitizers.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define IS_SANITIZED true
#endif
#endif

#ifndef IS_SANITIZED
#define IS_SANITIZED false
#endif

bool isSanitized(void) { return IS_SANITIZED; }
