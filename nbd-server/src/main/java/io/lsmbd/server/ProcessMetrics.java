package io.lsmbd.server;

import io.lsmbd.admin.api.BuildInfo;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The process itself: heap, direct buffers, collector, threads, files, processor, and
 *
 * <pre>
 * lsmbd_build_info{version,java}      1
 * process_resident_memory_bytes       what the kernel has given it, to compare with memory.budget
 * </pre>
 */
final class ProcessMetrics implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private final JvmGcMetrics collector = new JvmGcMetrics();

    ProcessMetrics(MeterRegistry registry) {
        collector.bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        Gauge.builder("lsmbd.build.info", () -> 1)
                .description("Which lsmbd this is")
                .tags(
                        Tags.of(
                                "version",
                                BuildInfo.read().version(),
                                "java",
                                Runtime.version().toString()))
                .register(registry);
        Gauge.builder("process.resident.memory", ProcessMetrics::residentBytes)
                .description("Resident memory of the process")
                .baseUnit("bytes")
                .register(registry);
    }

    /** NaN where there is no such file. */
    private static double residentBytes() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(RESIDENT))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException _) {
            return Double.NaN;
        }
    }

    @Override
    public void close() {
        collector.close();
    }
}
