package io.lsmbd.planted;

/** Violates: names say something. */
record PlantedManager() {}
