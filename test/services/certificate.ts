import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { onPath, run } from "./install/run.ts"

/** PEM texts of a server on loopback and of the authority that a client has to trust. */
export type Certificate = {
  /** The authority's certificate: what a client is given as `ca`. */
  readonly ca: string
  /** Private key, certificate and authority in one file, as Kafka and Trino read it. */
  readonly keystorePath: string
}

const DAYS = "30"
const NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

const openssl = async (folder: string, args: readonly string[]): Promise<void> => {
  if (onPath("openssl") === undefined) {
    throw new Error("openssl is needed for the TLS listeners of the test servers: install it.")
  }
  await run("openssl", args, { cwd: folder })
}

const make = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const authority = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=oiio test authority"]
  await openssl(folder, ["req", "-x509", ...NEW_KEY, ...authority, "-days", DAYS])
  const request = ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"]
  await openssl(folder, ["req", ...NEW_KEY, ...request])
  await writeFile(join(folder, "names.cnf"), `${NAMES}\n`)
  const signed = ["-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "server.pem"]
  await openssl(folder, ["x509", "-req", ...signed, "-days", DAYS, "-extfile", "names.cnf"])
  const parts = ["server.key", "server.pem", "ca.pem"].map((name) => readFile(join(folder, name), "utf8"))
  await writeFile(join(folder, "keystore.pem"), (await Promise.all(parts)).join(""), { mode: 0o600 })
}

/** A server certificate for localhost and 127.0.0.1 by an authority of its own; made once for a folder. */
export const certificateIn = async (folder: string): Promise<Certificate> => {
  const keystorePath = join(folder, "keystore.pem")
  if (!existsSync(keystorePath)) await make(folder)
  return { ca: await readFile(join(folder, "ca.pem"), "utf8"), keystorePath }
}
