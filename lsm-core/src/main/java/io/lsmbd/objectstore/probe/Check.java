package io.lsmbd.objectstore.probe;

import io.lsmbd.error.ObjectStoreException;
import java.util.List;

/**
 * One thing to find out.
 *
 * @param needs checks that must not have failed, or this one would tell nothing
 * @param right that the store's administrator may have forgotten to grant, as S3 names it
 */
record Check(String name, List<String> needs, String right, Trial trial) {
    /** Finds it out; an exception is a failure to answer, and never an answer. */
    @FunctionalInterface
    interface Trial {
        Finding run() throws ObjectStoreException;
    }

    Finding run() {
        try {
            return trial.run();
        } catch (ObjectStoreException e) {
            String hint =
                    e.isRetryable()
                            ? "The store did not answer, or not clearly. Look at the network and"
                                    + " at the store's own log, then run this again."
                            : "If this is about rights: it takes "
                                    + right
                                    + ", and `lsmctl doctor --policy` prints all that is needed.";
            return Finding.failed(String.valueOf(e.getMessage()), hint);
        }
    }
}
