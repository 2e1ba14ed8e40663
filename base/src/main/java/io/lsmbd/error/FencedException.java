package io.lsmbd.error;

/** Another writer took the volume over; this one can neither commit nor go on acknowledging. */
public final class FencedException extends StorageException {
    private static final long serialVersionUID = 1L;
    private final long ourEpoch;
    private final long winnersEpoch;

    public FencedException(String volume, long ourEpoch, long winnersEpoch) {
        super(
                "volume %s was taken over by another writer: our epoch %d, its epoch %d"
                        .formatted(volume, ourEpoch, winnersEpoch));
        this.ourEpoch = ourEpoch;
        this.winnersEpoch = winnersEpoch;
    }

    public long ourEpoch() {
        return ourEpoch;
    }

    public long winnersEpoch() {
        return winnersEpoch;
    }
}
