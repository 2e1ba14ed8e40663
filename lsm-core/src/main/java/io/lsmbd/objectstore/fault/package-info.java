/**
 * Object stores that go wrong on purpose: for tests, for the simulation, and for a daemon that is
 * to be watched in trouble ({@code debug.fault}, docs/FAULTS.md). {@link
 * io.lsmbd.objectstore.fault.FaultyObjectStore} goes around any store and asks a {@link
 * io.lsmbd.objectstore.fault.FaultPlan} about each request; a {@link
 * io.lsmbd.objectstore.fault.FaultRule} is a plan as people write it.
 */
@NullMarked
package io.lsmbd.objectstore.fault;

import org.jspecify.annotations.NullMarked;
