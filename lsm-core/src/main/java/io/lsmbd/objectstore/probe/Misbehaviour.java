package io.lsmbd.objectstore.probe;

/** A store was seen to do what none may: that is an answer, and no failure to give one. */
final class Misbehaviour extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Misbehaviour(String what) {
        super(what);
    }
}
