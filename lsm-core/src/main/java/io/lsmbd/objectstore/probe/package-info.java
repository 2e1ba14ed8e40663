/**
 * Finds out whether an object store keeps the promises of {@link io.lsmbd.objectstore.ObjectStore}
 * that lsmbd's safety rests on, above all that of many writers exactly one wins. {@link
 * io.lsmbd.objectstore.probe.StoreProbe} asks the store itself, below a prefix of its own that it
 * removes at the end; {@link io.lsmbd.objectstore.probe.ProbeMemory} keeps what was found in the
 * store, in the format of {@link io.lsmbd.objectstore.probe.ProbeReportFormat}. {@link
 * io.lsmbd.objectstore.probe.StoreFitness} decides by it whether a daemon may write there. Nothing
 * is printed here and nothing is kept between runs.
 */
@NullMarked
package io.lsmbd.objectstore.probe;

import org.jspecify.annotations.NullMarked;
