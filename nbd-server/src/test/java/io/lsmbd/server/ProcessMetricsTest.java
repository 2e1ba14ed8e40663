package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

class ProcessMetricsTest {
    @Test
    void theProcessAndItsBuildAreInTheMetrics() {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (ProcessMetrics _ = new ProcessMetrics(registry)) {
            assertThat(registry.scrape())
                    .contains("lsmbd_build_info{java=")
                    .containsPattern("process_resident_memory_bytes [0-9.]+E[789]")
                    .contains("jvm_buffer_memory_used_bytes{id=\"direct\"}")
                    .contains("jvm_memory_used_bytes", "process_files_open_files");
        }
    }
}
