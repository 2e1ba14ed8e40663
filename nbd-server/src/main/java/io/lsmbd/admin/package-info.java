/**
 * The daemon's HTTP port: health, metrics, and the JSON API that {@code lsmctl} speaks. Owns no
 * state: everything is asked of {@link io.lsmbd.admin.VolumeAdmin}, {@link
 * io.lsmbd.admin.CertificateAdmin}, {@link io.lsmbd.admin.CostAdmin} and {@link
 * io.lsmbd.admin.Readiness}. The records of the API are in {@code io.lsmbd.admin.api}.
 */
@NullMarked
package io.lsmbd.admin;

import org.jspecify.annotations.NullMarked;
