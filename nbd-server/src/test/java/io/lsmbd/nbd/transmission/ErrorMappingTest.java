package io.lsmbd.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.nbd.Proves;
import io.lsmbd.nbd.wire.NbdError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ErrorMappingTest {
    private static List<StorageException> everyKind() {
        List<StorageException> failures = new ArrayList<>();
        failures.add(new CorruptDataException("segments/7", 4096, "wrong checksum"));
        failures.add(new FencedException("disk", 1, 2));
        failures.add(new LocalStorageException("disk full", new IOException()));
        failures.add(new VolumeClosedException("closed"));
        failures.add(new VolumeClosedException("failed", new IOException()));
        for (var outlook : ObjectStoreException.Outlook.values()) {
            failures.add(new ObjectStoreException(outlook, "no answer"));
        }
        for (var reason : RefusedException.Reason.values()) {
            failures.add(new RefusedException(reason, "refused"));
        }
        return failures;
    }

    @Test
    @Proves({
        "NBD_EIO",
        "NBD_ESHUTDOWN",
        "NBD_ENOMEM",
        "NBD_ENOTSUP",
        "NBD_EOVERFLOW",
        "allocated-never-full",
        "zeroes-notsup",
        "error-eoverflow",
        "error-enomem",
        "no-hole-provisioned"
    })
    void noFailureIsToldInTermsThatTheSpecificationKeepsForOtherOccasions() {
        List<StorageException> failures = everyKind();
        assertThat(failures.stream().<Class<?>>map(Object::getClass))
                .contains(StorageException.class.getPermittedSubclasses());
        assertThat(failures.stream().map(ErrorMapping::toNbd))
                .containsOnly(NbdError.EIO, NbdError.ESHUTDOWN, NbdError.EINVAL, NbdError.EPERM);
    }

    @Test
    @Proves({"NBD_ENOMEM", "NBD_ENOTSUP", "zeroes-notsup", "error-enomem"})
    void neitherIsAnyRefusal() {
        Set<NbdError> refusals = EnumSet.noneOf(NbdError.class);
        Arrays.stream(Refusal.values()).map(Refusal::error).forEach(refusals::add);
        assertThat(refusals).doesNotContain(NbdError.OK, NbdError.ENOMEM, NbdError.ENOTSUP);
    }
}
