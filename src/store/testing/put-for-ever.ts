import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { unwrap } from "../../events/testing/results.ts"
import { openDirectoryStore } from "../directory.ts"

/** Argument: root, scratch folder, first number. Replaces a.jpg by numbered versions until it is killed. */
const [root = "", scratch = "", first = "0"] = process.argv.slice(2)
const store = unwrap(await openDirectoryStore(new Map([["show", root]])))
process.stdout.write("started\n")
for (let n = Number(first); ; n++) {
  const file = join(scratch, "version")
  await writeFile(file, `${n},`.repeat(20_000))
  const options = { contentType: "image/jpeg", tags: {}, metadata: { version: `${n}` } }
  // Each has a way of its own to become visible: by renaming, by linking, under a claim.
  const before = unwrap(await store.put({ bucket: "show", key: "a.jpg" }, file, options))
  unwrap(await store.put({ bucket: "show", key: `${n}.jpg` }, file, { ...options, ifAbsent: true }))
  unwrap(await store.put({ bucket: "show", key: "a.jpg" }, file, { ...options, ifMatch: before.etag }))
}
