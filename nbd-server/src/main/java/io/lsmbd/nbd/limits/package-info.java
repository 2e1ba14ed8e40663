/** What keeps one client from having more than its share: of the log, and of memory in flight. */
@NullMarked
package io.lsmbd.nbd.limits;

import org.jspecify.annotations.NullMarked;
