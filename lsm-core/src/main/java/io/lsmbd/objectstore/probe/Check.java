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
            // A refusal may pass, so that its outlook does not tell it from a store that is away.
            String hint =
                    "This takes "
                            + right
                            + "; `lsmctl doctor --policy` prints all that is needed. If that is"
                            + " granted, the store did not answer clearly: look at the network and"
                            + " at its own log, then run this again.";
            String text = String.valueOf(e.getMessage());
            return e.isRetryable() ? Finding.unanswered(text, hint) : Finding.failed(text, hint);
        }
    }
}
