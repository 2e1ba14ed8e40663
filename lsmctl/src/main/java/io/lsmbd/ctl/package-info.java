/**
 * The operator's command line. Speaks the admin API of a running daemon ({@link
 * io.lsmbd.ctl.AdminClient}), or reads a store directly. Owns no state.
 */
@NullMarked
package io.lsmbd.ctl;

import org.jspecify.annotations.NullMarked;
