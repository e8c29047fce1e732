import { failure } from "../events/result.ts"
import { objectStoreContract } from "./contract.ts"
import { openMemoryStore } from "./memory.ts"

const open = async () => {
  const store = openMemoryStore({ buckets: ["show"] })
  const erase = async (key: string): Promise<void> => store.erase({ bucket: "show", key })
  const breakDown = async () => {
    store.outage = failure("store/unreachable", "The store is away.")
    return async (): Promise<void> => {
      store.outage = null
    }
  }
  return { store, bucket: "show", erase, reopen: null, breakDown, release: async () => undefined }
}

objectStoreContract("memory", open, {
  badKeys: ["", "x".repeat(1025), "lone \ud800 surrogate"],
  heldKeys: ["/absolute.exr", "a//b.exr", "../up.exr", "folder/"],
  etagOfSameBytes: "same",
  keeps: "while it is open",
  checkWritable: "asks",
})
