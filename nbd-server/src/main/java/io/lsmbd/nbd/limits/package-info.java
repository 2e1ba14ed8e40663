/** What keeps one client from having more than its share, in lines of the log to begin with. */
@NullMarked
package io.lsmbd.nbd.limits;

import org.jspecify.annotations.NullMarked;
