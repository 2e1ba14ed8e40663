/**
 * The operator's command line. Speaks the admin API of a running daemon ({@link
 * io.lsmbd.ctl.AdminClient}), or looks into a store and a log directly, and tries a store out
 * ({@link io.lsmbd.ctl.DoctorCommand}). Owns no state.
 */
@NullMarked
package io.lsmbd.ctl;

import org.jspecify.annotations.NullMarked;
