package io.lsmbd.planted.second;

import io.lsmbd.planted.first.Lower;
import java.util.List;

/** The innocent half of the cycle. */
public record Upper(List<Lower> below) {}
