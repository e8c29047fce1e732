import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { unwrap } from "../../events/testing/results.ts"
import { openDirectoryStore } from "../directory.ts"
import { codeOf } from "./store-fixture.ts"

/** Arguments: root, scratch folder, own name, condition ("ifAbsent" or an etag's "ifMatch" per name). Prints what it won. */
const [root = "", scratch = "", name = "", condition = ""] = process.argv.slice(2)
const store = unwrap(await openDirectoryStore(new Map([["show", root]])))
const file = join(scratch, name)
await writeFile(file, name)
for (let n = 0; n < 40; n++) {
  const ref = { bucket: "show", key: `${n}.jpg` }
  const options = { contentType: "image/jpeg", tags: {}, metadata: { winner: name } }
  const asked = condition === "ifAbsent" ? { ifAbsent: true } : { ifMatch: unwrap(await store.head(ref)).etag }
  const stale = condition !== "ifAbsent" && unwrap(await store.head(ref)).metadata.winner !== "nobody"
  const code = stale ? "late" : codeOf(await store.put(ref, file, { ...options, ...asked }))
  process.stdout.write(code === "ok" ? `${n} ` : "")
  if (!["ok", "late", "store/precondition-failed"].includes(code)) throw new Error(code)
}
