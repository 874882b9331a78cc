// hiredis as a system library. Only the shim (CHiredisShim) includes it: its types differ between 0.14 and 1.x.
#ifndef CHIREDIS_H
#define CHIREDIS_H

#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#else
#error "hiredis' headers are missing. Install libhiredis-dev (Debian, Ubuntu: apt-get install libhiredis-dev) or hiredis (Homebrew: brew install hiredis)."
#endif

#endif
