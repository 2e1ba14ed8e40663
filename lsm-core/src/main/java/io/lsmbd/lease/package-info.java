/**
 * Who may write (DESIGN.md 5). Safety is the epoch in the manifest and create-only segment numbers
 * ({@link io.lsmbd.lease.Fence}); the lease ({@link io.lsmbd.lease.WriterLease}) only tells the
 * living from the dead, and bounds how late an old writer's acknowledgement may come.
 */
@NullMarked
package io.lsmbd.lease;

import org.jspecify.annotations.NullMarked;
