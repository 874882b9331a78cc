#pragma once
#include <stdint.h>

/// A number that differs between threads alive at the same time.
///
/// It lives in C, out of the optimiser's sight: `pthread_self()` is declared constant, and LLVM folds two calls in one
/// `async` function into one, although the function may have moved to another thread between them.
uintptr_t reprise_thread_identity(void);
