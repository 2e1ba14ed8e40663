/** Taking a volume over and bringing its maps up to date (DESIGN.md 5 and 6). */
@NullMarked
package io.lsmbd.recovery;

import org.jspecify.annotations.NullMarked;
