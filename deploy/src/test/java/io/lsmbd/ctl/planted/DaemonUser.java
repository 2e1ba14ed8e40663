package io.lsmbd.ctl.planted;

import io.lsmbd.server.planted.DaemonPart;

/** Violates: lsmctl sees only the admin API. */
record DaemonUser(DaemonPart part) {}
