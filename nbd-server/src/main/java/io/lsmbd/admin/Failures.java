package io.lsmbd.admin;

import io.lsmbd.admin.api.ErrorInfo.Kind;
import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;

/** The one place that turns what went wrong with storage into HTTP. */
final class Failures {
    private Failures() {}

    static Answer answer(StorageException failure) {
        String error = String.valueOf(failure.getMessage());
        return switch (failure) {
            case RefusedException refused -> refused(refused.reason(), error);
            case ObjectStoreException store when store.isNotFound() ->
                    Answer.error(404, Kind.NOT_FOUND, error, "");
            case ObjectStoreException _ ->
                    Answer.error(503, Kind.UNAVAILABLE, error, "is the object store reachable?");
            case LocalStorageException _ ->
                    Answer.error(503, Kind.UNAVAILABLE, error, "look at the disk of data.dir");
            case CorruptDataException _ ->
                    Answer.error(
                            500, Kind.CORRUPT, error, "nothing was deleted; keep a copy of it");
            case FencedException _ ->
                    Answer.error(409, Kind.REFUSED, error, "ask the daemon that has it now");
            case VolumeClosedException _ ->
                    Answer.error(409, Kind.REFUSED, error, "`lsmctl status` tells why");
        };
    }

    private static Answer refused(RefusedException.Reason reason, String error) {
        return switch (reason) {
            case NO_SUCH_VOLUME ->
                    Answer.error(404, Kind.NOT_FOUND, error, "`lsmctl volume list` shows all");
            case ALREADY_EXISTS -> Answer.error(409, Kind.REFUSED, error, "choose another name");
            case IN_USE, BUSY ->
                    Answer.error(409, Kind.REFUSED, error, "try again once it is free");
            case HAS_CLIENTS ->
                    Answer.error(
                            409,
                            Kind.REFUSED,
                            error,
                            "disconnect them first; --force cuts them off");
            case HAS_DATA ->
                    Answer.error(
                            409,
                            Kind.REFUSED,
                            error,
                            "trim it first; --force drops it, and there is no way back");
            case INVALID -> Answer.error(400, Kind.INVALID, error, "");
            case POSSIBLE_LOSS -> Answer.error(409, Kind.REFUSED, error, "");
        };
    }
}
