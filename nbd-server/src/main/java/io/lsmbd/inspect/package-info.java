/**
 * Describes what is in an object store and in a log as records of the admin API, for the daemon
 * and, without one, for {@code lsmctl inspect}. Only reads. Owns no state.
 */
@NullMarked
package io.lsmbd.inspect;

import org.jspecify.annotations.NullMarked;
