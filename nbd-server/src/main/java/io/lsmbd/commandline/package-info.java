/**
 * What the command lines of daemon and operator have in common: what a help text looks like ({@link
 * io.lsmbd.commandline.HelpLayout}), how a typing mistake is answered ({@link
 * io.lsmbd.commandline.TypingMistakes}), how it ends ({@link io.lsmbd.commandline.ExitStatus}), and
 * how the user calls us ({@link io.lsmbd.commandline.CommandNames}). No state.
 */
@NullMarked
package io.lsmbd.commandline;

import org.jspecify.annotations.NullMarked;
