import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { unwrap } from "../events/testing/results.ts"
import { objectStoreContract } from "./contract.ts"
import { openDirectoryStore } from "./directory.ts"
import { moveAway } from "./testing/folder.ts"

const open = async () => {
  const root = await mkdtemp(join(tmpdir(), "store-"))
  const openStore = async () => unwrap(await openDirectoryStore(new Map([["show", root]])))
  return {
    store: await openStore(),
    bucket: "show",
    erase: (key: string) => rm(join(root, key)),
    reopen: openStore,
    breakDown: () => moveAway(root),
    release: () => rm(root, { recursive: true, force: true }),
  }
}

objectStoreContract("directory", open, {
  badKeys: [
    "",
    "/etc/passwd",
    "//host/share",
    "a//b.exr",
    "folder/",
    "../up.exr",
    "a/../../up.exr",
    "./a.exr",
    "a/./b.exr",
    "a/..",
    "nul\0byte.exr",
    "lone \ud800 surrogate",
    ".object-metadata/a.exr.json",
    "a/.OBJECT-metadata/b",
    ".oiio-proxy-generator/state.sqlite",
    "x".repeat(256),
    `${"long/".repeat(1000)}a.exr`,
  ],
  heldKeys: [
    "back\\slash.exr",
    "c:stream.exr",
    "CON",
    "trailing. ",
    "x".repeat(255),
    `${"é".repeat(127)}/${"映".repeat(85)}`,
  ],
  etagOfSameBytes: "new",
  keeps: "for later runs",
  checkWritable: "asks",
})
