package io.lsmbd.nbd.transmission;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.nbd.wire.NbdError;

/** From what kept a volume from obeying to what its client is told. */
final class ErrorMapping {
    private ErrorMapping() {}

    static NbdError toNbd(StorageException failure) {
        return switch (failure) {
            case ObjectStoreException _ -> NbdError.EIO;
            case CorruptDataException _ -> NbdError.EIO;
            case FencedException _ -> NbdError.EIO;
            case LocalStorageException _ -> NbdError.EIO;
            // With a cause the volume failed; without one it is merely going away.
            case VolumeClosedException closed ->
                    closed.getCause() == null ? NbdError.ESHUTDOWN : NbdError.EIO;
            case RefusedException refused ->
                    switch (refused.reason()) {
                        case NO_SUCH_VOLUME -> NbdError.ESHUTDOWN;
                        case ALREADY_EXISTS, INVALID -> NbdError.EINVAL;
                        case IN_USE, BUSY, HAS_CLIENTS, HAS_DATA, POSSIBLE_LOSS -> NbdError.EPERM;
                    };
        };
    }
}
