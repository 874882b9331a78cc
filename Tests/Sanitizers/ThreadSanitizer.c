// The thread sanitizer knows what instrumented code does, and Swift's libraries are not instrumented. The concurrency runtime
// tells it which thread goes on after which, but two handovers are told by nobody, so that it takes them for races. Each function
// here stands before the library's of the same name, and tells it. Without the thread sanitizer this file is empty.
#if defined(__linux__) && defined(__has_feature)
#if __has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdbool.h>
#include <stdint.h>

#define UNSEEN __attribute__((disable_sanitizer_instrumentation))
#define SWIFT __attribute__((swiftcall))
#define SWIFT_ASYNC __attribute__((swiftasynccall))
#define SELF __attribute__((swift_context))
#define ASYNC_CONTEXT __attribute__((swift_async_context))

// Calls the library's function, which is the next of this name.
#define NEXT(type, name) \
    static type *next; \
    if (!next) next = (type *)dlsym(RTLD_NEXT, name)

// Synchronization.Mutex, when it is contended. A free one is taken and given back by an atomic operation, which is inlined into
// instrumented code; else the library spins for it, and then the kernel hands it over.

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef SWIFT void lock_function(uint32_t thread, SELF void *mutex);
typedef SWIFT bool try_lock_function(SELF void *mutex);
typedef SWIFT void unlock_function(SELF void *mutex);

SWIFT void lock(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT bool try_lock(SELF void *mutex) __asm__(TRY_LOCK);
SWIFT void unlock(SELF void *mutex) __asm__(UNLOCK);

UNSEEN SWIFT void lock(uint32_t thread, SELF void *mutex) {
    NEXT(lock_function, LOCK);
    next(thread, mutex);
    __tsan_acquire(mutex);
}

UNSEEN SWIFT bool try_lock(SELF void *mutex) {
    NEXT(try_lock_function, TRY_LOCK);
    bool is_locked = next(mutex);
    if (is_locked) __tsan_acquire(mutex);
    return is_locked;
}

UNSEEN SWIFT void unlock(SELF void *mutex) {
    NEXT(unlock_function, UNLOCK);
    __tsan_release(mutex);
    next(mutex);
}

// A continuation that is resumed before its task has suspended. Whoever resumes it releases the task
// (`swift_continuation_resume` calls `__tsan_release` with it) and leaves a mark with an atomic operation; the task finds the mark
// instead of suspending, and goes on at once, on its thread, through its context's `resume`, but doesn't acquire. A task that has
// suspended goes on as a job instead, which does acquire.
//
// Not for a checked continuation in a debug build: it awaits inside the library, which calls its own function. What is handed over
// must be behind a lock as well, or the continuation be an unsafe one.

// The beginning of the runtime's `ContinuationAsyncContext`.
struct continuation;
typedef SWIFT_ASYNC void resume_function(ASYNC_CONTEXT struct continuation *continuation);
typedef SWIFT_ASYNC void await_function(struct continuation *continuation);
struct continuation {
    void *parent;
    resume_function *resume;
    uintptr_t flags;
};

// The flag of a continuation that goes on by way of another executor. Imported Objective-C needs it, and nothing else.
static const uintptr_t switches_executor = 1 << 1;

SWIFT void *swift_task_getCurrent(void);

static _Thread_local resume_function *resumption;

UNSEEN static SWIFT_ASYNC void resume_early(ASYNC_CONTEXT struct continuation *continuation) {
    __tsan_acquire(swift_task_getCurrent());
    __attribute__((musttail)) return resumption(continuation);
}

UNSEEN SWIFT_ASYNC void swift_continuation_await(struct continuation *continuation) {
    NEXT(await_function, "swift_continuation_await");
    if (!(continuation->flags & switches_executor)) {
        resumption = continuation->resume;
        continuation->resume = resume_early;
    }
    __attribute__((musttail)) return next(continuation);
}

#endif
#endif
