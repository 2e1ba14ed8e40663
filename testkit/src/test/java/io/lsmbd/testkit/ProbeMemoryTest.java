package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.fault.Fault;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import io.lsmbd.objectstore.memory.MemoryObjectStore;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.ProbeMemory;
import io.lsmbd.objectstore.probe.ProbeReport;
import io.lsmbd.objectstore.probe.Verdict;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProbeMemoryTest {
    private final TestEnvironment environment = new TestEnvironment("boot");
    private final ObjectStore store = new MemoryObjectStore(environment.wallClock());
    private final ProbeMemory memory = new ProbeMemory(store);

    private static ProbeReport report(Verdict verdict) {
        return new ProbeReport(
                ProbeReport.FORMAT,
                "mem:",
                1_700_000_000_000L,
                1234,
                16,
                200,
                List.of(new CheckResult("swap-race", verdict, "seen", Map.of("rounds", 200L), "")));
    }

    @Test
    void theNewestReportIsRemembered() throws StorageException {
        assertThat(memory.recall()).isEmpty();
        memory.remember(report(Verdict.FAILED));
        memory.remember(report(Verdict.OK));
        assertThat(memory.recall()).contains(report(Verdict.OK));
    }

    @Test
    void aDamagedReportIsNoReportAndNotNone() throws StorageException {
        memory.remember(report(Verdict.OK));
        byte[] good = store.get(ObjectKey.probeResult()).bytes();
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            var _ =
                    store.put(
                            ObjectKey.probeResult(),
                            List.of(ByteBuffer.wrap(bad)),
                            new PutCondition.Unconditional());
            assertThatThrownBy(memory::recall)
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("probe/result");
        }
    }

    @Test
    void anErrorIsNotAbsence() {
        var plan = new ScriptedFaults().always(Operation.GET, "probe/", new Fault.Unavailable());
        var faulty = new ProbeMemory(new FaultyObjectStore(store, environment, plan));
        assertThatThrownBy(faulty::recall).isInstanceOf(ObjectStoreException.class);
    }

    @Test
    void whatMayNotBeStoredIsNotRemembered() {
        var plan = new ScriptedFaults().always(Operation.PUT, "probe/", new Fault.LostReply());
        var faulty = new ProbeMemory(new FaultyObjectStore(store, environment, plan));
        assertThatThrownBy(() -> faulty.remember(report(Verdict.OK)))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessageContaining("probe/result");
    }
}
