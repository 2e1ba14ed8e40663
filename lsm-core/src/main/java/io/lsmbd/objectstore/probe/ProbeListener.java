package io.lsmbd.objectstore.probe;

/** Is told how far a run is, on the thread that runs it. */
public interface ProbeListener {
    /** One of {@link StoreProbe#CHECKS} begins; each does once, in that order. */
    void begins(String name);

    void ended(CheckResult result);

    /** For whoever waits for the report only. */
    static ProbeListener none() {
        return new ProbeListener() {
            @Override
            public void begins(String name) {}

            @Override
            public void ended(CheckResult result) {}
        };
    }
}
