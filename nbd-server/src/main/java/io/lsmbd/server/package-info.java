/**
 * The process: its configuration ({@link io.lsmbd.server.ServerConfig}), how the parts are put
 * together ({@link io.lsmbd.server.Wiring}) and taken apart ({@link io.lsmbd.server.Shutdown}), and
 * the command line ({@link io.lsmbd.server.Main}). Owns the data directory's lock.
 */
@NullMarked
package io.lsmbd.server;

import org.jspecify.annotations.NullMarked;
