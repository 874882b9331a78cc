#include "CThreadIdentity.h"

static _Thread_local char marker;

uintptr_t reprise_thread_identity(void) { return (uintptr_t)&marker; }
