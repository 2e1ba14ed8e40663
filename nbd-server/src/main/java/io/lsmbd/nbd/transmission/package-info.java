/**
 * The transmission phase: requests and replies. A {@link
 * io.lsmbd.nbd.transmission.TransmissionHandler} owns one connection's state, on its event loop:
 * bytes arrive in a ReceiveBuffer, become a Request that RequestValidator checks and
 * RequestExecutor runs against the volume there and then, or on a virtual thread if it must wait;
 * ReplyWriter gathers the replies. Room for what is in flight comes from all connections' {@link
 * io.lsmbd.nbd.limits.InFlightBudget}; StallGuard finds clients that stand still. What connections
 * to one volume share is a {@link io.lsmbd.nbd.transmission.ServedVolume}. NBD protocol,
 * "Transmission phase".
 */
@NullMarked
package io.lsmbd.nbd.transmission;

import org.jspecify.annotations.NullMarked;
