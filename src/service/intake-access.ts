import { addressTest, isLoopback } from "../config/address-ranges.ts"
import type { Config } from "../config/index.ts"
import { pem } from "../deployment/server-access.ts"
import { type Failure, failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import type { IntakeTrust } from "../ingest/arrival/message.ts"
import { type HttpAccess, isAnonymous } from "../ingest/http/access.ts"
import type { HttpLimits } from "../ingest/http.ts"

const wanting = (says: string): Failure => failure("config/invalid", says)

/** Who may send to the HTTP intake. Fails config/invalid, naming the setting; so does an intake that anybody may reach. */
export function intakeAccess(config: Config): Result<HttpAccess> {
  const tls = tlsOf(config)
  if (!tls.ok) return tls
  const access: HttpAccess = {
    secrets: config.intakeSecret,
    proof: config.intakeProof,
    allows: config.intakeAllow.length === 0 ? null : addressTest(config.intakeAllow),
    tls: tls.value,
  }
  if (!isAnonymous(access) || isLoopback(config.intakeHost)) return done(access)
  return failed(
    wanting(
      `OIIO_INTAKE_HOST: ${config.intakeHost} can be reached from other machines, so senders must be known: set OIIO_INTAKE_SECRET, OIIO_INTAKE_ALLOW or OIIO_INTAKE_CLIENT_CA, listen on 127.0.0.1, or switch the HTTP intake off (OIIO_INTAKE_HTTP=false).`,
    ),
  )
}

function tlsOf({ intakeCert, intakeKey, intakeClientCa }: Config): Result<HttpAccess["tls"]> {
  if ((intakeCert === null) !== (intakeKey === null))
    return failed(wanting("OIIO_INTAKE_CERT and OIIO_INTAKE_KEY belong together."))
  if (intakeCert === null && intakeClientCa !== null)
    return failed(wanting("OIIO_INTAKE_CLIENT_CA needs OIIO_INTAKE_CERT and OIIO_INTAKE_KEY."))
  const cert = pem(intakeCert, "OIIO_INTAKE_CERT")
  if (!cert.ok) return cert
  const key = pem(intakeKey, "OIIO_INTAKE_KEY")
  if (!key.ok) return key
  const clientCa = pem(intakeClientCa, "OIIO_INTAKE_CLIENT_CA")
  if (!clientCa.ok) return clientCa
  return done(
    cert.value === null || key.value === null ? null : { cert: cert.value, key: key.value, clientCa: clientCa.value },
  )
}

/** Until a request's headers are there, and over which a body's throughput is measured. */
const PATIENCE_MS = 10_000

export const intakeLimits = (config: Config): HttpLimits => ({
  mostBodyBytes: config.intakeBodyBytes,
  mostRecords: config.intakeRecords,
  recordsPerMinute: config.intakeRate,
  mostConnections: config.intakeConnections,
  mostConnectionsPerAddress: Math.min(config.intakeConnections, config.intakeConnectionsPerAddress),
  leastBytesPerSecond: config.leastThroughputBytes,
  patienceMs: PATIENCE_MS,
})

/** What the intake of one kind believes of its senders. */
export const intakeTrust = (config: Config, kind: "kafka" | "http"): IntakeTrust => ({
  ids: [kind, "all"].includes(config.intakeTrustIds),
  force: [kind, "all"].includes(config.intakeTrustForce),
})
