/**
 * Who may open which volume: {@link io.lsmbd.nbd.access.AccessRules} come from the configuration
 * and turn what is known of a client into its {@link io.lsmbd.nbd.access.Permissions}. Immutable;
 * no Netty, no volumes, only names.
 */
@NullMarked
package io.lsmbd.nbd.access;

import org.jspecify.annotations.NullMarked;
