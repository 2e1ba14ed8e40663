package io.lsmbd.objectstore.probe;

import io.lsmbd.error.ObjectStoreException;
import java.util.List;

/**
 * One thing to find out.
 *
 * @param needs checks that must not have failed, or this one would tell nothing
 * @param right that the store's administrator may have forgotten to grant, as S3 names it
 * @param refusal what a request that failed for good tells
 */
record Check(String name, List<String> needs, String right, Trial trial, Refusal refusal) {
    /** Finds it out; an exception is a failure to answer, and never an answer. */
    @FunctionalInterface
    interface Trial {
        /** Throws {@link Misbehaviour} as well. */
        Finding run() throws ObjectStoreException;
    }

    /**
     * Whether a request that failed for good proves that the store cannot do it. A wrong right or a
     * request that something on the way did not like fails for good as well, and proves nothing.
     */
    @FunctionalInterface
    interface Refusal {
        boolean isProof() throws ObjectStoreException;
    }

    /** Of what no volume's safety rests on, and nothing is remembered. */
    Check(String name, List<String> needs, String right, Trial trial) {
        this(name, needs, right, trial, () -> true);
    }

    Finding run() {
        // A refusal may pass, so that its outlook does not tell it from a store that is away.
        String hint =
                "This takes "
                        + right
                        + "; `lsmctl doctor --policy` prints all that is needed. If that is"
                        + " granted, the store did not answer clearly: look at the network and"
                        + " at its own log, then run this again.";
        try {
            return trial.run();
        } catch (Misbehaviour e) {
            return Finding.failed(String.valueOf(e.getMessage()), hint);
        } catch (ObjectStoreException e) {
            String text = String.valueOf(e.getMessage());
            return isProof(e) ? Finding.failed(text, hint) : Finding.unanswered(text, hint);
        }
    }

    private boolean isProof(ObjectStoreException failure) {
        try {
            return !failure.isRetryable() && refusal.isProof();
        } catch (ObjectStoreException _) {
            return false;
        }
    }
}
