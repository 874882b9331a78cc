// What the client uses of hiredis (its reader and its command formatter) with signatures that do not depend on
// hiredis' version. Nothing here exposes a hiredis type.
#ifndef CHIREDIS_SHIM_H
#define CHIREDIS_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a string callback was given.
typedef enum {
    chiredis_string_bulk = 0,
    chiredis_string_status = 1,
    chiredis_string_error = 2
} chiredis_string_kind;

/// Called as the reader meets the parts of a reply, outermost and first element first. `context` is what the reader was
/// created with. Returning false makes the reader fail for good (hiredis reports it as being out of memory).
typedef struct {
    bool (*string)(void *context, chiredis_string_kind kind, const char *bytes, size_t length);
    bool (*array)(void *context, size_t count);
    bool (*integer)(void *context, int64_t value);
    bool (*null)(void *context);
    /// A RESP3 type, which only hiredis 1.x knows. The client speaks RESP2: it must never come.
    bool (*unsupported)(void *context, const char *type);
} chiredis_callbacks;

typedef enum {
    chiredis_read_reply = 0,
    chiredis_read_more = 1,
    chiredis_read_failed = 2
} chiredis_read_result;

typedef struct chiredis_reader chiredis_reader;

/// Both must outlive the reader. Returns NULL when out of memory.
chiredis_reader *chiredis_reader_create(const chiredis_callbacks *callbacks, void *context);
void chiredis_reader_free(chiredis_reader *reader);

/// Appends received bytes. False after an error.
bool chiredis_reader_feed(chiredis_reader *reader, const char *bytes, size_t length);

/// Parses up to the end of one reply.
chiredis_read_result chiredis_reader_next(chiredis_reader *reader);

/// What went wrong, after chiredis_read_failed. Valid until the reader is freed.
const char *chiredis_reader_error(const chiredis_reader *reader);

/// Bytes received and not yet parsed.
size_t chiredis_reader_buffered(const chiredis_reader *reader);

/// A formatted command, or NULL when out of memory. `bytes` holds the arguments one after the other; `ends` says where each
/// ends. `length` gets the size of the result, which chiredis_formatted_free releases.
char *chiredis_format(const char *bytes, const size_t *ends, size_t count, size_t *length);
void chiredis_formatted_free(char *formatted);

/// As "0.14.1": the headers this was compiled against.
const char *chiredis_version(void);

#endif
