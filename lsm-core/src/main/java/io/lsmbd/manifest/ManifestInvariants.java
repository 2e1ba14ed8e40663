package io.lsmbd.manifest;

/** What no change of a manifest may do; checked before every compare-and-swap, always. */
final class ManifestInvariants {
    private ManifestInvariants() {}

    static void check(Manifest old, Manifest next) {
        require(sameVolume(old, next), "a manifest cannot change its volume", old, next);
        require(epochGrows(old, next), "an epoch never falls", old, next);
        require(checkpointAdvances(old, next), "a checkpoint never goes back", old, next);
    }

    private static boolean sameVolume(Manifest old, Manifest next) {
        return old.volume().equals(next.volume()) && old.createdMillis() == next.createdMillis();
    }

    private static boolean epochGrows(Manifest old, Manifest next) {
        return next.epoch() == old.epoch() || next.epoch() == old.epoch() + 1;
    }

    private static boolean checkpointAdvances(Manifest old, Manifest next) {
        Checkpoint before = old.checkpoint();
        Checkpoint after = next.checkpoint();
        return after.segment() >= before.segment()
                && after.epoch() >= before.epoch()
                && after.lastLsn() >= before.lastLsn()
                && after.nextMapObject() >= before.nextMapObject();
    }

    private static void require(boolean holds, String rule, Manifest old, Manifest next) {
        if (!holds) {
            throw new IllegalStateException(rule + ": from " + old + " to " + next);
        }
    }
}
