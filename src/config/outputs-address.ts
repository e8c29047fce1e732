import type { OutputsBase } from "../element/output-places.ts"

const ADDRESS = /^s3:\/\/([^/]*)\/?(.*)$/s
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/

/** Control characters, and what URLs and consoles read as something else. */
const ODD = /[\p{Cc}\\?#]/u

/** What is wrong with where outputs are to go, as a sentence; null for a folder or a right address. */
export function outputsProblem(raw: unknown): string | null {
  if (typeof raw !== "string" || !raw.startsWith("s3:")) return null
  const [, bucket = "", rest = ""] = ADDRESS.exec(raw) ?? []
  if (!BUCKET.test(bucket)) return `${JSON.stringify(raw)} names no bucket: write s3://bucket/prefix.`
  const names = withoutEnd(rest).split("/")
  if (rest !== "" && names.some((name) => name === "" || name === "." || name === ".." || ODD.test(name)))
    return `the prefix of ${JSON.stringify(raw)} has an empty name, a dot alone or an odd character in it: write s3://bucket/some/prefix.`
  return names.some((name) => name === ".proxies")
    ? `the prefix of ${JSON.stringify(raw)} has .proxies in it, which is the name of folders that hold outputs: write another.`
    : null
}

/** Bucket and prefix of `s3://bucket/prefix`; null for a folder. */
export function outputsAddress(outputs: string): OutputsBase | null {
  const [, bucket, rest = ""] = ADDRESS.exec(outputs) ?? []
  if (bucket === undefined) return null
  return { bucket, prefix: rest === "" ? "" : `${withoutEnd(rest)}/` }
}

const withoutEnd = (prefix: string): string => (prefix.endsWith("/") ? prefix.slice(0, -1) : prefix)
