package io.lsmbd.server;

import io.lsmbd.admin.api.CreateVolume;
import java.io.PrintWriter;
import java.util.List;

final class Daemon {
    private Daemon() {}

    static int run(ServerConfig config, List<CreateVolume> wanted, PrintWriter out)
            throws StartException {
        LogSetup.apply(config.log());
        throw new StartException("not yet");
    }
}
