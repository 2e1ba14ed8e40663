package io.lsmbd.extent;

/**
 * What is known of a subtree of the resident map; null where nothing is known. Everything unknown
 * or merely loaded may be forgotten; a page that is newer than the local index may not.
 */
sealed interface RadixSlot permits MapPage, RadixNode, RadixSlot.Vacant, RadixSlot.Loading {
    /** The whole subtree is unmapped. */
    enum Vacant implements RadixSlot {
        VACANT
    }

    /**
     * Somebody is finding out. What he finds may be installed only in place of this very object: if
     * the applier changed the subtree meanwhile, it is gone, even if the slot is unknown again.
     */
    final class Loading implements RadixSlot {
        private volatile boolean isDone;

        boolean isDone() {
            return isDone;
        }

        void done() {
            isDone = true;
        }
    }
}
