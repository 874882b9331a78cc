#pragma once

// Nothing to call: what is linked with this target tells the thread sanitizer of what it can't see. See ThreadSanitizer.c.
