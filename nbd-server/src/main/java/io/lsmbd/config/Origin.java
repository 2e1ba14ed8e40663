package io.lsmbd.config;

/** Where a value came from, so that a person can go there and change it. */
public sealed interface Origin {
    /** Nobody said anything. */
    record Default() implements Origin {
        @Override
        public String toString() {
            return "default";
        }
    }

    /** Nobody said anything, and other keys decided; {@code from} names them. */
    record Derived(String from) implements Origin {
        @Override
        public String toString() {
            return "derived from " + from;
        }
    }

    /** A command that comes with settings of its own, as {@code lsmbd dev} does. */
    record Preset(String command) implements Origin {
        @Override
        public String toString() {
            return command;
        }
    }

    /** A line of a TOML file; counted from 1. */
    record File(String path, int line) implements Origin {
        @Override
        public String toString() {
            return path + ":" + line;
        }
    }

    /** An environment variable. */
    record Environment(String variable) implements Origin {
        @Override
        public String toString() {
            return "$" + variable;
        }
    }

    /** An option on the command line. */
    record Flag(String option) implements Origin {
        @Override
        public String toString() {
            return option;
        }
    }
}
