/** What is drawn on a terminal while one waits: {@link io.lsmbd.ctl.terminal.Progress}. */
@NullMarked
package io.lsmbd.ctl.terminal;

import org.jspecify.annotations.NullMarked;
