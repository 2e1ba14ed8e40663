package io.lsmbd.bench;

import io.lsmbd.format.Crc32c;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the checksum of a write's payload adds to its acknowledgement. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ChecksumBenchmark {

    @Param({"4096", "65536"})
    public int lengthBytes;

    private ByteBuffer payload = ByteBuffer.allocate(0);

    @Setup
    public void fillPayload() {
        payload = ByteBuffer.allocateDirect(lengthBytes);
        while (payload.hasRemaining()) {
            payload.put((byte) payload.position());
        }
        payload.clear();
    }

    @Benchmark
    public int crc32c() {
        return Crc32c.of(payload, 0, lengthBytes);
    }
}
