#include "CHiredisShim.h"

#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#include <hiredis/sds.h>
#else
#error "hiredis' headers are missing. Install libhiredis-dev (Debian, Ubuntu: apt-get install libhiredis-dev) or hiredis (Homebrew: brew install hiredis)."
#endif

#include <limits.h>
#include <stdlib.h>

struct chiredis_reader {
    redisReader *reader;
    const chiredis_callbacks *callbacks;
    void *context;
};

// hiredis keeps what a callback returns as the reply object and only compares it with NULL.
static int object;

static void *answer(bool go_on) { return go_on ? &object : NULL; }

static chiredis_reader *owner(const redisReadTask *task) { return task->privdata; }

static void *create_string(const redisReadTask *task, char *bytes, size_t length) {
    chiredis_reader *self = owner(task);
    chiredis_string_kind kind;
    switch (task->type) {
    case REDIS_REPLY_STRING: kind = chiredis_string_bulk; break;
    case REDIS_REPLY_STATUS: kind = chiredis_string_status; break;
    case REDIS_REPLY_ERROR: kind = chiredis_string_error; break;
    default: return answer(self->callbacks->unsupported(self->context, "string"));
    }
    return answer(self->callbacks->string(self->context, kind, bytes, length));
}

#if HIREDIS_MAJOR >= 1
static void *create_array(const redisReadTask *task, size_t count) {
#else
static void *create_array(const redisReadTask *task, int count) {
#endif
    chiredis_reader *self = owner(task);
    if (task->type != REDIS_REPLY_ARRAY) {
        return answer(self->callbacks->unsupported(self->context, "aggregate"));
    }
    return answer(self->callbacks->array(self->context, (size_t)count));
}

static void *create_integer(const redisReadTask *task, long long value) {
    chiredis_reader *self = owner(task);
    return answer(self->callbacks->integer(self->context, (int64_t)value));
}

static void *create_null(const redisReadTask *task) {
    chiredis_reader *self = owner(task);
    return answer(self->callbacks->null(self->context));
}

#if HIREDIS_MAJOR >= 1
static void *create_double(const redisReadTask *task, double value, char *text, size_t length) {
    (void)value, (void)text, (void)length;
    chiredis_reader *self = owner(task);
    return answer(self->callbacks->unsupported(self->context, "double"));
}

static void *create_bool(const redisReadTask *task, int value) {
    (void)value;
    chiredis_reader *self = owner(task);
    return answer(self->callbacks->unsupported(self->context, "boolean"));
}
#endif

static void free_object(void *unused) { (void)unused; }

// Designated: 1.x has more members, in another order of additions.
static redisReplyObjectFunctions functions = {
    .createString = create_string,
    .createArray = create_array,
    .createInteger = create_integer,
#if HIREDIS_MAJOR >= 1
    .createDouble = create_double,
    .createBool = create_bool,
#endif
    .createNil = create_null,
    .freeObject = free_object,
};

chiredis_reader *chiredis_reader_create(const chiredis_callbacks *callbacks, void *context) {
    chiredis_reader *self = malloc(sizeof *self);
    if (self == NULL) return NULL;
    self->callbacks = callbacks;
    self->context = context;
    self->reader = redisReaderCreateWithFunctions(&functions);
    if (self->reader == NULL) {
        free(self);
        return NULL;
    }
    self->reader->privdata = self;
    // An idle buffer above this is given back when the next bytes arrive. The default, 16 kB, is below what one read from
    // the socket brings, so that every large read would allocate again.
    self->reader->maxbuf = 256 * 1024;
    return self;
}

void chiredis_reader_free(chiredis_reader *self) {
    redisReaderFree(self->reader);
    free(self);
}

bool chiredis_reader_feed(chiredis_reader *self, const char *bytes, size_t length) {
    return redisReaderFeed(self->reader, bytes, length) == REDIS_OK;
}

chiredis_read_result chiredis_reader_next(chiredis_reader *self) {
    void *reply = NULL;
    if (redisReaderGetReply(self->reader, &reply) != REDIS_OK) return chiredis_read_failed;
    return reply == NULL ? chiredis_read_more : chiredis_read_reply;
}

const char *chiredis_reader_error(const chiredis_reader *self) { return self->reader->errstr; }

size_t chiredis_reader_buffered(const chiredis_reader *self) { return self->reader->len - self->reader->pos; }

char *chiredis_format(const char *bytes, const size_t *ends, size_t count, size_t *length) {
    enum { inline_count = 32 };
    const char *inline_arguments[inline_count];
    size_t inline_lengths[inline_count];
    const char **arguments = inline_arguments;
    size_t *lengths = inline_lengths;
    if (count > INT_MAX) return NULL;
    if (count > inline_count) {
        arguments = malloc(count * sizeof *arguments);
        lengths = malloc(count * sizeof *lengths);
        if (arguments == NULL || lengths == NULL) {
            free(arguments);
            free(lengths);
            return NULL;
        }
    }
    size_t start = 0;
    for (size_t i = 0; i < count; i++) {
        arguments[i] = bytes + start;
        lengths[i] = ends[i] - start;
        start = ends[i];
    }
    sds formatted = NULL;
    // The result is an int in 0.14 and a long long in 1.x: it only says whether it failed; the length is the string's own.
    bool failed = redisFormatSdsCommandArgv(&formatted, (int)count, arguments, lengths) < 0;
    if (count > inline_count) {
        free(arguments);
        free(lengths);
    }
    if (formatted == NULL) return NULL;
    // 0.14's int overflows beyond 2 GB, which no server accepts in one command.
    if (failed) {
        redisFreeSdsCommand(formatted);
        return NULL;
    }
    *length = sdslen(formatted);
    return formatted;
}

void chiredis_formatted_free(char *formatted) { redisFreeSdsCommand(formatted); }

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
const char *chiredis_version(void) {
    return TEXT(HIREDIS_MAJOR) "." TEXT(HIREDIS_MINOR) "." TEXT(HIREDIS_PATCH);
}
