/** The one guard of every delete: sources belong to somebody else, and only outputs lie below a `.proxies` segment. */
export function assertOutputKey(key: string): void {
  if (!/(^|\/)\.proxies\/[^/]+$/.test(key) || key.split("/").includes(".."))
    throw new RangeError("store: only outputs in a .proxies folder are deleted")
}
