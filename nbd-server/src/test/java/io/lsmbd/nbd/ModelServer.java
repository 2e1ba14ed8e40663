package io.lsmbd.nbd;

import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.testkit.ModelVolume;
import io.lsmbd.volume.BlockVolume;
import io.lsmbd.volume.VolumeCatalog;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/** Serves volumes in memory until killed, to try clients on: arguments port, socket, transport. */
final class ModelServer {
    private ModelServer() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        BlockVolume disk = new ModelVolume("disk", 1L << 30);
        BlockVolume other = new ModelVolume("other", 1L << 40, ModelVolume.Access.READ_ONLY);
        NbdServerConfig defaults =
                NbdServerConfig.listeningOn(
                        List.of(address(args[0])), Optional.of(Path.of(args[1])));
        NbdServerConfig config =
                new NbdServerConfig(
                        defaults.tcp(),
                        defaults.unixSocket(),
                        Transport.parse(args[2]),
                        defaults.eventLoopThreads(),
                        defaults.connections(),
                        defaults.handshake(),
                        defaults.transmission(),
                        defaults.access(),
                        defaults.tls(),
                        defaults.drainTimeout());
        NbdServer server =
                NbdServer.start(
                        config,
                        catalog(List.of(disk, other)),
                        new SystemEnvironment((_, death) -> death.printStackTrace()),
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        new CountDownLatch(1).await();
    }

    private static InetSocketAddress address(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    static VolumeCatalog catalog(List<? extends BlockVolume> volumes) {
        return catalog(volumes, () -> true);
    }

    static VolumeCatalog catalog(List<? extends BlockVolume> volumes, BooleanSupplier isComplete) {
        return new VolumeCatalog() {
            @Override
            public Optional<BlockVolume> find(String name) {
                return list().stream().filter(volume -> volume.name().equals(name)).findFirst();
            }

            @Override
            public List<BlockVolume> list() {
                return List.copyOf(volumes);
            }

            @Override
            public boolean isComplete() {
                return isComplete.getAsBoolean();
            }
        };
    }
}
