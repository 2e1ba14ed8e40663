package io.lsmbd.cache;

/** Names a frame: the volume that wrote it, the segment, and its index in the segment. */
record FrameKey(long volume, long segment, int frame) {
    /**
     * Mixes the three numbers so that low bits (stripe) and high bits (place in a table) are
     * independent even for neighbouring frames: two rounds of splitmix64's finalizer.
     */
    static long hash(long volume, long segment, int frame) {
        return mix(mix(volume * 0x9e3779b97f4a7c15L + segment) + frame * 0xd1b54a32d192ed03L);
    }

    long hash() {
        return hash(volume, segment, frame);
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
